import { first, type Told } from "../server.ts";
import { makePeople, tokensAboutPeople } from "./people.ts";
import { key, type Policy } from "./rights.ts";
import { type kinds, pair, type System } from "./system.ts";

/** Somebody who calls, with everything that decides what it may do. */
export type Caller = {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `nobody` sends no credential, `unknown` one that is not ours; a `person` may be in several accounts. */
  readonly type: "person" | "token" | "unknown" | "nobody";
  readonly standing: "active" | "disabled" | "expired" | "not-yet-valid" | "address-refused";
  readonly accountId: string;
  readonly policies: readonly Policy[];
  /** What a person is in the account. */
  readonly memberId?: string;
  /** In more accounts than this one: then a request has to say which. */
  readonly several?: true;
  readonly ownsInstallation?: true;
};

/** What a token is made of. */
export type Wanted = { accountId?: string; standing?: Caller["standing"]; policies: Policy[] };

/** An allow of permission groups on some scope keys, or on the whole first account. */
export function allow(groups: string[], ...on: string[]): Policy {
  return { effect: "allow", groups, on: on.length > 0 ? on : [key.account(first.accountId)] };
}

/** A deny of the same. */
export function deny(groups: string[], ...on: string[]): Policy {
  return { ...allow(groups, ...on), effect: "deny" };
}

/** Everybody whom the matrix lets call. */
export async function makeCallers(system: System): Promise<Caller[]> {
  const callers = await builtIn();
  const singles = Object.fromEntries(system.names.map((name) => [name, { policies: [allow([name])] }]));
  for (const [name, one] of Object.entries({ ...singles, ...tokensOf(system), ...tokensAboutPeople(system) }))
    callers.push(await makeToken(system, name, one));
  return [...callers, ...(await makePeople(system))];
}

/** Tokens that hold more than a single permission group, less than the account, or nothing that they may use. */
function tokensOf(system: System): Record<string, Wanted> {
  const { own, hidden } = keysOf(system);
  const reads = allow(["Device Groups Read"], own["device-group"]);
  const seesAll = allow(["Device Groups Read", "Devices Read"]);
  const notOne = deny(["Device Groups Read", "Devices Read"], hidden["device-group"]);
  const admin = allow(["Administrator"]);
  const both = ["Device Groups Read", "Devices Read"];
  return {
    "reader of one group": { policies: [reads] },
    "reader of one group, then denied": { policies: [reads, { ...reads, effect: "deny" }] },
    "reader of one group, first denied": { policies: [{ ...reads, effect: "deny" }, reads] },
    "reader of all groups but one": { policies: [seesAll, notOne] },
    "reader of all groups, first denied one": { policies: [notOne, seesAll] },
    "reader through one group": { policies: [allow(both, own["device-group"])] },
    "reader through one group, denied its device": {
      policies: [allow(both, own["device-group"]), deny(["Devices Write"], own.device)],
    },
    "reader of all devices through groups": { policies: [allow(both, key.kind("device-group"))] },
    "mover between two groups": {
      policies: [allow(["Device Group Membership Write"], own["device-group"], hidden["device-group"])],
    },
    "mover of one group who reads all": {
      policies: [allow(["Device Group Membership Write"], own["device-group"]), allow(both)],
    },
    "mover who may not see one of the groups": {
      policies: [allow(["Device Group Membership Write"]), notOne],
    },
    "writer of one group": { policies: [allow(["Device Groups Write"], own["device-group"])] },
    "writer of groups, denied the members of one": {
      policies: [
        allow(["Device Groups Write"]),
        deny(["Device Group Membership Write"], own["device-group"]),
      ],
    },
    "reader of one enrolment token": { policies: [allow(["Devices Read"], own["enrolment-token"])] },
    "writer of one enrolment token": { policies: [allow(["Devices Write"], own["enrolment-token"])] },
    "writer of enrolment tokens, denied one": {
      policies: [
        allow(["Devices Write"], key.kind("enrolment-token")),
        deny(["Devices Read"], hidden["enrolment-token"]),
      ],
    },
    "writer of one device": { policies: [allow(["Devices Write"], own.device)] },
    ...deploymentTokensOf(system),
    "reader of one token": { policies: [allow(["Account API Tokens Read"], own["api-token"])] },
    "writer of one token": { policies: [allow(["Account API Tokens Write"], own["api-token"])] },
    "administrator denied all reading": { policies: [admin, deny(["Administrator Read Only"])] },
    "administrator of another account's key": {
      policies: [allow(["Administrator"], key.account(system.other.accountId))],
    },
    "administrator of a kind there is not": { policies: [allow(["Administrator"], key.kind("zone"))] },
    "administrator by the star": { policies: [allow(["Administrator"], key.account("*"))] },
    "disabled token": { standing: "disabled", policies: [admin] },
    "expired token": { standing: "expired", policies: [admin] },
    "token that is not yet valid": { standing: "not-yet-valid", policies: [admin] },
    "token of another address": { standing: "address-refused", policies: [admin] },
    "token of the second account": {
      accountId: system.other.accountId,
      policies: [allow(["Administrator"], key.account(system.other.accountId))],
    },
  };
}

