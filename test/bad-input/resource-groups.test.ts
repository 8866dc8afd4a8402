import { first } from "../server.ts";
import { account, alike, none, peopleIn, scope, wholeAccount } from "./people.ts";
import { type Row, refuses } from "./table.ts";

const groups = `${account}/iam/resource_groups`;

refuses("resource groups", async (system) => {
  const people = await peopleIn(system);
  const both = [
    { what: "in a new resource group", method: "POST", path: groups, right: { name: "New", scope } },
    { what: "in a change of one", method: "PUT", path: `${groups}/${people.resourceGroup}` },
  ];
  const { key, objects } = scope;
  const fresh = (what: string, body: object, pointer: string): Row => ({
    what,
    method: "POST",
    path: groups,
    body,
    wanted: { status: 400, pointer },
  });
  const answered = (status: number, method: string, id: string, body?: object): Row => ({
    what: `${method} of ${id} with ${JSON.stringify(body)}`,
    method,
    path: `${groups}/${id}`,
    body,
    wanted: { status },
  });
  const fixed = [first.resourceGroupId, people.inline];
  const unknown = [people.foreign.resourceGroup, none, people.userGroup, "%00", "x".repeat(255)];
  return [
    ...alike(both, [
      ["an empty name", { name: "" }, "/name"],
      ["256 letters for a name", { name: "x".repeat(256) }, "/name"],
      ["a control character in a name", { name: "a\u0007" }, "/name"],
      ["a number for a name", { name: 5 }, "/name"],
      ["a text for a scope", { scope: wholeAccount }, "/scope"],
      ["an empty object for a scope", { scope: {} }, "/scope/key"],
      ["an empty list for a scope", { scope: [] }, "/scope"],
      ["two scopes", { scope: [scope, scope] }, "/scope"],
      ["null in the list of a scope", { scope: [null] }, "/scope/0"],
      ["no key", { scope: { objects } }, "/scope/key"],
      ["an empty key", { scope: { key: "", objects } }, "/scope/key"],
      ["513 letters for a key", { scope: { key: "x".repeat(513), objects } }, "/scope/key"],
      ["an escape sequence in a key", { scope: [{ key: "\u001b[2J", objects }] }, "/scope/0/key"],
      ["no objects", { scope: { key } }, "/scope/objects"],
      ["an empty list of objects", { scope: [{ key, objects: [] }] }, "/scope/0/objects"],
      ["1001 objects", { scope: { key, objects: Array(1001).fill({ key }) } }, "/scope/objects"],
      ["an object for objects", { scope: { key, objects: { key } } }, "/scope/objects"],
      ["an object without a key", { scope: { key, objects: [...objects, {}] } }, "/scope/objects/1/key"],
    ]),
    fresh("no name", { scope }, "/name"),
    fresh("no scope", { name: "New" }, "/scope"),
    fresh("null for the name of a new one", { name: null, scope }, "/name"),
    fresh("null for the scope of a new one", { name: "New", scope: null }, "/scope"),
    ...fixed.flatMap((id) => [
      answered(409, "PUT", id, { name: "Ours" }),
      answered(409, "PUT", id, { scope }),
      answered(409, "PUT", id, {}),
      answered(409, "DELETE", id),
    ]),
    answered(409, "DELETE", people.resourceGroup),
    ...unknown.flatMap((id) => [
      answered(404, "GET", id),
      answered(404, "PUT", id, { name: "Theirs" }),
      answered(404, "DELETE", id),
    ]),
  ];
});
