import { first, type Running, type Told } from "../server.ts";
import { key, type Policy, type Thing } from "./rights.ts";

/** The four things of a kind that every request is tried on. */
export type Things = { own: Thing; hidden: Thing; foreign: Thing; missing: Thing };

/** A server with two of everything in the first account and one of everything in a second one. */
export type System = {
  readonly running: Running;
  readonly other: { readonly accountId: string; readonly orgId: string };
  readonly things: Readonly<Record<string, Things>>;
  /** The device policy that the first account always had. */
  readonly standard: Thing;
  /** A device of the first account that is in no group. */
  readonly loose: Thing;
  /** A member of the first account that is in no user group. */
  readonly looseMember: Thing;
  /** The key of the member that is one's own, who has no rights. */
  readonly self: Headers;
  /** An invitation into the first account that is still open, to somebody new. */
  readonly invitation: string;
  readonly names: readonly string[];
  groupId(name: string): string;
  /** Asks as the owner of the installation, a super administrator of both accounts, or as who sends these headers. */
  owner(method: string, path: string, body?: unknown, headers?: Headers): Promise<Told>;
};

type Headers = Readonly<Record<string, string>>;

/** Both headers of the owner's key. */
export const pair = { "x-auth-email": first.email, "x-auth-key": first.apiKey };

/** Builds it. */
export async function buildSystem(running: Running): Promise<System> {
  const owner = (method: string, path: string, body?: unknown, headers: Headers = pair) =>
    running.ask(method, path, { token: null, headers: { ...headers }, body });
  const catalogue: { id: string; name: string }[] = (
    await owner("GET", `/client/v4/accounts/${first.accountId}/tokens/permission_groups`)
  ).body.result;
  const groupId = (name: string) => {
    const found = catalogue.find((group) => group.name === name);
    if (!found) throw new Error(`no permission group ${name}`);
    return found.id;
  };
  const second = (await owner("POST", "/client/v4/accounts", { name: "Second" })).body.result;
  const other = { accountId: second.id, orgId: second.org_id };
  const make = makerAs(owner);
  const inert = groupId("Zone Read");
  const self = await makePerson(owner, first.accountId, "own@example.com", []);
  const pending = await make(membersOf(first.accountId), { email: "hidden@example.com" });
  const stranger = await makePerson(owner, other.accountId, "foreign@example.com", []);
  const invited = await owner("POST", membersOf(first.accountId), { email: "invited@example.com" });
  const thingsOf = (account: Account, name: string, memberId: string, headers: Headers, group: string) =>
    makeThings(make, account, { name, memberId, inert, group, asHolder: makerAs(owner, headers) });
  const own = await thingsOf(first, "own", self.memberId, self.headers, groupId("Devices Read"));
  const hidden = await thingsOf(first, "hidden", pending, pair, groupId("Zero Trust Write"));
  const foreign = await thingsOf(other, "foreign", stranger.memberId, stranger.headers, missingIds.member);
  const exclusions = `/api/v1/device-groups/${own["device-group"].id}/exclusions`;
  await make(exclusions, { device_ids: [hidden.device.id] });
  const things = kinds.map((kind) => {
    const missing = { kind, id: missingIds[kind], accountId: "none" };
    return [kind, { own: own[kind], hidden: hidden[kind], foreign: foreign[kind], missing }] as const;
  });
  return {
    running,
    other,
    things: Object.fromEntries(things),
    standard: await standardOf(owner, first.accountId),
    loose: await makeDevice(make, first, "loose", []),
    looseMember: {
      kind: "member",
      id: await make(membersOf(first.accountId), { email: "loose@example.com" }),
      accountId: first.accountId,
    },
    self: self.headers,
    invitation: invited.body.result.invitation_token,
    names: catalogue.map(({ name }) => name),
    groupId,
    owner,
  };
}

/** The kinds that the matrix is about. */
export const kinds = [
  "device-group",
  "device",
  "enrolment-token",
  "deployment-group",
  "device-policy",
  "client-version",
  "api-token",
  "member",
  "user-group",
  "resource-group",
  "permission-group",
  "user-token",
] as const;

/** Ids in the right shape that nothing has. */
const missingIds = {
  "device-group": "grp_00000000000000000000000000",
  device: "dev_00000000000000000000000000",
  "enrolment-token": "00000000000000000000000000000000",
  "deployment-group": "00000000-0000-7000-8000-000000000000",
  "device-policy": "00000000-0000-7000-8000-000000000000",
  "client-version": "windows/2026.9.0.0",
  "api-token": "00000000000000000000000000000000",
  member: "00000000000000000000000000000000",
  "user-group": "00000000000000000000000000000000",
  "resource-group": "00000000000000000000000000000000",
  "permission-group": "00000000000000000000000000000000",
  "user-token": "00000000000000000000000000000000",
};

const membersOf = (accountId: string) => `/client/v4/accounts/${accountId}/members`;

/** The scope of everything that a key covers. */
export const scopeOf = (covered: string) => ({ key: covered, objects: [{ key: "*" }] });

