import { account, alike, none, peopleIn, policy } from "./people.ts";
import { type Row, refuses } from "./table.ts";
import { wrongPolicies } from "./wrong-policies.ts";

const groups = `${account}/iam/user_groups`;

refuses("user groups", async (system) => {
  const people = await peopleIn(system);
  const at = `${groups}/${people.userGroup}`;
  const both = [
    { what: "in a new user group", method: "POST", path: groups, right: { name: "New" } },
    { what: "in a change of one", method: "PUT", path: at, right: { name: "Renamed" } },
  ];
  const names: readonly [string, unknown][] = [
    ["an empty name", ""],
    ["256 letters for a name", "x".repeat(256)],
    ["NUL in a name", "a\u0000b"],
    ["a line end in a name", "a\nb"],
    ["a number for a name", 5],
    ["a list for a name", ["a"]],
  ];
  const unseen = (id: string): Row[] =>
    [
      { method: "GET", body: undefined },
      { method: "PUT", body: { name: "Renamed" } },
      { method: "PUT", body: { policies: [policy(none, { id: none })] } },
      { method: "DELETE", body: undefined },
    ].map(({ method, body }) => ({
      what: `${method} of ${id}`,
      method,
      path: `${groups}/${id}`,
      body,
      wanted: { status: 404 },
    }));
  return [
    ...alike(
      both,
      names.map(([what, name]) => [what, { name }, "/name"] as const),
    ),
    ...alike(
      both,
      wrongPolicies(people).map(([what, policies, pointer]) => [what, { policies }, pointer] as const),
    ),
    {
      what: "no name",
      method: "POST",
      path: groups,
      body: { policies: [] },
      wanted: { status: 400, pointer: "/name" },
    },
    {
      what: "null for the name of a new one",
      method: "POST",
      path: groups,
      body: { name: null },
      wanted: { status: 400, pointer: "/name" },
    },
    ...[people.foreign.userGroup, none, people.accepted, "%00", "x".repeat(255)].flatMap(unseen),
  ];
});
