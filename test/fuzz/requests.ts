import fc, { type Arbitrary } from "fast-check";
import type { Operation } from "./document.ts";
import { mutated, spoiled } from "./mutate.ts";
import { contentTypes, nastyQueryValues, nastySegments } from "./nasty.ts";
import { valuesOf } from "./values.ts";

/** Who sends a request. */
export type Sender = "owner" | "token" | "reader" | "stranger" | "nobody" | "rubbish";

/** A request as it is thought up: `{{kind.number}}` in it stands for an id that is known when it is sent. */
export type Draft = {
  readonly method: string;
  readonly target: string;
  readonly sender: Sender;
  readonly contentType: string | undefined;
  readonly body: string | Uint8Array | undefined;
};

const senders: Arbitrary<Sender> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Sender>("token") },
  { weight: 4, arbitrary: fc.constant<Sender>("owner") },
  { weight: 1, arbitrary: fc.constantFrom<Sender>("reader", "stranger", "nobody", "rubbish") },
);

/** Characters; the server takes 16 KiB of path, query and headers together. */
const queryMax = 12_000;

/** Who sends what is a person's own, which no token of an account has. */
const persons: Arbitrary<Sender> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Sender>("owner") },
  { weight: 1, arbitrary: senders },
);

/** Requests to an operation: mostly right ones, and such with something wrong in path, query, type or body. */
export function requestsTo(operation: Operation): Arbitrary<Draft> {
  const sender = operation.path.includes("/user/") ? persons : senders;
  const parts = { target: targetsOf(operation), sender, content: contentsOf(operation) };
  return fc
    .record(parts)
    .map(({ target, sender, content }) => ({ method: operation.method, target, sender, ...content }));
}

/** Every nasty value once in every place of an operation's path and query, in a request that is right but for it. */
export function sweepOf(operation: Operation): Draft[] {
  const right = rightPath(operation);
  const named = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
  const targets = [
    ...named.flatMap((name) => nastySegments.map((segment) => targetWith(operation, name, segment))),
    ...operation.query.flatMap(({ name }) =>
      nastyQueryValues.map((value) => `${right}?${required(operation, name)}${name}=${value}`),
    ),
  ];
  const body = operation.bodyRequired ? "{}" : undefined;
  const contentType = body && "application/json";
  const draft = { method: operation.method, sender: "token", contentType, body } as const;
  return targets.map((target) => ({ ...draft, target }));
}

/** The path of an operation with something that is there in every place. */
export function rightPath(operation: Operation): string {
  return operation.path.replace(/\{(\w+)\}/g, (_, name) => idsFor(operation, name)[0] ?? "x");
}

function targetWith(operation: Operation, name: string, segment: string): string {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, each) =>
    each === name ? segment : (idsFor(operation, each)[0] ?? "x"),
  );
  return `${path}?${required(operation, "")}`;
}

/** What a query must hold beside the member in question. */
function required({ query }: Operation, but: string): string {
  return query.some((each) => each.required && each.name === "org_id" && but !== "org_id")
    ? "org_id={{org.0}}&"
    : "";
}

function targetsOf(operation: Operation): Arbitrary<string> {
  const segments = operation.path.split("/").map((segment) => {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    return name === undefined ? fc.constant(segment) : segmentsOf(operation, name);
  });
  return fc
    .tuple(fc.tuple(...segments), queriesOf(operation))
    .map(([path, query]) => path.join("/") + (query && `?${query}`));
}

function segmentsOf(operation: Operation, name: string): Arbitrary<string> {
  const likely = name === "account_id" ? 40 : 12;
  return fc.oneof(
    { weight: likely, arbitrary: fc.constantFrom(...idsFor(operation, name)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "{{group.0}}",
        "{{device.0}}",
        "{{token.0}}",
        "{{member.0}}",
        "{{user_group.0}}",
        "{{foreign.0}}",
        "made-up",
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom(...nastySegments) },
  );
}

function idsFor({ path }: Operation, name: string): string[] {
  if (name === "account_id") return ["{{account.0}}"];
  const kind = kindIn(path, name);
  return [0, 1, 2].map((number) => `{{${kind}.${number}}}`);
}

function kindIn(path: string, name: string): string {
  if (path.includes("/deployment-groups/{group_id}")) return "deployment";
  if (path.includes("/user/tokens/{token_id}")) return "user_token";
  // A registration has its device's id.
  if (name === "registration_id") return "device";
  return name.replace(/_id$/, "");
}

function queriesOf(operation: Operation): Arbitrary<string> {
  const members = operation.query.map((member) => {
    const likely = member.required ? 12 : 1;
    const right = valuesOf(member.schema, member.name).map((value) => spelled(member.name, value));
    const wrong = fc.constantFrom(...nastyQueryValues).map((value) => `${member.name}=${value}`);
    const list = fc.constantFrom("1", "true").map((value) => `${member.name}[]=${value}`);
    const twice = fc.constant(`${member.name}=1&${member.name}=1`);
    return fc.oneof(
      { weight: likely, arbitrary: right },
      { weight: 5, arbitrary: fc.constant("") },
      { weight: 1, arbitrary: fc.oneof(wrong, wrong, list, twice) },
    );
  });
  const junk = fc.constantFrom("", "", "", "", "x=1", "__proto__=1", "&&&", "=", "%zz", "a[b][c]=1");
  return fc.tuple(...members, junk).map((parts) => withinLimits(parts.filter((part) => part !== "")));
}

/** As many as fit beside the path into what one request may have before its body: what is longer is cut off unread. */
function withinLimits(parts: readonly string[]): string {
  return parts.reduce((query, part) => {
    const longer = query === "" ? part : `${query}&${part}`;
    return longer.length > queryMax ? query : longer;
  }, "");
}

function spelled(name: string, value: unknown): string {
  const one = (each: unknown) => `${name}=${escaped(String(each))}`;
  if (Array.isArray(value)) return value.map(one).join("&");
  if (typeof value !== "object" || value === null) return one(value);
  return Object.entries(value)
    .map(([key, each]) => `${name}[${escaped(key)}]=${escaped(String(each))}`)
    .join("&");
}

/** Encoded for a query, but for the braces that stand for an id. */
function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll("%7B%7B", "{{").replaceAll("%7D%7D", "}}");
}

type Content = Pick<Draft, "contentType" | "body">;

function contentsOf({ body: schema, method }: Operation): Arbitrary<Content> {
  const none = fc.constant<Content>({ contentType: undefined, body: undefined });
  const values = schema ? valuesOf(schema) : fc.jsonValue({ maxDepth: 2 });
  const texts = (from: Arbitrary<unknown>) => from.map((value) => JSON.stringify(value));
  const asJson = (text: Arbitrary<string | Uint8Array>) =>
    text.map((body): Content => ({ contentType: "application/json", body }));
  const odd = fc.record({
    contentType: fc.constantFrom(...contentTypes),
    body: fc.oneof(texts(values), fc.constant(undefined), fc.constant("")),
  });
  if (!schema) {
    if (method === "GET") return none;
    return fc.oneof(
      { weight: 8, arbitrary: none },
      { weight: 1, arbitrary: asJson(spoiled(values)) },
      { weight: 1, arbitrary: odd },
    );
  }
  return fc.oneof(
    { weight: 8, arbitrary: asJson(texts(values)) },
    { weight: 8, arbitrary: asJson(texts(mutated(values))) },
    { weight: 3, arbitrary: asJson(spoiled(values)) },
    { weight: 1, arbitrary: odd },
    { weight: 1, arbitrary: none },
  );
}