/** A policy of people as a request spells it. */
export function policyOf({ groupId }: Pick<System, "groupId">, { effect, groups, on }: Policy) {
  return {
    access: effect,
    permission_groups: groups.map((name) => ({ id: groupId(name) })),
    resource_groups: on.map((each) => ({ scope: scopeOf(each) })),
  };
}

/** Makes a member who accepted its invitation: a new person, or the one with these headers. */
export async function makePerson(
  owner: System["owner"],
  accountId: string,
  email: string,
  policies: readonly object[],
  known?: Headers,
): Promise<{ memberId: string; headers: Headers }> {
  const { body: made } = await owner("POST", membersOf(accountId), { email, policies });
  if (!made.success) throw new Error(`${email}: ${JSON.stringify(made)}`);
  const { id, invitation_token } = made.result;
  const accepted = await owner(
    "POST",
    "/api/v1/invitations/accept",
    { token: invitation_token },
    known ?? {},
  );
  if (accepted.status !== 200) throw new Error(`${email}: ${JSON.stringify(accepted.body)}`);
  return { memberId: id, headers: known ?? { "x-auth-email": email, "x-auth-key": accepted.body.api_key } };
}

type Account = { readonly accountId: string; readonly orgId: string };
type Make = (path: string, body: object, method?: "PUT") => Promise<string>;

/** Makes things as the owner and answers their ids. */
function makerAs(owner: System["owner"], headers = pair as Headers): Make {
  return async (path, body, method) => {
    const { status, body: answer } = await owner(method ?? "POST", path, body, headers);
    if (status > 201) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    const { id, policy_id } = answer.result ?? answer;
    return id ?? policy_id;
  };
}

async function standardOf(owner: System["owner"], accountId: string): Promise<Thing> {
  const { body } = await owner("GET", `/client/v4/accounts/${accountId}/devices/policy`);
  return { kind: "device-policy", id: body.result.policy_id, accountId };
}

async function makeDevice(make: Make, { accountId, orgId }: Account, name: string, groups: string[]) {
  const body = { org_id: orgId, device_identifier: name, user: { email: `${name}@example.com` } };
  const id = await make("/api/v1/devices/register", body);
  return { kind: "device", id, accountId, groups };
}

/** What things are made of: the member, the permission groups, and who has the token of its own. */
type Given = {
  readonly name: string;
  readonly memberId: string;
  readonly inert: string;
  readonly group: string;
  readonly asHolder: Make;
};

/**
 * Makes one thing of each kind in an account: device and member are in their groups, the deployment group targets the
 * device, nobody may do anything.
 */
async function makeThings(make: Make, account: Account, given: Given) {
  const { name, inert, memberId, group: permissionGroup } = given;
  const { accountId, orgId } = account;
  const at = `/client/v4/accounts/${accountId}`;
  const group = await make("/api/v1/device-groups", { org_id: orgId, name, group_type: "hybrid" });
  const device = await makeDevice(make, account, name, [group]);
  await make(`/api/v1/device-groups/${group}/devices/${device.id}`, {});
  const enrolment = await make("/api/v1/enrolment-tokens", { org_id: orgId, name });
  const version_config = [{ target_environment: "macos", version: "1" }];
  const precedence = ["own", "hidden", "foreign"].indexOf(name);
  const match = `identity.email == "${name}@example.com"`;
  const devicePolicy = await make(`${at}/devices/policy`, { name, match, precedence });
  const targeting = { name, version_config, policy_ids: [devicePolicy] };
  const deployment = await make(`${at}/devices/deployment-groups`, targeting);
  const clientVersion = `windows/2026.${precedence + 1}.0.0`;
  await make(`${at}/devices/client-versions/${clientVersion}`, {}, "PUT");
  const resources = { [key.account(accountId)]: "*" };
  const policies = [{ effect: "allow", permission_groups: [{ id: inert }], resources }];
  const token = await make(`${at}/tokens`, { name, policies });
  const ofOwn = await given.asHolder("/client/v4/user/tokens", { name, policies });
  const scope = scopeOf(key.account(accountId));
  const people = await make(`${at}/iam/user_groups`, {
    name,
    policies: [{ access: "allow", permission_groups: [{ id: inert }], resource_groups: [{ scope }] }],
  });
  await make(`${at}/iam/user_groups/${people}/members`, [{ id: memberId }]);
  const area = await make(`${at}/iam/resource_groups`, { name, scope });
  return {
    "device-group": { kind: "device-group", id: group, accountId },
    member: { kind: "member", id: memberId, accountId },
    "user-group": { kind: "user-group", id: people, accountId },
    "resource-group": { kind: "resource-group", id: area, accountId },
    "permission-group": { kind: "permission-group", id: permissionGroup, accountId },
    device,
    "enrolment-token": { kind: "enrolment-token", id: enrolment, accountId },
    "deployment-group": { kind: "deployment-group", id: deployment, accountId },
    "device-policy": { kind: "device-policy", id: devicePolicy, accountId },
    "client-version": { kind: "client-version", id: clientVersion, accountId },
    "api-token": { kind: "api-token", id: token, accountId },
    "user-token": { kind: "user-token", id: ofOwn, accountId },
  };
}
