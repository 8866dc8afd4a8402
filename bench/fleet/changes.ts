import type { DatabaseSync } from "node:sqlite";
import { account } from "../seed.ts";
import { median, type Row, shown } from "../table.ts";
import type { Call } from "./call.ts";
import { groupId, uuid } from "./ids.ts";

/** Something that looks at the whole fleet; answers how many devices it is about. */
export type Look = { readonly row: string; look(call: Call): Promise<{ ms: number; devices: number }> };

/** One 480th of the fleet each. */
const expressions = [
  'device.model == "Model 7" and device.region == "eu-west"',
  'device.model == "Model 8" and device.region == "us-east"',
] as const;

/** The group whose rules change: no device policy names it. */
const changed = `/api/v1/device-groups/${groupId(5)}`;

/** Other rules for a group, against the engine going through all devices once. */
export async function benchRuleChange(call: Call, raw: DatabaseSync, rounds: number): Promise<Row> {
  const scan = raw.prepare("select count(*) as found from device where app_id = 'nobody'");
  const turns: { readonly ms: number; readonly scanMs: number; readonly members: number }[] = [];
  for (let round = -1; round < rounds; round++) {
    const expression = expressions[(round + 2) % 2];
    const { body, ms } = await call("PUT", changed, { auto_assignment_rules: { expression } });
    const started = performance.now();
    scan.get();
    // The first round warms everything up.
    if (round >= 0) turns.push({ ms, scanMs: performance.now() - started, members: body.device_count });
  }
  const ratio = median(turns.map(({ ms, scanMs }) => ms / scanMs));
  const [ms, scanMs] = [median(turns.map((turn) => turn.ms)), median(turns.map((turn) => turn.scanMs))];
  return {
    row: `other rules for a group, ${shown(turns[0]?.members ?? 0)} members`,
    measured: `${shown(ms)} ms, the engine's scan of all devices ${shown(scanMs)} ms`,
    ratio,
    goal: "≤ 3",
    met: ratio <= 3,
    figures: { ms, scanMs, turns },
  };
}

const v4 = `/client/v4/accounts/${account.id}/devices`;

/** What a change would bring about, asked in several ways; nothing is kept. */
export const looks: readonly Look[] = [
  {
    row: "preview of rules",
    async look(call) {
      const content = { org_id: account.id, expression: expressions[0] };
      const { body, ms } = await call("POST", "/api/v1/device-groups/preview", content);
      return { ms, devices: body.count };
    },
  },
  {
    row: "dry run of other rules for a group",
    look: (call) =>
      rehearsed(call, "PUT", `/api/v1/device-groups/${groupId(1)}`, {
        auto_assignment_rules: { expression: expressions[0] },
      }),
  },
  {
    row: "dry run of another match of a device policy",
    look: (call) =>
      rehearsed(call, "PATCH", `${v4}/policy/${uuid("policy", 13)}`, { match: "device.bucket < 10" }),
  },
  {
    row: "dry run of another version for a deployment group",
    look: (call) =>
      rehearsed(call, "PATCH", `${v4}/deployment-groups/${uuid("deployment", 1)}`, {
        version_config: [{ target_environment: null, version: "2026.9.1" }],
      }),
  },
];

async function rehearsed(call: Call, method: string, path: string, content: object) {
  const { body, ms } = await call(method, `${path}?dry_run=true`, content);
  return { ms, devices: body.impact.devices as number };
}
