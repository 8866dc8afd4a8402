import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import { impactMember } from "../server/operation/impact.ts";

/** A schema, or a part of one, as plain data. */
type Plain = { [keyword: string]: any };

/** A member that we answer although the published schema of its object does not have it, and why. */
type Deviation = {
  /** The schema under `components/schemas`, or the operation, and the way to the object within it. */
  readonly at: string;
  readonly member: string;
  readonly as: Plain;
  readonly reason: string;
};

/**
 * Where an answer of ours deliberately goes beyond what is published. Nothing is ever answered otherwise than
 * published: members are only added, and where there is a choice of shapes (`choices`) one is taken. Published schemas are read as closed, so what is not named here fails.
 */
export const deviations: readonly Deviation[] = [
  {
    at: "iam_account",
    member: "org_id",
    as: { type: "string" },
    reason: "the account's handle on /api/v1, so that a reader of one dialect finds its way to the other",
  },
  ...["iam_result_info", "teams-devices_result_info"].map((at) => ({
    at,
    member: "total_pages",
    as: { type: "integer" },
    reason: "the live API answers it on every list, and published lists of devices have it",
  })),
  {
    at: "iam_messages-2/items",
    member: "error_chain",
    as: {
      type: "array",
      items: {
        type: "object",
        properties: { code: { type: "integer" }, message: { type: "string" } },
        required: ["code", "message"],
      },
    },
    reason: "the live API hangs the malformed header on code 6003 in it",
  },
  ...["label", "scopes", "description"].map((member) => ({
    at: "iam_permission_group/properties/meta",
    member,
    as: { type: "string" },
    reason:
      "the live API and newer clients have a map with these; the published key and value stand beside them",
  })),
  {
    at: "iam_resource_group/properties/meta",
    member: "editable",
    as: { enum: ["true", "false"] },
    reason: "the live API answers it for every resource group, and neither of the published key and value",
  },
  {
    at: "iam_member_with_policies",
    member: "invitation_token",
    as: { type: "string" },
    reason: "nothing is sent by mail: whoever makes a member passes the invitation on, and sees it this once",
  },
  ...Object.entries({
    name: { type: "string", maxLength: 100 },
    description: { $ref: "#/components/schemas/teams-devices_schemas-description" },
    lan_allow_minutes: { $ref: "#/components/schemas/teams-devices_lan_allow_minutes" },
    lan_allow_subnet_size: { $ref: "#/components/schemas/teams-devices_lan_allow_subnet_size" },
    target_tests: { type: "array", items: { $ref: "#/components/schemas/teams-devices_target_dex_test" } },
  }).map(([member, as]) => ({
    at: "teams-devices_default_device_settings_policy",
    member,
    as,
    reason:
      "the default device policy is one like the others, and is taken and answered with the same members",
  })),
  {
    at: "teams-devices_physical_device",
    member: "tags",
    as: { type: "object", additionalProperties: { type: "string" } },
    reason: "newer clients want it of every device",
  },
  {
    at: "teams-devices_registration",
    member: "registration_type",
    as: { enum: ["warp", "browser_extension"] },
    reason: "newer clients want it of every registration",
  },
  {
    at: "GET /accounts/{account_id}/iam/resource_groups",
    member: "result_info",
    as: { $ref: "#/components/schemas/iam_result_info" },
    reason: "older clients page through this list, too, and every other list has it",
  },
];

/** What is published in several shapes of which we always answer one, and why. */
export const choices: readonly { at: string; member: string; as: Plain; reason: string }[] = [
  {
    at: "iam_resource_group",
    member: "scope",
    as: { type: "array", items: { $ref: "#/components/schemas/iam_scope" }, minItems: 1, maxItems: 1 },
    reason: "the reference shows a list of the one scope, and so Go, Python and Terraform read it",
  },
];

/**
 * Operations on deployment groups publish no failure at all, and neither does what is not published. Both are
 * checked against the failure that the others have, since clients read all failures alike.
 */
const anyFailure = "#/components/schemas/iam_api-response-common-failure";

const published: Plain = JSON.parse(
  readFileSync(new URL("./shapes/cloudflare-v4.json", import.meta.url), "utf8"),
);

