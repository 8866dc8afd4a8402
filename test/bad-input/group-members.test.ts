import { account, none, peopleIn } from "./people.ts";
import { type Row, refuses } from "./table.ts";

refuses("who is in a user group", async (system) => {
  const { userGroup, accepted, pending, userId, foreign, resourceGroup } = await peopleIn(system);
  const groups = `${account}/iam/user_groups`;
  const members = `${groups}/${userGroup}/members`;
  const both = (what: string, body: unknown, pointer: string): Row[] =>
    [
      { method: "POST", what: `${what}, added` },
      { method: "PUT", what: `${what}, instead of the present ones` },
    ].map((row) => ({ ...row, path: members, body, wanted: { status: 400, pointer } }));
  const missing = (method: string, path: string, body?: unknown): Row => ({
    what: `${method} ${path}`,
    method,
    path,
    body,
    wanted: { status: 404 },
  });
  const unknown = [none, "", "nothing", "__proto__", foreign.member, userId, userGroup, "\u0000", "a@b"];
  const [one, two] = [{ id: accepted }, { id: pending }];
  return [
    ...both("a member that is not in a list", one, ""),
    ...both("members in an object", { members: [one] }, ""),
    ...both("a text", accepted, ""),
    ...both("null", null, ""),
    ...both("bare ids", [accepted], "/0"),
    ...both("null among members", [one, null], "/1"),
    ...both("a list in a list", [[one]], "/0"),
    ...both("a member without an id", [{}], "/0/id"),
    ...both("a second member without an id", [one, { email: "pending@example.com" }], "/1/id"),
    ...both("a number for an id", [{ id: 5 }], "/0/id"),
    ...both("null for an id", [{ id: null }], "/0/id"),
    ...both("65 letters for an id", [{ id: "x".repeat(65) }], "/0/id"),
    ...both("10001 members", Array(10_001).fill(one), ""),
    ...both("a member twice", [one, two, one], "/2/id"),
    ...both("the same unknown member twice", [{ id: none }, { id: none }], "/0/id"),
    ...unknown.flatMap((id) => both(`the member ${JSON.stringify(id)}`, [{ id }], "/0/id")),
    ...both("an unknown member behind known ones", [one, two, { id: none }], "/2/id"),
    ...[foreign.userGroup, none, resourceGroup, "%00"].flatMap((group) => [
      missing("GET", `${groups}/${group}/members`),
      missing("GET", `${groups}/${group}/members/${accepted}`),
      missing("POST", `${groups}/${group}/members`, [one]),
      missing("PUT", `${groups}/${group}/members`, []),
      missing("DELETE", `${groups}/${group}/members/${accepted}`),
    ]),
    ...[pending, foreign.member, none, userId, "%00", "x".repeat(255)].flatMap((member) => [
      missing("GET", `${members}/${member}`),
      missing("DELETE", `${members}/${member}`),
    ]),
  ];
});
