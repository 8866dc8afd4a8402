/** Digits that a part of a version is padded to in its key; longer ones compare as equal from there on. */
const partDigits = 15;

/** Parts that count; what comes behind them is left out. */
const partsMax = 16;

/**
 * The key by which versions compare as texts, byte by byte, as they do part by part as numbers: the first run of
 * numbers and dots in the text (`Darwin 23.4` is 23.4), each part padded, zeros at the end left out, so that 10.15 and
 * 10.15.0 are the same. Undefined for a text without any digit.
 */
export function versionKey(text: string): string | undefined {
  const [run] = /\d+(?:\.\d+)*/.exec(text) ?? [];
  if (run === undefined) return undefined;
  const parts = run.split(".", partsMax).map(padded);
  while (parts.length > 1 && parts.at(-1) === zero) parts.pop();
  return parts.join(".");
}

const zero = "0".repeat(partDigits);
const largest = "9".repeat(partDigits);

function padded(part: string): string {
  const digits = part.replace(/^0+/, "");
  return digits.length > partDigits ? largest : digits.padStart(partDigits, "0");
}