/** The published document with the deviations put in and every object closed. */
function amended(): Plain {
  const document = structuredClone(published);
  for (const { at, member, as } of [...deviations, ...choices])
    objectAt(document, at).properties[member] = as;
  close(document);
  return document;
}

/** The object schema that a deviation is about, as far as a document has it. */
function objectAt(document: Plain, at: string): Plain {
  const [, method = "", route = ""] = /^([A-Z]+) (.+)$/.exec(at) ?? [];
  if (route)
    return document.paths[route][method.toLowerCase()].responses[200].content["application/json"].schema;
  return at.split("/").reduce((schema, step) => schema[step], document.components.schemas);
}

/** True where the published schema has the member already: then it is no deviation any more. */
export function isPublished({ at, member }: Pick<Deviation, "at" | "member">): boolean {
  return member in objectAt(published, at).properties;
}

function close(schema: unknown): void {
  if (typeof schema !== "object" || schema === null) return;
  const keywords = schema as Plain;
  if (keywords.type === "object" && keywords.properties) keywords.additionalProperties ??= false;
  for (const part of Object.values(keywords)) close(part);
}

const ajv = new Ajv({ allErrors: true, strictTypes: false })
  .addVocabulary(["openapi", "info", "paths", "components"])
  .addFormat("date-time", isDateTime)
  .addFormat("uuid", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
  .addSchema(amended(), "v4");

function isDateTime(text: string): boolean {
  const [, day = ""] = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  // A day that its month does not have is moved into the next month, or is no date at all.
  return (
    day !== "" &&
    !Number.isNaN(Date.parse(text)) &&
    new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
  );
}

/**
 * Checks an answer of `/client/v4` against the schema that is published for it. `path` is that of the
 * request, with or without its query.
 */
export function expectShape(method: string, path: string, status: number, body: unknown): void {
  const pointer = pointerTo(method, path, status);
  const check = ajv.getSchema(`v4${pointer}`) as ValidateFunction | undefined;
  assert.ok(check, `nothing is published at ${pointer}`);
  const isDryRun = method !== "GET" && /[?&]dry_run=true(&|$)/.test(path) && status < 400;
  const fits = check(isDryRun ? withoutImpact(body) : body);
  const answer = `${method} ${path} answered ${status} ${JSON.stringify(body)}`;
  assert.ok(fits, `${answer}, which is not as published: ${ajv.errorsText(check.errors)}`);
  const { success } = body as { success?: boolean };
  assert.equal(success, status < 400, `${answer}: clients look at the status, people at success`);
}

const impactCheck = ajv.compile(impactMember);

/**
 * Nothing is published of dry runs: what one would do to rights stands beside `result`, as we describe it. No
 * other answer may have it.
 */
function withoutImpact(body: unknown): unknown {
  const { impact, ...rest } = body as { impact?: unknown };
  if (impact !== undefined)
    assert.ok(impactCheck(impact), `impact is not as described: ${ajv.errorsText(impactCheck.errors)}`);
  return rest;
}

function pointerTo(method: string, path: string, status: number): string {
  const route = routeOf(path);
  const responses: Plain = published.paths[route]?.[method.toLowerCase()]?.responses ?? {};
  const key = status in responses ? String(status) : `${String(status).charAt(0)}XX`;
  if (!(key in responses) && status >= 400) return anyFailure;
  const steps = ["paths", route, method.toLowerCase(), "responses", key, "content", "application/json"];
  const escaped = steps.map((step) => encodeURIComponent(step.replaceAll("/", "~1")));
  return `#/${escaped.join("/")}/schema`;
}

/** Every published operation, as `GET /accounts/{account_id}`. */
export const publishedOperations: readonly string[] = Object.entries<Plain>(published.paths).flatMap(
  ([route, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${route}`),
);

/** The published path that a request's path fits: one without a parameter in its place goes first. */
export function routeOf(path: string): string {
  const [pathname = ""] = path.split("?", 1);
  const asked = pathname.replace(/^\/client\/v4/, "");
  const fitting = Object.keys(published.paths).filter((route) =>
    new RegExp(`^${route.replace(/\{\w+\}/g, "[^/]+")}/?$`).test(asked),
  );
  return fitting.sort((a, b) => a.split("{").length - b.split("{").length)[0] ?? "";
}
