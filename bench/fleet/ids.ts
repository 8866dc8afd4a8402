import { randomFrom } from "../random.ts";

const digits = "0123456789abcdefghjkmnpqrstvwxyz";
const pairs = [...digits].flatMap((high) => [...digits].map((low) => high + low));

/** Ids begin at this time and are a millisecond apart, as those of a fleet that grew by itself. */
const begin = 1_700_000_000_000;

/** The id of a device by its number from 0: always the same, in the order of the numbers, 30 characters long. */
export function deviceId(index: number): string {
  return `dev_${idAt(index, 1)}`;
}

/** The id of a device group by its number from 0. */
export function groupId(index: number): string {
  return `grp_${idAt(index, 2)}`;
}

/** The id of a device policy or a deployment group by its number from 0. */
export function uuid(kind: "policy" | "deployment", index: number): string {
  return `${kind === "policy" ? "0190aaaa" : "0190bbbb"}-0000-7000-8000-${index.toString(16).padStart(12, "0")}`;
}

/** What a device calls itself, by its number from 0. */
export function identifier(index: number): string {
  return `serial-${String(index).padStart(12, "0")}`;
}

/** 48 bits of time in 10 digits, and 80 bits that look random in 16. */
function idAt(index: number, kind: number): string {
  let [rest, text] = [begin + index, ""];
  for (let pair = 0; pair < 5; pair++) {
    text = (pairs[rest % 1024] as string) + text;
    rest = Math.floor(rest / 1024);
  }
  const random = randomFrom(index * 4 + kind);
  for (let pair = 0; pair < 8; pair++) text += pairs[Math.floor(random() * 1024)];
  return text;
}
