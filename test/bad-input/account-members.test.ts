import { account, alike, none, peopleIn, policy } from "./people.ts";
import { type Row, refuses } from "./table.ts";
import { wrongPolicies } from "./wrong-policies.ts";

const members = `${account}/members`;

const noAddresses: readonly unknown[] = [
  "",
  "   ",
  "a@",
  "@b",
  "ab",
  "a b@c",
  "a@b@c",
  "a@b\n",
  "a@b\u0000",
  "a@b\u0085",
  `${"x".repeat(89)}@b`,
  null,
  5,
  ["a@b"],
  { email: "a@b" },
];

const roleWords = [none, "", "admin", "__proto__"];

function unseen(id: string, policies: unknown): Row[] {
  return ["GET", "PUT", "DELETE"].map((method) => ({
    what: `${method} of ${id}`,
    method,
    path: `${members}/${id}`,
    body: method === "PUT" ? { policies } : undefined,
    wanted: { status: 404 },
  }));
}

refuses("members", async (system) => {
  const people = await peopleIn(system);
  const at = `${members}/${people.accepted}`;
  const right = [policy(people.permissionGroup, { id: people.resourceGroup })];
  const both = [
    { what: "of a new member", method: "POST", path: members, right: { email: "new@example.com" } },
    { what: "in a change of one", method: "PUT", path: at },
  ];
  const role = system.groupId("Administrator");
  const fresh = (what: string, body: object, pointer: string): Row => ({
    what,
    method: "POST",
    path: members,
    body,
    wanted: { status: 400, pointer },
  });
  const noRoles = [...roleWords, people.permissionGroup];
  return [
    ...noAddresses.map((email) =>
      fresh(`the address ${JSON.stringify(email)}`, { email, policies: right }, "/email"),
    ),
    fresh("no address", { policies: right }, "/email"),
    ...["rejected", "Accepted", "", 5, []].map((status) =>
      fresh(
        `the status ${JSON.stringify(status)}`,
        { email: "new@example.com", policies: right, status },
        "/status",
      ),
    ),
    ...["pending@example.com", "PENDING@Example.com"].map((email) => ({
      what: `the address of somebody who is a member: ${email}`,
      method: "POST",
      path: members,
      body: { email, policies: right },
      wanted: { status: 409, pointer: "/email" },
    })),
    ...alike(
      both,
      wrongPolicies(people).map(([what, policies, pointer]) => [what, { policies }, pointer] as const),
    ),
    ...alike(both, [
      ...noRoles.map((id) => [`the role ${JSON.stringify(id)}`, { roles: [id] }, "/roles/0"] as const),
      ...noRoles.map(
        (id) => [`the role ${JSON.stringify(id)} in an object`, { roles: [{ id }] }, "/roles/0/id"] as const,
      ),
      ["an unknown role behind a known one", { roles: [{ id: role }, { id: none }] }, "/roles/1/id"],
      ["a role without an id", { roles: [{ name: "Administrator" }] }, "/roles/0/id"],
      ["65 letters for a role", { roles: ["x".repeat(65)] }, "/roles/0"],
      ["null for a role", { roles: [null] }, "/roles/0"],
      ["a role that is not in a list", { roles: role }, "/roles"],
      ["11 roles", { roles: Array(11).fill(role) }, "/roles"],
      ["wrong policies beside right roles", { roles: [role], policies: [{}] }, "/policies/0/access"],
      ["wrong roles beside right policies", { roles: [5], policies: right }, "/roles/0"],
    ]),
    ...[...noRoles.slice(2), none, people.userGroup, "%00", "x".repeat(255)].map((id) => ({
      what: `the role ${id} to be read`,
      method: "GET",
      path: `${account}/roles/${id}`,
      wanted: { status: 404 },
    })),
    ...[people.foreign.member, none, people.userId, people.userGroup, "%00", "x".repeat(255)].flatMap((id) =>
      unseen(id, right),
    ),
  ];
});
