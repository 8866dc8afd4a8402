import { first, type Running, type Told } from "../server.ts";
import { key, type Thing } from "./rights.ts";

/** The four things of a kind that every request is tried on. */
export type Things = { own: Thing; hidden: Thing; foreign: Thing; missing: Thing };

/** A server with two of everything in the first account and one of everything in a second one. */
export type System = {
  readonly running: Running;
  readonly other: { readonly accountId: string; readonly orgId: string };
  readonly things: Readonly<Record<string, Things>>;
  /** A device of the first account that is in no group. */
  readonly loose: Thing;
  readonly names: readonly string[];
  groupId(name: string): string;
  /** Asks as the owner of the installation, who is a super administrator of both accounts. */
  owner(method: string, path: string, body?: unknown): Promise<Told>;
};

/** Both headers of the owner's key. */
export const pair = { "x-auth-email": first.email, "x-auth-key": first.apiKey };

/** Builds it. */
export async function buildSystem(running: Running): Promise<System> {
  const owner = (method: string, path: string, body?: unknown) =>
    running.ask(method, path, { token: null, headers: pair, body });
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
  const own = await makeThings(make, first, "own", inert);
  const hidden = await makeThings(make, first, "hidden", inert);
  const foreign = await makeThings(make, other, "foreign", inert);
  const things = kinds.map((kind) => {
    const missing = { kind, id: missingIds[kind], accountId: "none" };
    return [kind, { own: own[kind], hidden: hidden[kind], foreign: foreign[kind], missing }] as const;
  });
  return {
    running,
    other,
    things: Object.fromEntries(things),
    loose: await makeDevice(make, first, "loose", []),
    names: catalogue.map(({ name }) => name),
    groupId,
    owner,
  };
}

const kinds = ["device-group", "device", "deployment-group", "api-token"] as const;

/** Ids in the right shape that nothing has. */
const missingIds = {
  "device-group": "grp_00000000000000000000000000",
  device: "dev_00000000000000000000000000",
  "deployment-group": "00000000-0000-7000-8000-000000000000",
  "api-token": "00000000000000000000000000000000",
};

type Account = { readonly accountId: string; readonly orgId: string };
type Make = (path: string, body: object) => Promise<string>;

/** Makes things as the owner and answers their ids. */
function makerAs(owner: System["owner"]): Make {
  return async (path, body) => {
    const { status, body: answer } = await owner("POST", path, body);
    if (status > 201) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return (answer.result ?? answer).id;
  };
}

async function makeDevice(make: Make, { accountId, orgId }: Account, name: string, groups: string[]) {
  const id = await make("/api/v1/devices/register", { org_id: orgId, device_identifier: name });
  return { kind: "device", id, accountId, groups };
}

/** Makes one thing of each kind in an account: the device is in the group, and the token may do nothing. */
async function makeThings(make: Make, account: Account, name: string, inert: string) {
  const { accountId, orgId } = account;
  const at = `/client/v4/accounts/${accountId}`;
  const group = await make("/api/v1/device-groups", { org_id: orgId, name });
  const device = await makeDevice(make, account, name, [group]);
  await make(`/api/v1/device-groups/${group}/devices/${device.id}`, {});
  const version_config = [{ target_environment: "macos", version: "1" }];
  const deployment = await make(`${at}/devices/deployment-groups`, { name, version_config });
  const resources = { [key.account(accountId)]: "*" };
  const policies = [{ effect: "allow", permission_groups: [{ id: inert }], resources }];
  const token = await make(`${at}/tokens`, { name, policies });
  return {
    "device-group": { kind: "device-group", id: group, accountId },
    device,
    "deployment-group": { kind: "deployment-group", id: deployment, accountId },
    "api-token": { kind: "api-token", id: token, accountId },
  };
}
