/**
 * The years that an instant may lie in. Integer microseconds stay exact in a JavaScript number only until
 * 2255-06-05, and one driver refuses to read a larger integer: one stored would break every list that
 * holds it.
 */
export const instantYears = { first: 1685, last: 2254 } as const;

const shape =
  /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

const firstInstant = Date.UTC(instantYears.first, 0, 1) * 1000;
const endOfInstants = Date.UTC(instantYears.last + 1, 0, 1) * 1000;

/**
 * Microseconds since the epoch of an RFC 3339 date-time with `Z` or an offset; digits below the microsecond
 * are cut off. Throws a `RangeError` for any other text, for days that a month does not have, for second 60
 * (no clock of ours can tell a leap second) and for years outside `instantYears`.
 */
export function parseInstant(text: string): number {
  const us = readInstant(text);
  if (us === undefined) throw new RangeError("not an RFC 3339 date-time that can be kept");
  return us;
}

/** Can `parseInstant` read this text? */
export function isInstant(text: string): boolean {
  return readInstant(text) !== undefined;
}

function readInstant(text: string): number | undefined {
  const parts = shape.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", sign, offsetHour, offsetMinute] = parts;
  if (Number(day) < 1 || Number(day) > daysIn(Number(year), Number(month))) return undefined;
  // Date.UTC takes the years 0 to 99 for 1900 to 1999, but those are outside our range either way.
  const minutes = sign ? (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === "-" ? -1 : 1) : 0;
  const ms = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute) - minutes,
    Number(second),
  );
  const us = ms * 1000 + Number(fraction.slice(0, 6).padEnd(6, "0"));
  return Number(year) > 99 && us >= firstInstant && us < endOfInstants ? us : undefined;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  if (month < 1 || month > 12) return 0;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** How much of an instant is printed; `shortest` is `seconds` where there is no fraction, else `micro`. */
export type InstantDigits = "micro" | "seconds" | "shortest";

/**
 * Prints microseconds since the epoch as an RFC 3339 date-time in UTC; `seconds` cuts the fraction off.
 * Throws a `RangeError` for anything but an integer within the years 0001 to 9999.
 */
export function printInstant(us: number, digits: InstantDigits): string {
  const seconds = Math.floor(us / 1_000_000);
  if (!Number.isInteger(us) || seconds < -62_135_596_800 || seconds > 253_402_300_799)
    throw new RangeError(`not an instant: ${us}`);
  const whole = `${dateOf(Math.floor(seconds / 86_400))}T${timeOf(seconds)}`;
  const fraction = us - seconds * 1_000_000;
  if (digits === "seconds" || (digits === "shortest" && fraction === 0)) return `${whole}Z`;
  return `${whole}.${String(fraction).padStart(6, "0")}Z`;
}

/** The last date that was printed: most instants that are printed one after another are of one day. */
let printed = { day: Number.NaN, date: "" };

function dateOf(day: number): string {
  if (printed.day !== day) printed = { day, date: new Date(day * 86_400_000).toISOString().slice(0, 10) };
  return printed.date;
}

const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

function timeOf(seconds: number): string {
  const ofDay = ((seconds % 86_400) + 86_400) % 86_400;
  const [hour, minute, second] = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60, ofDay % 60];
  return `${twoDigits[hour]}:${twoDigits[minute]}:${twoDigits[second]}`;
}
