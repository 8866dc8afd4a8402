import { key } from "../attack/rights.ts";
import { first } from "../server.ts";
import { type Row, refuses } from "./table.ts";

const tokens = `/client/v4/accounts/${first.accountId}/tokens`;
const everything = key.account(first.accountId);

const noBlocks = [
  "10.0.0.0/33",
  "10.0.0.0/-1",
  "10.0.0.0/",
  "10.0.0.0/8/8",
  "::1/129",
  "localhost",
  "300.0.0.1",
  "",
  "*",
  "a\u0000",
];

refuses("API tokens", async ({ things, groupId }) => {
  const at = `${tokens}/${things["api-token"]?.own.id}`;
  const group = { id: groupId("Zone Read") };
  const policy = { effect: "allow", permission_groups: [group], resources: { [everything]: "*" } };
  const right = { name: "A token", policies: [policy] };
  /** Wrong alike in a new token and in a change of one. */
  const both = (what: string, more: object, pointer: string): Row[] =>
    [
      { what: `${what}, in a new token`, method: "POST", path: tokens },
      { what: `${what}, in a change`, method: "PUT", path: at },
    ].map((row) => ({ ...row, body: { ...right, ...more }, wanted: { status: 400, pointer } }));
  const first = { ...policy, permission_groups: [{ id: "no such" }] };
  const second = { ...policy, permission_groups: [group, { id: "__proto__" }] };
  const inner = (value: unknown) => ({
    policies: [policy, { ...policy, resources: { [everything]: value } }],
  });
  return [
    ...both(
      "a permission group that there is not",
      { policies: [first] },
      "/policies/0/permission_groups/0/id",
    ),
    ...both("another one", { policies: [policy, second] }, "/policies/1/permission_groups/1/id"),
    ...both("resources without any key", inner({}), `/policies/1/resources/${everything}`),
    ...both("resources nested twice", inner({ a: { b: "*" } }), `/policies/1/resources/${everything}/a`),
    ...both("resources with a star too many", inner("**"), `/policies/1/resources/${everything}`),
    ...both(
      "resources of both kinds",
      { policies: [{ ...policy, resources: { [everything]: "*", [key.kind("device")]: { x: "*" } } }] },
      "/policies/0/resources",
    ),
    ...both("a year that can't be kept", { expires_on: "2300-01-01T00:00:00Z" }, "/expires_on"),
    ...both("a leap second", { not_before: "2016-12-31T23:59:60Z" }, "/not_before"),
    ...both(
      "an end before the beginning",
      { not_before: "2030-01-01T00:00:00Z", expires_on: "2029-12-31T23:59:59Z" },
      "/expires_on",
    ),
    ...both(
      "an end at the beginning, in another time zone",
      { not_before: "2030-01-01T00:00:00Z", expires_on: "2030-01-01T01:00:00+01:00" },
      "/expires_on",
    ),
    ...noBlocks.flatMap((block) => [
      ...both(
        `${JSON.stringify(block)} for addresses to come from`,
        { condition: { request_ip: { in: [block] } } },
        "/condition/request_ip/in/0",
      ),
      ...both(
        `${JSON.stringify(block)} for addresses not to come from`,
        { condition: { request_ip: { in: ["10.0.0.0/8"], not_in: ["10.1.0.0/16", block] } } },
        "/condition/request_ip/not_in/1",
      ),
    ]),
  ];
});
