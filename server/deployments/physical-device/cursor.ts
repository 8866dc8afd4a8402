import { type DeviceOrder, type DevicePlace, deviceSortKeys } from "../../devices/device/index.ts";
import { invalid } from "../../failure.ts";

/** Writes where the next page begins, with the order that it is the next one in; callers need not understand it. */
export function writeCursor({ by, descending }: DeviceOrder, { key, id }: DevicePlace): string {
  return Buffer.from(JSON.stringify([by, descending, key, id])).toString("base64url");
}

/**
 * Reads where a page begins.
 *
 * @throws Failure `invalid` for a cursor of another order, and for what is none of ours
 */
export function readCursor(cursor: string, order: DeviceOrder): DevicePlace {
  const [by, descending, key, id] = partsOf(cursor);
  const known = typeof by === "string" && Object.hasOwn(deviceSortKeys, by) && isText(id);
  if (known && (by !== order.by || descending !== order.descending))
    throw wrong("one that was answered to the same sort_by and sort_order");
  if (!known || !fits(order, key)) throw wrong("the cursor of an earlier answer");
  return { key: key as DevicePlace["key"], id };
}

function wrong(expected: string) {
  return invalid("/cursor", `cursor: expected ${expected}`);
}

function partsOf(cursor: string): unknown[] {
  try {
    const parts = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(parts)) return parts;
  } catch {
    // Whatever is wrong with it, it is not one of ours.
  }
  return [];
}

/** Whether a key is of the kind that the order compares. */
function fits({ by }: DeviceOrder, key: unknown): boolean {
  const { type, optional } = deviceSortKeys[by];
  if (key === null) return optional;
  return type === "number" ? Number.isSafeInteger(key) : isText(key);
}

/** Texts that a database can be asked about. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed() && !value.includes("\0");
}
