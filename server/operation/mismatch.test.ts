import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import Type, { type TSchema } from "typebox";
import Value from "typebox/value";
import { firstMismatch, fits } from "./mismatch.ts";
import { instant, line, trimmed, wholeNumber } from "./text.ts";

const member = fc.constantFrom("a", "b", "c");

const leaves = fc.constantFrom<TSchema>(
  line({ min: 1, max: 2 }),
  wholeNumber(0, 3),
  Type.Boolean(),
  Type.Null(),
  Type.Literal("x"),
  Type.Unknown(),
  Type.Union([Type.Literal("x"), Type.Literal("y"), Type.Null()]),
  Type.Enum(["x", "z"]),
  trimmed({ max: 2 }),
  instant(),
);

const { schema: schemas } = fc.letrec<{ schema: TSchema }>((tie) => {
  const optional = fc
    .tuple(tie("schema"), fc.boolean())
    .map(([one, may]) => (may ? Type.Optional(one) : one));
  const members = fc.dictionary(member, optional, { noNullPrototype: true });
  const object = fc.tuple(members, fc.boolean());
  return {
    schema: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaves,
      object.map(([properties, open]) =>
        Type.Object(properties, open ? {} : { additionalProperties: false }),
      ),
      fc
        .tuple(tie("schema"), fc.nat(2))
        .map(([item, minItems]) => Type.Array(item, { minItems, maxItems: 3 })),
      fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((branches) => Type.Union(branches)),
    ),
  };
});

const scalars = ["x", "y", "", "xyz", 0, 1, 1.5, true, null, " ", "2026-11-21T00:00:00Z", "\n"];

const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(...scalars),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("value"), { noNullPrototype: true }),
  ),
}));

it("fits where TypeBox finds no error, and else points at a place that is wrong", () => {
  const agrees = (schema: TSchema, value: unknown) => {
    assert.equal(fits(schema, value), Value.Check(schema, value));
    if (fits(schema, value)) return;
    const { pointer, problem } = firstMismatch(schema, value, "");
    assert.doesNotMatch(problem, /something else/);
    assert.ok(wrongPlaces(schema, value, "").has(pointer), `${pointer} | ${problem}`);
  };
  fc.assert(fc.property(schemas, values, agrees), { seed: 20261121, numRuns: 3000 });
});

/** Every place in a value that is wrong by a schema, found by brute force and without the code under test. */
function wrongPlaces(schema: any, value: any, pointer: string): Set<string> {
  if (Value.Check(schema, value)) return new Set();
  const places = new Set([pointer]);
  const add = (part: any, inner: unknown, place: string) => {
    for (const wrong of wrongPlaces(part, inner, place)) places.add(wrong);
  };
  for (const branch of schema.anyOf ?? []) add(branch, value, pointer);
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) add(schema.items ?? {}, item, `${pointer}/${at}`);
  } else if (typeof value === "object" && value !== null) {
    for (const name of schema.required ?? []) if (!(name in value)) places.add(`${pointer}/${name}`);
    for (const name of Object.keys(value)) {
      const own = schema.properties?.[name];
      if (own) add(own, value[name], `${pointer}/${name}`);
      else if (schema.additionalProperties === false) places.add(`${pointer}/${name}`);
    }
  }
  return places;
}
