import fc, { type Arbitrary } from "fast-check";
import { nasty } from "./nasty.ts";

type Spot = readonly (string | number)[];

/** Values with one thing in them made wrong: replaced, left out, or added. */
export function mutated(values: Arbitrary<unknown>): Arbitrary<unknown> {
  return fc
    .tuple(values, fc.nat(), nasty, fc.constantFrom("replace", "replace", "remove", "add"))
    .map(([value, at, wrong, how]) => {
      const spots = spotsIn(value, []);
      const spot = spots[at % spots.length] ?? [];
      return changed(value, spot, wrong, how);
    });
}

function spotsIn(value: unknown, here: Spot): Spot[] {
  if (typeof value !== "object" || value === null) return [here];
  return [here, ...Object.entries(value).flatMap(([name, inside]) => spotsIn(inside, [...here, name]))];
}

function changed(value: unknown, spot: Spot, wrong: unknown, how: string): unknown {
  const [name, ...further] = spot;
  if (name === undefined) {
    if (how !== "add" || typeof value !== "object" || value === null) return wrong;
    if (Array.isArray(value)) return [...value, wrong];
    // Members that come of themselves with every object, and one that none has.
    return Object.fromEntries([...Object.entries(value), ["__proto__", wrong], ["unknown", wrong]]);
  }
  if (Array.isArray(value)) {
    const at = Number(name);
    if (how === "remove" && further.length === 0) return value.toSpliced(at, 1);
    return value.with(at, changed(value[at], further, wrong, how));
  }
  const entries = Object.entries(value as object);
  if (how === "remove" && further.length === 0)
    return Object.fromEntries(entries.filter(([each]) => each !== name));
  return Object.fromEntries(
    entries.map(([each, inside]) => [each, each === name ? changed(inside, further, wrong, how) : inside]),
  );
}

/** Makes a JSON text into one that is broken, or that a careless reader takes for something else. */
const spoilers: readonly ((text: string) => string | Uint8Array)[] = [
  (text) => text.slice(0, -1),
  (text) => text.slice(0, Math.floor(text.length / 2)),
  (text) => `${text}}`,
  (text) => `${text} x`,
  (text) => `\ufeff${text}`,
  (text) => `/* */${text}`,
  (text) => text.replace(/[}\]]$/, ",$&"),
  (text) => text.replaceAll('"', "'"),
  (text) => text.replace(/^\{/, '{"name":1,"name":"twice",'),
  (text) => text.replace(/^\{/, '{"__proto__":{"name":"x"},'),
  (text) => text.replace(/^\{/, '{"\\u005f_proto__":{},'),
  (text) => text.replace(/^\{/, '{"n":1e999,'),
  (text) => text.replace(/^\{/, '{"n":123456789012345678901234567890,'),
  (text) => text.replace(/^\{/, '{"n":01,'),
  (text) => text.replace(/^\{/, '{"n":NaN,'),
  (text) => text.replace(/^\{/, '{"n":"\\ud800",'),
  (text) => text.replace(/^\{/, '{"n":"\u0001",'),
  (text) => `${"[".repeat(10_000)}${text}`,
  (text) => '{"a":'.repeat(10_000) + text,
  (text) => Buffer.from(text, "utf16le"),
  (text) => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0xfe])]),
  (text) => Buffer.concat([Buffer.from(text), Buffer.from([0])]),
  () => "",
  () => " ",
  () => "null",
  () => "true",
  () => '"text"',
  () => "[]",
  () => "{}",
  () => "-",
  () => "\u0000",
];

/** Texts of values that no reader of JSON should take for what they were. */
export function spoiled(values: Arbitrary<unknown>): Arbitrary<string | Uint8Array> {
  return fc.tuple(values, fc.constantFrom(...spoilers)).map(([value, spoil]) => spoil(JSON.stringify(value)));
}
