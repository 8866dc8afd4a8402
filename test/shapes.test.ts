import assert from "node:assert/strict";
import { test } from "node:test";
import { choices, deviations, expectShape, isPublished } from "./shapes.ts";

const account = "/client/v4/accounts/a";
const group = `${account}/devices/deployment-groups/g`;
const token = `${account}/tokens/t`;
const success = (result: unknown) => ({ success: true, errors: [], messages: [], result });
const failure = { success: false, errors: [{ code: 1001, message: "m" }], messages: [], result: null };
const aGroup = { id: "g", name: "n", version_config: [], created_at: "", updated_at: "" };

const refused: [what: string, path: string, status: number, body: unknown, problem: RegExp][] = [
  ["a wrong type", group, 200, success({ ...aGroup, name: 7 }), /result\/name must be string/],
  ["a missing member", group, 200, success({ ...aGroup, name: undefined }), /required property 'name'/],
  ["an unknown member", group, 200, success({ ...aGroup, nmae: "n" }), /must NOT have additional/],
  ["null for a string", token, 200, success({ name: null }), /result\/name must be string/],
  ["a day that there is not", token, 200, success({ expires_on: "2026-02-30T00:00:00Z" }), /format/],
  ["a date without a time", token, 200, success({ expires_on: "2026-02-03" }), /format/],
  ["a list as the result of a failure", group, 400, { ...failure, result: [] }, /result must be object/],
  ["success with a failed status", group, 400, success(aGroup), /success must be equal/],
  ["failure with a good status", group, 200, { ...success(aGroup), success: false }, /clients look at/],
  ["what is nowhere published", `${account}/nothing`, 200, success({}), /nothing is published/],
  ["a token's shape from verify", `${token.slice(0, -1)}verify`, 200, success({ name: "n" }), /'id'/],
];

for (const [what, path, status, body, problem] of refused)
  test(`published shapes refuse ${what}`, () =>
    assert.throws(() => expectShape("GET", path, status, structuredClone(body)), problem));

test("published shapes take null where it is published, what is optional, and every failure", () => {
  expectShape("GET", group, 200, success({ ...aGroup, policy_ids: null }));
  expectShape("GET", `${group}?page=1`, 200, success({ ...aGroup, policy_ids: ["p"] }));
  expectShape("GET", token, 200, success({ expires_on: "2026-02-28T00:00:00.123456Z" }));
  for (const path of [group, token, `${account}/nothing`])
    for (const status of [400, 404, 429, 500]) expectShape("GET", path, status, failure);
});

for (const deviation of deviations)
  test(`the deviation ${deviation.at} ${deviation.member} is one`, () =>
    assert.equal(isPublished(deviation), false));

for (const choice of choices)
  test(`the choice ${choice.at} ${choice.member} is one`, () => assert.equal(isPublished(choice), true));

const resourceGroups = `${account}/iam/resource_groups`;
const scope = { key: "com.cloudflare.api.account.a", objects: [{ key: "*" }] };

test("published shapes take a scope only as a list of one", () => {
  const answer = (scope: unknown) => success({ id: "r", scope, meta: { editable: "true" } });
  expectShape("GET", `${resourceGroups}/r`, 200, answer([scope]));
  for (const wrong of [scope, [], [scope, scope], null])
    assert.throws(() => expectShape("GET", `${resourceGroups}/r`, 200, answer(wrong)), /result\/scope/);
});

test("published shapes take an impact on a dry run alone, and only as it is described", () => {
  const impact = { rights: { gained: 0, lost: 0, sample: [] } };
  const made = { ...success({ id: "r", scope: [scope] }), impact };
  expectShape("POST", `${resourceGroups}?dry_run=true`, 200, made);
  for (const [method, path] of [
    ["POST", resourceGroups],
    ["POST", `${resourceGroups}?dry_run=false`],
    ["GET", `${resourceGroups}/r?dry_run=true`],
  ] as const)
    assert.throws(() => expectShape(method, path, 200, made), /must NOT have additional/);
  const wrong = { ...made, impact: { rights: {} } };
  assert.throws(() => expectShape("POST", `${resourceGroups}?dry_run=true`, 200, wrong), /impact is not/);
});
