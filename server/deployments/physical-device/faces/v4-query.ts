import Type from "typebox";
import type { DeviceNarrowing, DeviceOrder, DeviceSortKey } from "../../../devices/device/index.ts";
import { invalid } from "../../../failure.ts";
import { instant, line, oneOf, parseInstant, textList } from "../../../operation/text.ts";
import { usualOrder } from "../physical-device.ts";

/** What the faces of both lists have in common. */
export const where = { dialect: "v4", account: "path", family: "product" } as const;

/** Ids that one request can name. */
const idsMax = 1000;

/** An id, an email address or another text that is asked for as it is. */
export const exactly = line({ max: 255 });

/** The members of a query that both lists have. */
export const shared = {
  id: Type.Optional(textList({ max: idsMax, item: exactly })),
  search: Type.Optional(
    line({ max: 255, description: "A part of the name or of the manufacturer, whatever its case." }),
  ),
  seen_after: Type.Optional(instant()),
  seen_before: Type.Optional(instant()),
  sort_order: Type.Optional(Type.Enum(["asc", "desc"], { default: "asc" })),
};

/** Which of the two types of registrations is asked for: a device has one of the client's, and none of a browser's. */
export const registrationType = Type.Optional(oneOf("warp", "browser_extension"));

/** A list of ids as a query repeats them. */
export const ids = Type.Optional(textList({ max: idsMax, item: exactly }));

type Shared = { id?: string[]; search?: string; seen_after?: string; seen_before?: string };

/** Reads what both lists are narrowed by; of a type of registrations that no device has, there are none. */
export function narrowingOf(query: Shared, type: "warp" | "browser_extension" | undefined): DeviceNarrowing {
  const wanted = type === "browser_extension" ? [] : query.id;
  return {
    ...(wanted !== undefined && { ids: wanted }),
    ...(query.search !== undefined && { search: query.search }),
    ...(query.seen_after !== undefined && { seenAfter: parseInstant(query.seen_after) }),
    ...(query.seen_before !== undefined && { seenBefore: parseInstant(query.seen_before) }),
  };
}

/** What a list can be sorted by: the names that clients send, and what they stand for. */
type SortKeys = Readonly<Record<string, DeviceSortKey>>;

/** A key to sort by, as it is sent. */
export function sortBy<Keys extends SortKeys>(keys: Keys) {
  const names = Object.keys(keys) as (keyof Keys & string)[];
  return Type.Optional(Type.Enum(names, { default: usualOrder.by }));
}

/** Reads the order that is asked for. */
export function orderOf<Keys extends SortKeys>(
  keys: Keys,
  query: { readonly sort_by?: keyof Keys; readonly sort_order?: "asc" | "desc" },
): DeviceOrder {
  const by = query.sort_by === undefined ? usualOrder.by : (keys[query.sort_by] as DeviceSortKey);
  return { by, descending: query.sort_order === "desc" };
}

/** A list of what an answer should have beside the rest, as it is sent; see `includes`. */
export function including(known: string) {
  return Type.Optional(line({ max: 255, description: `A list with commas; known is ${known}.` }));
}

/**
 * Reads a list of what an answer should have beside the rest, of which only one thing is known.
 *
 * @throws Failure `invalid` for anything else
 */
export function includes(known: string, include: string | undefined): boolean {
  const wanted = (include ?? "").split(",").flatMap((part) => part.trim() || []);
  if (wanted.some((part) => part !== known)) throw invalid("/include", `include: expected ${known}`);
  return wanted.length > 0;
}

/**
 * Reads labels as `key:value`, where the key goes to the first colon.
 *
 * @throws Failure `invalid` for a text without one
 */
export function labelsOf(tags: readonly string[]): [key: string, value: string][] {
  return tags.map((tag, place) => {
    const colon = tag.indexOf(":");
    if (colon < 1) throw invalid(`/tag/${place}`, `tag/${place}: expected key:value`);
    return [tag.slice(0, colon), tag.slice(colon + 1)];
  });
}
