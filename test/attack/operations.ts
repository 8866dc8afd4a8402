import { first } from "../server.ts";
import { key, type Thing } from "./rights.ts";
import { type System, scopeOf, type Things } from "./system.ts";

/** One operation of the served document, as far as rights are concerned. */
export type Operation = {
  readonly id: string;
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly dialect: "v4" | "rest";
  /** Account and people operations word some refusals differently from product operations. */
  readonly family: "iam" | "product";
  readonly permission: string | null;
  readonly accepted: readonly string[];
  readonly kind: string;
  /** The path parameter that names a thing of the kind; where there is none, the kind as a whole is meant. */
  readonly names: string | undefined;
  readonly isList: boolean;
  readonly statuses: readonly string[];
  readonly bodyRequired: boolean;
};

/** Reads the operations out of the served OpenAPI document. */
export function operationsOf(document: any): Operation[] {
  return Object.entries<any>(document.paths).flatMap(([path, methods]) =>
    Object.entries<any>(methods).map(([method, described]) => {
      const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      return {
        id: described.operationId,
        name: described["x-operation"],
        method: method.toUpperCase(),
        path,
        dialect: path.startsWith("/client/v4") ? "v4" : "rest",
        family: path.includes("/devices/") ? "product" : "iam",
        permission: described["x-permission"],
        accepted: described["x-accepted-permissions"],
        kind: described.tags[0],
        // A role is a view of a permission group, nothing that rights are about.
        names: parameters.find((name) => name !== "account_id" && name !== "role_id"),
        isList: /\.list(-for-tokens|-permission-groups)?$/.test(described["x-operation"]),
        statuses: Object.keys(described.responses),
        bodyRequired: described.requestBody?.required ?? false,
      };
    }),
  );
}

/** A request to an operation, on one of the four things of its kind. */
export type Request = { method: string; path: string; body?: unknown };

/** Which account a request names, beside the things that it names. */
export type Named = { readonly accountId: string; readonly orgId: string };

/** Builds a right request: `dryRun` where it must change nothing although it is allowed. */
export function requestTo(
  system: System,
  operation: Operation,
  which: keyof Things | undefined,
  dryRun: boolean,
  named: Named = first,
): Request {
  // The id of a client version is its environment and its version, as they stand in a path.
  const path = operation.path
    .replace("{environment}/{version}", "{environment}")
    .replace(/\{(\w+)\}/g, (_, name) => {
      if (name === "account_id") return named.accountId;
      if (name === "role_id") return system.groupId("Administrator");
      if (name === operation.names) return thingOf(system, operation, which).id;
      if (name === "member_id") return memberFor(system, which).id;
      return deviceFor(system, operation, which).id;
    });
  const query = new URLSearchParams(queries[operation.name]);
  const unnamed =
    operation.name === "transfer.import" || (operation.method === "GET" && operation.names === undefined);
  if (operation.dialect === "rest" && unnamed) query.set("org_id", named.orgId);
  if (dryRun && operation.method !== "GET") query.set("dry_run", "true");
  const body = bodies[operation.name]?.(system, which, named);
  if (operation.bodyRequired && !body)
    throw new Error(`${operation.name}: say in test/attack/operations.ts what a right body is`);
  return { method: operation.method, path: `${path}?${query}`, ...(body !== undefined && { body }) };
}

/** Whether it is about the one device policy that every account always has, which no path names. */
export function isAboutStandard({ name }: Operation): boolean {
  return /^device-policy\.\w+-default$/.test(name);
}

/** The thing that the path names or means; only for operations that do. */
export function thingOf(system: System, operation: Operation, which: keyof Things | undefined): Thing {
  const { things, standard } = system;
  if (isAboutStandard(operation)) return standard;
  const of = things[operation.kind];
  if (!of) throw new Error(`${operation.name}: say in test/attack/system.ts what a ${operation.kind} is`);
  const thing = of[which ?? "own"];
  // What is put somewhere has its place in the account that the path names, whether or not it is there before.
  return operation.name === "client-version.set" ? { ...thing, accountId: first.accountId } : thing;
}

/** The device beside a group: one that is in no group to be added, one that is in the group to be removed. */
export function deviceFor(
  { things, loose }: System,
  operation: Operation,
  which: keyof Things | undefined,
): Thing {
  return operation.name.includes("add") ? loose : (things.device?.[which ?? "own"] ?? loose);
}

/** The member beside a user group: one that is in it. */
export function memberFor({ things }: System, which: keyof Things | undefined): Thing {
  return (things.member as Things)[which ?? "own"];
}

/** The group to move devices from, when the path names the one to move them to. */
export function sourceFor({ things }: System, which: keyof Things | undefined): Thing {
  const groups = things["device-group"] as Things;
  return which === "own" ? groups.hidden : groups.own;
}

