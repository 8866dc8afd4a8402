import Type, {
  type Static,
  type TArray,
  type TEnum,
  type TInteger,
  type TSchema,
  type TSchemaOptions,
  type TString,
  type TUnsafe,
} from "typebox";
import { Set as setFormat } from "typebox/format";
import { range } from "./expectation.ts";
import { instantYears, isInstant } from "./instant.ts";

export { parseInstant, printInstant } from "./instant.ts";

/** Limits of a text in Unicode code points, both included, and any further keywords of its schema. */
export type TextLimits = TSchemaOptions & { min?: number; max: number };

/** Inside a class of characters: C0, DEL, C1 and, as patterns are read in Unicode mode, lone surrogates. */
const control = "\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff";
const controlButLines = "\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\ud800-\\udfff";

// Every schema with this format gets our check: TypeBox's own takes leap seconds and calendar suffixes.
setFormat("date-time", isInstant);

/** One line of text: no control characters and no lone surrogates; `min` is 0 where it is not given. */
export function line({ min = 0, max, ...more }: TextLimits): TString {
  return Type.String({
    minLength: min,
    maxLength: max,
    pattern: `^[^${control}]*$`,
    expected: ofLength(min, max),
    ...more,
  });
}

/**
 * Text of several lines: as `line`, but tabs and line ends are fine. A carriage return is taken only before a
 * line feed: people paste text from Windows, but alone it only serves to overwrite a line of a log.
 */
export function prose({ min = 0, max, ...more }: TextLimits): TString {
  return Type.String({
    minLength: min,
    maxLength: max,
    pattern: `^[^${controlButLines}]*(?:\\r\\n[^${controlButLines}]*)*$`,
    expected: ofLength(min, max),
    ...more,
  });
}

/**
 * One line whose limits hold for what is left after trimming; `min` is 1 where it is not given. The check
 * does not trim: whoever reads the member calls `.trim()`, which cuts exactly what `\s` matches.
 */
export function trimmed({ min = 1, max, ...more }: TextLimits): TString {
  const space = `[^\\S${control}]*`;
  const inner = `(?=\\S)[^${control}]{${min},${max}}(?<=\\S)`;
  return Type.String({
    minLength: min,
    pattern: `^${space}${inner}${space}$`,
    expected: ofLength(min, max),
    ...more,
  });
}

/** A name for machines: lowercase letters, digits, `_` and `-`; 1 to 32 of them where no limits are given. */
export function slug({ min = 1, max = 32, ...more }: Partial<TextLimits> = {}): TString {
  const expected = `${range(min, max)} of the characters a-z, 0-9, _ and -`;
  return Type.String({ minLength: min, maxLength: max, pattern: "^[a-z0-9_-]*$", expected, ...more });
}

/** An RFC 3339 date-time with `Z` or an offset, as `parseInstant` reads it. */
export function instant(more: TSchemaOptions = {}): TString {
  const expected = `an RFC 3339 date-time such as 2026-11-21T09:10:11Z of the years ${instantYears.first} to ${instantYears.last}`;
  return Type.String({ format: "date-time", expected, ...more });
}

/** A whole number, both limits included; JSON's `1.0` is one too. */
export function wholeNumber(min: number, max: number, more: TSchemaOptions = {}): TInteger {
  return Type.Integer({
    minimum: min,
    maximum: max,
    expected: `a whole number from ${min} to ${max}`,
    ...more,
  });
}

/** One of a few words. */
export function oneOf<const Words extends string[]>(...words: Words): TEnum<Words> {
  return Type.Enum(words) as unknown as TEnum<Words>;
}

/** A member that may be left out or null. */
export function orNull<Schema extends TSchema>(schema: Schema) {
  return Type.Optional(Type.Union([schema, Type.Null()]));
}

/** A list of at least `min` (0 where it is not given) and at most `max` items. */
export function textList<Item extends TSchema>({
  min = 0,
  max,
  item,
  ...more
}: TSchemaOptions & { min?: number; max: number; item: Item }): TArray<Item> {
  return Type.Array(item, { ...(min > 0 && { minItems: min }), maxItems: max, ...more });
}

function ofLength(min: number, max: number): string {
  return `a string of ${range(min, max)} characters`;
}

/** A map from names to values: at most `max` entries, each name as `key` and each value as `item` says. */
export function textMap<Item extends TSchema>({
  max,
  key,
  item,
  ...more
}: TSchemaOptions & { max: number; key: TString; item: Item }): TUnsafe<Record<string, Static<Item>>> {
  // Type.Record would not do: its pattern `^.*$` leaves values unchecked whose name holds a line end.
  const limits = { additionalProperties: item, propertyNames: key, maxProperties: max };
  return Type.Unsafe(Type.Object({}, { ...limits, ...more }));
}

/**
 * The key by which two texts count as the same: in NFC, trimmed, without case. Folding twice changes nothing,
 * and a folded part of a text is found in the folded whole.
 *
 * Lower, upper and lower again is what makes it so: upper case writes ß as SS, but leaves ẞ alone until that
 * is lowered to ß. Lower case writes a final Σ in another way than one within a word; folded, both are σ.
 * It is coarser than Unicode's own folding in one point: Turkish dotless ı is the same as i.
 */
export function fold(text: string): string {
  const cased = text.normalize("NFC").trim().toLowerCase().toUpperCase().toLowerCase();
  return cased.replaceAll("ς", "σ").normalize("NFC");
}
