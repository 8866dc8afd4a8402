import type { System } from "../attack/system.ts";
import { first } from "../server.ts";
import type { Row } from "./table.ts";

/** The first account on `/client/v4`. */
export const account = `/client/v4/accounts/${first.accountId}`;

/** The scope key of the first account and everything in it. */
export const wholeAccount = `com.cloudflare.api.account.${first.accountId}`;

/** A scope as it is right. */
export const scope = { key: wholeAccount, objects: [{ key: "*" }] };

/** An id in the right shape that nothing has. */
export const none = "00000000000000000000000000000000";

/** What there is of people in the first account, and what another account has, which must not be named in it. */
export type People = {
  readonly userGroup: string;
  readonly accepted: string;
  readonly pending: string;
  /** The user that the accepted member is, which is not the member. */
  readonly userId: string;
  /** It is in the policies of the user group and of the accepted member. */
  readonly resourceGroup: string;
  /** A resource group that was given inline, in a policy of the user group. */
  readonly inline: string;
  readonly permissionGroup: string;
  readonly foreign: { readonly userGroup: string; readonly member: string; readonly resourceGroup: string };
};

/** Fills a system with people. */
export async function peopleIn({ owner, other, groupId }: System): Promise<People> {
  const permissionGroup = groupId("Zone Read");
  const make = async (accountId: string, path: string, body: object) => {
    const told = await owner("POST", `/client/v4/accounts/${accountId}/${path}`, body);
    if (told.status !== 200) throw new Error(`${path}: ${JSON.stringify(told.body)}`);
    return told.body.result;
  };
  const makeAll = async (accountId: string) => {
    const resourceGroup = await make(accountId, "iam/resource_groups", { name: "Named", scope });
    const policies = [{ ...policy(permissionGroup, { id: resourceGroup.id }) }];
    const more = policy(permissionGroup, { scope: { ...scope, objects: [{ key: `${wholeAccount}.x` }] } });
    const group = await make(accountId, "iam/user_groups", { name: "Group", policies: [...policies, more] });
    const email = `in-${accountId}@example.com`;
    const member = await make(accountId, "members", { email, status: "accepted", policies });
    return { resourceGroup, group, member };
  };
  const [own, foreign] = [await makeAll(first.accountId), await makeAll(other.accountId)];
  await owner("POST", `${account}/iam/user_groups/${own.group.id}/members`, [{ id: own.member.id }]);
  const pending = await make(first.accountId, "members", { email: "pending@example.com", policies: [] });
  return {
    userGroup: own.group.id,
    accepted: own.member.id,
    pending: pending.id,
    userId: own.member.user.id,
    resourceGroup: own.resourceGroup.id,
    inline: own.group.policies[1].resource_groups[0].id,
    permissionGroup,
    foreign: {
      userGroup: foreign.group.id,
      member: foreign.member.id,
      resourceGroup: foreign.resourceGroup.id,
    },
  };
}

/** A policy of people as it is sent. */
export function policy(permissionGroup: string, ...resource_groups: unknown[]) {
  return { access: "allow", permission_groups: [{ id: permissionGroup }], resource_groups };
}

/** Rows of requests that are wrong alike. */
export function alike(
  requests: readonly { what: string; method: string; path: string; right?: object }[],
  wrong: readonly (readonly [what: string, more: object, pointer: string])[],
): Row[] {
  return wrong.flatMap(([what, more, pointer]) =>
    requests.map(({ what: where, method, path, right }) => ({
      what: `${what}, ${where}`,
      method,
      path,
      body: { ...right, ...more },
      wanted: { status: 400, pointer },
    })),
  );
}
