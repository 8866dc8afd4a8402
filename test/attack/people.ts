import { first } from "../server.ts";
import { allow, type Caller, deny, keysOf, type Wanted } from "./callers.ts";
import { key, type Policy } from "./rights.ts";
import { makePerson, policyOf, type System } from "./system.ts";

/** Tokens that hold a part of what there is to do with people. */
export function tokensAboutPeople(system: System): Record<string, Wanted> {
  const { own, hidden } = keysOf(system);
  const scim = ["SCIM Provisioning"];
  return {
    "provisioner of one user group": { policies: [allow(scim, own["user-group"])] },
    "provisioner of all user groups but one": {
      policies: [allow(scim, key.kind("user-group")), deny(scim, hidden["user-group"])],
    },
    "provisioner denied one member": {
      policies: [allow(scim), deny(["Account Settings Read"], hidden.member)],
    },
    "provisioner denied whom it would add": {
      policies: [allow(scim), deny(["Account Settings Read"], key.thing("member", system.looseMember.id))],
    },
    "reader of one member": { policies: [allow(["Account Settings Read"], own.member)] },
    "writer of one member": { policies: [allow(["Account Settings Write"], own.member)] },
    "reader of one resource group": { policies: [allow(["Account Settings Read"], own["resource-group"])] },
    "writer of one resource group": { policies: [allow(["Account Settings Write"], own["resource-group"])] },
    "reader of one permission group": {
      policies: [allow(["Administrator Read Only"], own["permission-group"])],
    },
    "reader of all permission groups but one": {
      policies: [allow(["Devices Read"]), deny(["Devices Read"], hidden["permission-group"])],
    },
    "super administrator denied one member": {
      policies: [
        allow(["Super Administrator - All Privileges"]),
        deny(["Account Settings Read"], own.member),
      ],
    },
    "super administrator of a kind alone": {
      policies: [allow(["Super Administrator - All Privileges"], key.kind("member"))],
    },
  };
}

/** What a person holds itself, and what each of the user groups that it is in holds. */
type Person = { readonly own?: Policy[]; readonly groups?: Policy[][] };

function people(system: System): Record<string, Person> {
  const { own, hidden } = keysOf(system);
  const scim = ["SCIM Provisioning"];
  const admin = allow(["Administrator"]);
  return {
    "super administrator through a group": {
      groups: [[allow(["Super Administrator - All Privileges"])]],
    },
    "administrator through a group": { groups: [[admin]] },
    "administrator through two groups": {
      groups: [
        [allow(["Administrator"], key.kind("user-group"))],
        [allow(["Administrator"], key.kind("member"))],
      ],
    },
    "read-only through a group": { groups: [[allow(["Administrator Read Only"])]] },
    "provisioner through a group": { groups: [[allow(scim)]] },
    "delegate through a group": {
      groups: [[allow(scim, own["user-group"]), allow(["Device Groups Write"], own["device-group"])]],
    },
    "administrator through a group, denied by another": {
      groups: [[admin], [deny(["Account Settings Write"], hidden["user-group"], hidden.member)]],
    },
    "administrator by itself, denied by a group": {
      own: [admin],
      groups: [[deny(["Account Settings Write", "Device Groups Write"], hidden["device-group"], own.member)]],
    },
    "administrator through a group, denied by itself": {
      own: [deny(["SCIM Provisioning"])],
      groups: [[admin]],
    },
    "member of a group without policies": { groups: [[]] },
  };
}

/** Members with a global key, whose rights come from themselves or from the user groups that they are in. */
export async function makePeople(system: System): Promise<Caller[]> {
  const callers = [await itself(system)];
  for (const [name, { own = [], groups = [] }] of Object.entries(people(system))) {
    const person = await makePerson(system.owner, first.accountId, addressOf(name), own.map(wire(system)));
    for (const policies of groups) await makeGroup(system, name, policies, person.memberId);
    callers.push(callerFrom(name, person, first.accountId, [...own, ...groups.flat()]));
  }
  return [...callers, ...(await elsewhere(system))];
}

/** The member that the matrix is about, without any rights: what it may is its own key. */
async function itself({ self, things }: System): Promise<Caller> {
  const person = { memberId: things.member?.own.id ?? "", headers: self };
  return callerFrom("a member without rights", person, first.accountId, []);
}

/** Somebody who is only in the second account, and somebody who is in both, without rights in the first. */
async function elsewhere(system: System): Promise<Caller[]> {
  const { accountId } = system.other;
  const admin = allow(["Administrator"], key.account(accountId));
  const there = await makePerson(system.owner, accountId, "there@example.com", [wire(system)(admin)]);
  const both = await makePerson(system.owner, accountId, "both@example.com", [wire(system)(admin)]);
  const { memberId } = await makePerson(system.owner, first.accountId, "both@example.com", [], both.headers);
  return [
    callerFrom("member of the second account", there, accountId, [admin]),
    { ...callerFrom("member of both accounts", { ...both, memberId }, first.accountId, []), several: true },
  ];
}

function callerFrom(
  name: string,
  { memberId, headers }: { memberId: string; headers: Caller["headers"] },
  accountId: string,
  policies: readonly Policy[],
): Caller {
  return { name, type: "person", standing: "active", accountId, policies, memberId, headers };
}

async function makeGroup(system: System, name: string, policies: readonly Policy[], memberId: string) {
  const groups = `/client/v4/accounts/${first.accountId}/iam/user_groups`;
  const body = { name, policies: policies.map(wire(system)) };
  const { body: made } = await system.owner("POST", groups, body);
  const { status } = await system.owner("POST", `${groups}/${made.result.id}/members`, [{ id: memberId }]);
  if (status !== 200) throw new Error(`no user group for ${name}`);
}

const wire = (system: System) => (policy: Policy) => policyOf(system, policy);
const addressOf = (name: string) => `${name.replaceAll(/\W+/g, "-")}@example.com`;
