import { deviceLine } from "./device-lines.ts";
import { deviceId, groupId, uuid } from "./ids.ts";
import { matches, nameOf, rulesOf } from "./selectors.ts";
import type { FleetSize } from "./size.ts";

/** Characters that are sent together. */
const pieceSize = 64 * 1024;

/** The number of the group that is filled by hand and holds every device; the dynamic ones stand before it. */
export function everyone({ dynamic }: FleetSize): number {
  return dynamic;
}

/** How many lines `fleetLines` answers. */
export function countOf({ devices, groups, memberships }: FleetSize): number {
  return groups + devices + memberships + matches.length + deploymentGroups;
}

/** A fleet as lines of an import, in the order of an export; always the same ones for a size. */
export function* fleetLines(size: FleetSize): Generator<object> {
  for (let index = 0; index < size.groups; index++) yield groupLine(index, size);
  yield* deviceLines(0, size.devices);
  yield* membershipLines(size);
  yield* configurationLines();
}

/** The lines of some devices; with each `wave` they run another version. */
export function* deviceLines(from: number, to: number, wave = 0): Generator<object> {
  for (let index = from; index < to; index++) yield deviceLine(index, wave);
}

/** Lines as they are sent: nothing is held of them but the next piece. */
export function* pieces(lines: Iterable<object>): Generator<string> {
  let piece = "";
  for (const line of lines) {
    piece += `${JSON.stringify(line)}\n`;
    if (piece.length < pieceSize) continue;
    yield piece;
    piece = "";
  }
  if (piece) yield piece;
}

function groupLine(index: number, { dynamic }: FleetSize): object {
  const shared = { type: "device_group", id: groupId(index), tags: ["fleet"] };
  if (index < dynamic)
    return { ...shared, name: nameOf(index), group_type: "dynamic", auto_assignment_rules: rulesOf(index) };
  return { ...shared, name: `By hand ${String(index).padStart(6, "0")}`, group_type: "static" };
}

/** Group by group: every device is in the first, the others are the smaller the later they come. */
function* membershipLines(size: FleetSize): Generator<object> {
  for (const [position, count] of sizesByHand(size).entries()) {
    const id = groupId(size.dynamic + position);
    for (const index of membersOf(position, count, size.devices))
      yield { type: "membership", group_id: id, device_id: deviceId(index) };
  }
}

/** How many members each group has that is filled by hand. */
export function sizesByHand({ devices, groups, dynamic, memberships }: FleetSize): number[] {
  const others = groups - dynamic - 1;
  const left = memberships - devices;
  const weights = Array.from({ length: others }, (_, rank) => 1 / (rank + 20));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const sizes = weights.map((weight) => Math.min(devices, Math.floor((left * weight) / sum)));
  // What rounding left over.
  sizes[0] = (sizes[0] ?? 0) + left - sizes.reduce((total, size) => total + size, 0);
  return [devices, ...sizes];
}

/** Numbers of devices from all over the fleet, each once: steps of a length that has no divisor with the fleet's. */
function* membersOf(position: number, count: number, devices: number): Generator<number> {
  const step = position === 0 ? 1 : 10 * ((position * 7919) % Math.floor(devices / 10)) + 3;
  let at = position === 0 ? 0 : (position * 104_729) % devices;
  for (let member = 0; member < count; member++) {
    yield at;
    at = (at + step) % devices;
  }
}

const deploymentGroups = 5;

function* configurationLines(): Generator<object> {
  for (const [index, match] of matches.entries())
    yield {
      ...{ type: "device_policy", id: uuid("policy", index), name: `Profile ${index}`, match },
      precedence: (index + 1) * 10,
    };
  const perGroup = Math.ceil(matches.length / deploymentGroups);
  for (let index = 0; index < deploymentGroups; index++)
    yield {
      ...{ type: "deployment_group", id: uuid("deployment", index), name: `Ring ${index}` },
      version_config: ["windows", "macos", null].map((target_environment, environment) => {
        return { target_environment, version: `2026.${index + 1}.${10 + environment}` };
      }),
      policy_ids: matches
        .slice(index * perGroup, (index + 1) * perGroup)
        .map((_, policy) => uuid("policy", index * perGroup + policy)),
    };
}