const version_config = [{ target_environment: "macos", version: "2" }];
type Body = (system: System, which: keyof Things | undefined, named: Named) => unknown;

const harmless = ({ groupId }: System, { accountId }: Named) => [
  {
    effect: "allow",
    permission_groups: [{ id: groupId("Zone Read") }],
    resources: { [key.account(accountId)]: "*" },
  },
];

/** What has to be asked for in a query. */
const queries: Readonly<Record<string, Record<string, string>>> = {
  "client-version.list": { target_environment: "windows", release_track: "ga" },
  "access.who-can": { permission: "device-group.read", resource: key.account(first.accountId) },
};

const inert = ({ groupId }: System, { accountId }: Named) => [
  {
    access: "allow",
    permission_groups: [{ id: groupId("Zone Read") }],
    resource_groups: [{ scope: scopeOf(key.account(accountId)) }],
  },
];

/** Right bodies, by operation. What they do is within everybody's own rights. */
const bodies: Readonly<Record<string, Body>> = {
  "access.explain": (_system, _which, { accountId, orgId }) => ({
    org_id: orgId,
    permission: "device-group.read",
    resource: key.account(accountId),
  }),
  "account.create": () => ({ name: "Third" }),
  "account.update": () => ({ name: "Renamed" }),
  "api-token.create": (system, _, named) => ({ name: "New", policies: harmless(system, named) }),
  "api-token.update": (system, _, named) => ({ name: "Renamed", policies: harmless(system, named) }),
  "device.register": (_system, _which, { orgId }) => ({ org_id: orgId, device_identifier: "new" }),
  "device.update": () => ({ labels: { changed: "yes" } }),
  "device.observe-state": () => ({}),
  "device.heartbeat-named": ({ things }, which = "own", { orgId }) => ({
    org_id: orgId,
    device_id: things.device?.[which].id,
  }),
  "enrolment-token.create": (_system, _which, { orgId }) => ({ org_id: orgId, name: "New" }),
  "enrolment-token.update": () => ({ name: "Renamed" }),
  "device-group.create": (_system, _which, { orgId }) => ({ org_id: orgId, name: "New" }),
  "device-group.update": () => ({ description: "changed" }),
  "device-group.add-devices": ({ loose }) => ({ device_ids: [loose.id] }),
  "device-group.remove-devices": ({ things }, which = "own") => ({
    device_ids: [things.device?.[which].id],
  }),
  "device-group.set-devices": ({ loose }) => ({ device_ids: [loose.id] }),
  "device-group.exclude-devices": ({ things }, which = "own") => ({
    device_ids: [things.device?.[which].id],
  }),
  "device-group.readmit-devices": ({ things }) => ({ device_ids: [things.device?.hidden.id] }),
  "device-group.preview": (_system, _which, { orgId }) => ({
    org_id: orgId,
    expression: 'device.id != ""',
  }),
  "device-group.move-devices": (system, which) => {
    const { things } = system;
    const moved = which === "own" ? things.device?.hidden : things.device?.own;
    return { from: sourceFor(system, which).id, device_ids: [moved?.id] };
  },
  // One line of many; this one says nothing.
  "transfer.import": () => ({ type: "export" }),
  "deployment-group.create": () => ({ name: "New", version_config }),
  "deployment-group.update": () => ({ name: "Renamed" }),
  "device-policy.create": () => ({ name: "New", match: 'os.name == "linux"', precedence: 3000 }),
  "device-policy.update": () => ({ name: "Renamed", captive_portal: 60 }),
  "client-version.set": () => ({ release_notes: "changed" }),
  "device-policy.update-default": () => ({ captive_portal: 60 }),
  "member.accept-invitation": ({ invitation }) => ({ token: invitation }),
  "member.create": (system, _, named) => ({ email: "new@example.com", policies: inert(system, named) }),
  "member.update": (system, _, named) => ({ policies: inert(system, named) }),
  "resource-group.create": (_system, _which, { accountId }) => ({
    name: "New",
    scope: scopeOf(key.account(accountId)),
  }),
  "resource-group.update": (_system, _which, { accountId }) => ({ scope: scopeOf(key.account(accountId)) }),
  "user-token.create": (system, _, named) => ({ name: "New", policies: harmless(system, named) }),
  "user-token.update": (system, _, named) => ({ name: "Renamed", policies: harmless(system, named) }),
  "user-group.create": (system, _, named) => ({ name: "New", policies: inert(system, named) }),
  "user-group.update": (system, _, named) => ({ name: "Renamed", policies: inert(system, named) }),
  "user-group.add-members": ({ looseMember }) => [{ id: looseMember.id }],
  "user-group.replace-members": ({ looseMember }) => [{ id: looseMember.id }],
};