/** Tokens that see or change part of what decides which version devices run. */
function deploymentTokensOf(system: System): Record<string, Wanted> {
  const { own, hidden } = keysOf(system);
  return {
    "reader of one deployment group": { policies: [allow(["Zero Trust Read"], own["deployment-group"])] },
    "writer of one deployment group": { policies: [allow(["Zero Trust Write"], own["deployment-group"])] },
    "reader of one device policy": { policies: [allow(["Zero Trust Read"], own["device-policy"])] },
    "writer of one device policy": { policies: [allow(["Zero Trust Write"], own["device-policy"])] },
    "writer of the default device policy": {
      policies: [allow(["Zero Trust Write"], key.thing("device-policy", system.standard.id))],
    },
    "writer of device policies, denied the default one": {
      policies: [
        allow(["Zero Trust Write"]),
        deny(["Zero Trust Read"], key.thing("device-policy", system.standard.id)),
      ],
    },
    "reader of all device policies but one": {
      policies: [allow(["Zero Trust Read"]), deny(["Zero Trust Write"], hidden["device-policy"])],
    },
    "reader of one client version": { policies: [allow(["Zero Trust Read"], own["client-version"])] },
    "writer of one client version": { policies: [allow(["Zero Trust Write"], own["client-version"])] },
    "writer of all client versions but one": {
      policies: [allow(["Zero Trust Write"]), deny(["Zero Trust Read"], hidden["client-version"])],
    },
  };
}

type Keys = Record<(typeof kinds)[number], string>;

/** The scope keys of the things of the first account. */
export function keysOf({ things }: System): { own: Keys; hidden: Keys } {
  const keys = (which: "own" | "hidden") =>
    Object.fromEntries(
      Object.entries(things).map(([kind, of]) => [kind, key.thing(kind, of[which].id)]),
    ) as Keys;
  return { own: keys("own"), hidden: keys("hidden") };
}

async function builtIn(): Promise<Caller[]> {
  const everything = [allow(["Super Administrator - All Privileges"])];
  const common = { standing: "active", accountId: first.accountId } as const;
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
  return [
    {
      ...common,
      name: "the owner's key",
      type: "person",
      headers: pair,
      policies: everything,
      several: true,
      ownsInstallation: true,
    },
    {
      ...common,
      name: "the first token",
      type: "token",
      headers: bearer(first.apiToken),
      policies: everything,
    },
    { ...common, name: "nobody", type: "nobody", headers: {}, policies: [] },
    {
      ...common,
      name: "an unknown token",
      type: "unknown",
      headers: bearer("flat_".padEnd(51, "0")),
      policies: [],
    },
    {
      ...common,
      name: "an unknown key",
      type: "unknown",
      headers: { ...pair, "x-auth-key": "0".repeat(32) },
      policies: [],
    },
  ];
}

async function makeToken(system: System, name: string, wanted: Wanted): Promise<Caller> {
  const { accountId = first.accountId, standing = "active", policies } = wanted;
  const tokens = `/client/v4/accounts/${accountId}/tokens`;
  const body = { name, policies: policies.map((policy) => toWire(system, policy)), ...limits[standing] };
  const { id, value } = resultOf(await system.owner("POST", tokens, body));
  if (standing === "disabled")
    resultOf(await system.owner("PUT", `${tokens}/${id}`, { ...body, status: "disabled" }));
  return {
    name,
    type: "token",
    standing,
    accountId,
    policies,
    headers: { authorization: `Bearer ${value}` },
  };
}

/** What makes a token unusable; the tests come from 127.0.0.1. */
const limits: Record<Caller["standing"], object> = {
  active: { condition: { request_ip: { in: ["127.0.0.0/8"], not_in: ["127.0.0.2"] } } },
  disabled: {},
  expired: { expires_on: "2020-01-01T00:00:00Z" },
  "not-yet-valid": { not_before: "2250-01-01T00:00:00Z" },
  "address-refused": { condition: { request_ip: { not_in: ["127.0.0.0/8"] } } },
};

/** A policy as a request spells it. */
export function toWire({ groupId }: System, { effect, groups, on }: Policy) {
  return {
    effect,
    permission_groups: groups.map((name) => ({ id: groupId(name) })),
    resources: Object.fromEntries(on.map((each) => [each, "*"])),
  };
}

function resultOf({ status, body }: Told): any {
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.result;
}
