import { checker } from "../../operation/check.ts";
import { deploymentGroupLines } from "./deployment-group-lines.ts";
import { deviceLines } from "./device-lines.ts";
import { devicePolicyLines } from "./device-policy-lines.ts";
import { groupLines } from "./group-lines.ts";
import { faultOf, type Judged, type Line, type LineKind, type LineType, type Raw } from "./line.ts";
import { membershipLines } from "./membership-lines.ts";
import { userGroupLines } from "./user-group-lines.ts";

/** All kinds of lines. */
export const kinds: readonly LineKind<any>[] = [
  ...[userGroupLines, groupLines, deviceLines, membershipLines],
  ...[devicePolicyLines, deploymentGroupLines],
];

const known = new Map<unknown, { kind: LineKind<any>; check: ReturnType<typeof checker> }>(
  kinds.map((kind) => [kind.type, { kind, check: checker(kind.schema) }]),
);

const expected = `expected one of ${kinds.map(({ type }) => type).join(", ")}`;

/** A line with its kind where it is as the kind's schema says, else what is wrong with it; null for what says nothing. */
export type Sorted =
  | { readonly kind: LineKind<any>; readonly line: Line<any> }
  | { readonly type: LineType | null; readonly number: number; readonly judged: Judged };

/** Finds out what a line is about, and checks it by itself. */
export function sorted(raw: Raw): Sorted | null {
  const { number } = raw;
  if ("message" in raw)
    return { type: null, number, judged: { verdict: "bad", field: raw.field, message: raw.message } };
  const { value } = raw;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { type: null, number, judged: { verdict: "bad", field: "", message: "expected a JSON object" } };
  const { type } = value as { type?: unknown };
  // What begins an export says what it is, and nothing that could be brought.
  if (type === "export") return null;
  const found = known.get(type);
  if (!found)
    return { type: null, number, judged: { verdict: "bad", field: "type", message: `type: ${expected}` } };
  try {
    found.check(value);
    return { kind: found.kind, line: { number, value } };
  } catch (error) {
    return { type: found.kind.type, number, judged: faultOf(error) };
  }
}
