import { first, type Told } from "../server.ts";
import { allow, toWire } from "./callers.ts";
import { key, type Policy } from "./rights.ts";
import { makePerson, policyOf, type System, scopeOf } from "./system.ts";

/** Where the people of the first account are. */
export const at = `/client/v4/accounts/${first.accountId}`;

/** Somebody who tries to raise rights, its own or a friend's. */
export type Actor = {
  readonly name: string;
  readonly memberId: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What it holds; one that is scoped holds that on the scene's user group alone. */
  readonly groups: readonly string[];
  readonly scoped: boolean;
};

/** A request that an actor makes in a scene. */
export type Attempt = { readonly method: string; readonly path: string; readonly body?: unknown };

/** One try: a user group without policies, a friend without rights, the actor as it is at first. */
export type Scene = {
  readonly system: System;
  readonly actor: Actor;
  readonly groupId: string;
  readonly friend: string;
  /** What the actor is after, and the same as a deny. */
  readonly wanted: Policy;
  readonly denied: Policy;
  /** What the actor holds by itself. */
  readonly base: Policy;
  /** Gives the user group these policies and members. */
  fill(policies: readonly object[], members?: readonly string[]): Promise<void>;
  /** Gives a member these policies of its own. */
  give(memberId: string, policies: readonly object[]): Promise<void>;
  /** Makes a resource group of what a key covers. */
  area(covered: string): Promise<string>;
  /** Asks as the owner of the installation. Throws where that is refused. */
  owner(method: string, path: string, body?: unknown): Promise<any>;
  /** Policies as they are sent: of people, of people about a resource group, of tokens. */
  wire(policy: Policy): object;
  about(policy: Policy, resourceGroupId: string): object;
  token(policy: Policy): object;
  /** Takes away what could go on giving rights. */
  end(): Promise<void>;
};

/** Makes a member with a global key that holds some permission groups. */
export async function makeActor(
  system: System,
  name: string,
  groups: readonly string[],
  scoped = false,
): Promise<Actor> {
  const policies = scoped ? [] : [policyOf(system, allow([...groups]))];
  const address = `${name.replaceAll(/\W+/g, "-")}@example.com`;
  return { name, groups, scoped, ...(await makePerson(system.owner, first.accountId, address, policies)) };
}

let friends = 0;

/** Sets a scene in which an actor is after some rights; without `after`, such as it has itself. */
export async function setScene(system: System, actor: Actor, after?: readonly string[]): Promise<Scene> {
  const owner = async (method: string, path: string, body?: unknown) =>
    resultOf(await system.owner(method, path, body));
  const groupId = (await owner("POST", `${at}/iam/user_groups`, { name: "Of the scene" })).id;
  friends += 1;
  const friend = (await owner("POST", `${at}/members`, { email: `friend-${friends}@example.com` })).id;
  const on = actor.scoped ? [key.thing("user-group", groupId)] : [];
  const base = allow([...actor.groups], ...on);
  const wanted = after ? allow([...after]) : base;
  const wire = (policy: Policy) => policyOf(system, policy);
  const give = (memberId: string, policies: readonly object[]) =>
    owner("PUT", `${at}/members/${memberId}`, { policies });
  await give(actor.memberId, [wire(base)]);
  return {
    system,
    actor,
    groupId,
    friend,
    wanted,
    denied: { ...wanted, effect: "deny" },
    base,
    async fill(policies, members = []) {
      const group = `${at}/iam/user_groups/${groupId}`;
      await owner(
        "PUT",
        `${group}/members`,
        members.map((id) => ({ id })),
      );
      await owner("PUT", group, { policies });
    },
    give,
    area: async (covered) =>
      (await owner("POST", `${at}/iam/resource_groups`, { name: "Area", scope: scopeOf(covered) })).id,
    owner,
    wire,
    about: (policy, id) => ({ ...wire(policy), resource_groups: [{ id }] }),
    token: (policy) => toWire(system, policy),
    async end() {
      await system.owner("DELETE", `${at}/iam/user_groups/${groupId}`);
      await system.owner("DELETE", `${at}/members/${friend}`);
      await give(actor.memberId, [wire(base)]);
    },
  };
}

/** Asks as an actor. */
export function askAs(
  { system, actor }: Scene,
  { method, path, body }: Attempt,
  dryRun = false,
): Promise<Told> {
  return system.owner(method, dryRun ? `${path}?dry_run=true` : path, body, actor.headers);
}

function resultOf({ status, body }: Told): any {
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.result;
}
