import type { Child } from "./children.ts";
import type { Load, Loaded } from "./load.ts";
import { account } from "./seed.ts";
import { median, type Row, shown } from "./table.ts";

/** How often and how long each side is measured, and how many requests it answers before that. */
export type Sizes = { readonly rounds: number; readonly ms: number; readonly warm: number };

/** A process that answers on a port. */
export type Server = { readonly child: Child; readonly port: number };

/** One measured turn. `busy` is the share of the time in which the server's process worked. */
type Turn = {
  readonly perSecond: number;
  readonly count: number;
  readonly cpuUs: number;
  readonly busy: number;
  readonly p50Us: number;
  readonly p99Us: number;
};
type Turns = readonly { readonly ours: Turn; readonly bare: Turn }[];

/** Headers that `node:http` adds by itself. */
const ownHeaders = ["date", "connection", "keep-alive", "transfer-encoding"];

/** What the server answers with 200, for the bare one to answer the same. Bodies here are of ASCII. */
export async function answerTo(
  port: number,
  path: string,
  { secret = account.token, body }: { secret?: string; body?: string } = {},
): Promise<{ headers: Record<string, string>; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    ...(body !== undefined && { method: "POST", body }),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}: ${text}`);
  const headers = [...answer.headers].filter(([name]) => !ownHeaders.includes(name));
  return { headers: Object.fromEntries(headers), body: text };
}

/** Measures two servers in turns, the same requests on both. */
export async function inTurns(
  bare: Server,
  ours: Server,
  load: Child,
  wanted: Omit<Load, "port" | "ms">,
  { rounds, ms, warm }: Sizes,
): Promise<Turns> {
  const measure = measuring(load, wanted);
  for (const server of [bare, ours])
    for (let answered = 0; answered < warm; ) answered += (await measure(server, 500)).count;
  const turns: { ours: Turn; bare: Turn }[] = [];
  for (let round = 0; round < rounds; round++)
    turns.push({ bare: await measure(bare, ms), ours: await measure(ours, ms) });
  return turns;
}

function measuring(load: Child, wanted: Omit<Load, "port" | "ms">) {
  return async ({ child, port }: Server, ms: number): Promise<Turn> => {
    const before = await child.cpuUs();
    const { perSecond, count, p50Us, p99Us } = await load.ask<Loaded>({ ...wanted, port, ms } satisfies Load);
    const used = (await child.cpuUs()) - before;
    return { perSecond, count, cpuUs: used / count, busy: used / (1e6 * (count / perSecond)), p50Us, p99Us };
  };
}

/** The line of the report about turns: the least share of the bare server's requests is the goal, if there is one. */
export function rowOfTurns(row: string, turns: Turns, least: number | null = null): Row {
  const of = (figure: (turn: Turns[number]) => number) => median(turns.map(figure));
  const perSecond = of(({ ours }) => ours.perSecond);
  const barePerSecond = of(({ bare }) => bare.perSecond);
  const cpuUs = of(({ ours }) => ours.cpuUs);
  const bareCpuUs = of(({ bare }) => bare.cpuUs);
  const cpuRatio = of(({ ours, bare }) => bare.cpuUs / ours.cpuUs);
  const ratio = of(({ ours, bare }) => ours.perSecond / bare.perSecond);
  return {
    row,
    measured: `${shown(perSecond)}/s, bare ${shown(barePerSecond)}/s; CPU ${shown(cpuUs)} µs, bare ${shown(bareCpuUs)} µs`,
    ratio,
    goal: least === null ? null : `≥ ${least}`,
    met: least === null ? null : ratio >= least,
    figures: { perSecond, barePerSecond, cpuUs, bareCpuUs, cpuRatio, turns },
  };
}
