import { type ErrorObject, Ajv2020 as Validator } from "ajv/dist/2020.js";

/** A JSON schema as plain data, as far as values are made from it. */
export type Schema = {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: Schema;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly description?: string;
  readonly examples?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
};

/** One operation of the served OpenAPI document, with what tells a right answer from a wrong one. */
export type Operation = {
  readonly id: string;
  readonly name: string;
  readonly method: string;
  /** With `{names}` in it. */
  readonly path: string;
  readonly query: readonly { readonly name: string; readonly required: boolean; readonly schema: Schema }[];
  readonly body: Schema | undefined;
  readonly bodyRequired: boolean;
  readonly answers: Readonly<Record<string, Schema | null>>;
  /** What is wrong with an answer, or null; only statuses of failures may be left to `default`. */
  fault(status: number, body: unknown): string | null;
};

/** RFC 3339 in UTC, as both dialects print it: whole seconds, or microseconds. */
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/;

/** Reads the operations out of an OpenAPI document; every answer's schema is taken to be closed. */
export function operationsOf(document: any): Operation[] {
  const validator = new Validator({ strict: false, allErrors: false });
  validator.addFormat("date-time", instant);
  return Object.entries<any>(document.paths).flatMap(([path, methods]) =>
    Object.entries<any>(methods).map(([method, described]) =>
      operationOf(validator, method.toUpperCase(), path, described),
    ),
  );
}

function operationOf(validator: Validator, method: string, path: string, described: any): Operation {
  const answers: Record<string, Schema | null> = {};
  const checks: Record<string, (body: unknown) => string | null> = {};
  for (const [status, answer] of Object.entries<any>(described.responses)) {
    // Of lines, the schema of one.
    const [content] = Object.values<any>(answer.content ?? {});
    const schema = content?.schema ?? null;
    answers[status] = schema;
    checks[status] = schema ? checkOf(validator, schema) : nothing;
  }
  return {
    id: described.operationId,
    name: described["x-operation"],
    method,
    path,
    query: described.parameters.filter((each: any) => each.in === "query"),
    body: described.requestBody?.content["application/json"]?.schema,
    // A stream takes lines, which may be none.
    bodyRequired: described.requestBody?.content["application/json"] ? described.requestBody.required : false,
    answers,
    fault(status, body) {
      const check = checks[String(status)] ?? (status >= 400 && status < 500 ? checks.default : undefined);
      return check ? check(body) : `${status} is not documented`;
    },
  };
}

function nothing(body: unknown): string | null {
  return body === undefined ? null : "a body where none is documented";
}

function checkOf(validator: Validator, schema: Schema): (body: unknown) => string | null {
  const validate = validator.compile(closed(schema) as object);
  return (body) => (validate(body) ? null : worded(validate.errors ?? []));
}

function worded(errors: readonly ErrorObject[]): string {
  return errors
    .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
    .join("; ");
}

/** The places in an answer's schema that leave open which members there may be. */
export function openObjects(schema: Schema, at = ""): string[] {
  const open = schema.properties && schema.additionalProperties === undefined ? [at || "/"] : [];
  const parts = [
    ...Object.entries(schema.properties ?? {}),
    ...(schema.items ? [["*", schema.items] as const] : []),
    ...(schema.anyOf ?? []).map((one, index) => [`anyOf ${index}`, one] as const),
  ];
  return [...open, ...parts.flatMap(([name, part]) => openObjects(part, `${at}/${name}`))];
}

function closed(schema: Schema): Schema {
  const { properties, items, anyOf, additionalProperties } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, one]) => [name, closed(one)] as const),
      ),
      additionalProperties: additionalProperties ?? false,
    }),
    ...(items && { items: closed(items) }),
    ...(anyOf && { anyOf: anyOf.map(closed) }),
  };
}
