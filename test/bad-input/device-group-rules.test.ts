import { first } from "../server.ts";
import { type Row, refuses } from "./table.ts";

const groups = "/api/v1/device-groups";

/** What rules get wrong, wherever they stand, and the member under them that is wrong. */
const wrongRules: readonly (readonly [what: string, rules: object, pointer: string])[] = [
  ["a field that there is not", { rules: [rule("colour", "eq", "red")] }, "/rules/0/field"],
  ["an operator that the field has not", { rules: [rule("locale", "gte", "de")] }, "/rules/0/operator"],
  [
    "a second rule that is wrong",
    { rules: [rule("platform", "eq", "a"), rule("x", "eq", "a")] },
    "/rules/1/field",
  ],
  ["a value of the wrong type", { rules: [rule("gpu_available", "eq", "maybe")] }, "/rules/0/value"],
  ["a text for a number", { rules: [rule("ram_gb", "gte", "much")] }, "/rules/0/value"],
  ["a rule without a value", { rules: [{ field: "platform", operator: "eq" }] }, "/rules/0/value"],
  ["a rule that is a text", { rules: ["platform eq ios"] }, "/rules/0"],
  [
    "more rules than a group has",
    { rules: Array.from({ length: 51 }, () => rule("region", "eq", "a")) },
    "/rules",
  ],
  ["a label that is a number", { matchLabels: { site: 1 } }, "/matchLabels/site"],
  ["an expression that ends too early", { expression: "device.region ==" }, "/expression"],
  ["an expression about a field that there is not", { expression: 'device.colour == "red"' }, "/expression"],
  [
    "an expression about groups, of which groups are made",
    { expression: 'any(device.groups[*] in {"a"})' },
    "/expression",
  ],
  [
    "an expression of too many levels",
    { expression: `${"(".repeat(200)}true${")".repeat(200)}` },
    "/expression",
  ],
  [
    "an expression that is too long",
    { expression: `device.region == "${"x".repeat(11_000)}"` },
    "/expression",
  ],
  ["an expression that is a number", { expression: 5 }, "/expression"],
];

const at = "/auto_assignment_rules";
const preview = `${groups}/preview`;
const creation = { org_id: first.orgId, name: "New", group_type: "dynamic" };
const rules = { expression: 'device.region == "eu"' };

refuses("the rules of device groups", async ({ running, things }) => {
  const { ask } = running;
  const make = async (body: object) =>
    (await ask("POST", groups, { body: { org_id: first.orgId, ...body } })).body.id as string;
  const still = `${groups}/${await make({ name: "Static" })}`;
  const ruled = { name: "Dynamic", group_type: "dynamic", auto_assignment_rules: rules };
  const dynamic = `${groups}/${await make(ruled)}`;
  const hybrid = `${groups}/${things["device-group"]?.own.id}`;
  const { own, hidden, foreign } = things.device ?? {};
  const named = await ask("POST", `/client/v4/accounts/${first.accountId}/devices/policy`, {
    body: { name: "Named", match: 'any(device.groups[*] in {"Dynamic"})', precedence: 77 },
  });
  if (named.status !== 200) throw new Error(JSON.stringify(named.body));
  const ids = { device_ids: [own?.id] };
  return [
    ...wrongRules.flatMap((each) => rowsOf(dynamic, ...each)),
    ...missingRules(dynamic),
    wrong("rules of a static group", "PUT", still, { auto_assignment_rules: rules }, at),
    wrong("a sample of too many", "POST", preview, { org_id: first.orgId, ...rules, sample: 21 }, "/sample"),
    wrong("exactly what is no list", "PUT", `${hybrid}/devices`, { device_ids: own?.id }, "/device_ids"),
    wrong("exactly without a list", "PUT", `${hybrid}/devices`, {}, "/device_ids"),
    ...["POST", "DELETE"].map((method) =>
      wrong(
        `nobody to keep out by ${method}`,
        method,
        `${hybrid}/exclusions`,
        { device_ids: [] },
        "/device_ids",
      ),
    ),
    ...["POST", "PUT", "DELETE"].map((method) =>
      conflict(`members of a dynamic group by ${method}`, method, `${dynamic}/devices`, ids),
    ),
    ...[still, dynamic].flatMap((group) =>
      ["POST", "DELETE"].map((method) =>
        conflict(`exclusions of ${group} by ${method}`, method, `${group}/exclusions`, ids),
      ),
    ),
    conflict("to add who is kept out", "POST", `${hybrid}/devices/${hidden?.id}`, {}),
    conflict("to rename what a policy names", "PUT", dynamic, { name: "Renamed" }),
    conflict("to delete what a policy names", "DELETE", dynamic),
    ...[foreign?.id, "missing", "%00"].map((id) => ({
      what: `to explain ${id}`,
      method: "GET",
      path: `${hybrid}/devices/${id}/explain`,
      wanted: { status: 404 },
    })),
  ];
});

/** Wrong rules wherever rules may stand. */
function rowsOf(dynamic: string, what: string, sent: object, pointer: string): Row[] {
  const nested = { auto_assignment_rules: sent };
  return [
    wrong(`${what}, in a new group`, "POST", groups, { ...creation, ...nested }, at + pointer),
    ...["PUT", "PATCH"].map((method) =>
      wrong(`${what}, by ${method}`, method, dynamic, nested, at + pointer),
    ),
    wrong(`${what}, in a preview`, "POST", preview, { org_id: first.orgId, ...sent }, pointer),
    wrong(`${what}, deeper in one`, "POST", preview, { org_id: first.orgId, ...nested }, at + pointer),
  ];
}

function missingRules(dynamic: string): Row[] {
  const nothing = [null, {}, { rules: [] }, { matchLabels: {} }, { expression: " " }];
  return [
    wrong("a dynamic group without rules", "POST", groups, creation, at),
    ...nothing.flatMap((auto_assignment_rules) => {
      const what = `no rules by ${JSON.stringify(auto_assignment_rules)}`;
      return [
        wrong(what, "POST", groups, { ...creation, auto_assignment_rules }, at),
        wrong(`${what}, in a change`, "PUT", dynamic, { auto_assignment_rules }, at),
      ];
    }),
  ];
}

function wrong(what: string, method: string, path: string, body: unknown, pointer: string): Row {
  return { what, method, path, body, wanted: { status: 400, pointer } };
}

function conflict(what: string, method: string, path: string, body?: unknown): Row {
  return { what, method, path, wanted: { status: 409 }, ...(body !== undefined && { body }) };
}

function rule(field: string, operator: string, value: unknown) {
  return { field, operator, value };
}
