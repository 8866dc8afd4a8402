import { setTimeout as pause } from "node:timers/promises";
import { type Child, startChild } from "../children.ts";
import { median, type Row, shown } from "../table.ts";
import { type Beat, requestOf } from "./beating.ts";
import type { Beaten, Beats } from "./beats.ts";
import { bring } from "./bring.ts";
import type { Call } from "./call.ts";
import { looks } from "./changes.ts";
import { deviceLines } from "./lines.ts";

/** Heartbeats a second while something else goes on: each of a thousand devices beats every other second. */
const perSecond = 500;

/** Where, whose heartbeats, how many devices there are, and for how many milliseconds each is done over and over. */
export type Meanwhile = {
  readonly port: number;
  readonly call: Call;
  readonly beats: readonly Beat[];
  readonly devices: number;
  readonly ms: number;
};

type Work = { readonly row: string; once(): Promise<{ ms: number; devices: number }> };

/** What looks at the whole fleet or changes much of it: how long it takes, and what heartbeats notice of it. */
export async function benchMeanwhile({ port, call, beats, devices, ms }: Meanwhile): Promise<Row[]> {
  const child = startChild("bench/fleet/beats.ts");
  const requests = beats.map(requestOf);
  const beating = { port, requests, connections: 64, perSecond } satisfies Beats;
  try {
    await during(child, beating, () => pause(ms));
    const alone = (await during(child, beating, () => pause(2 * ms))).beaten;
    const rows = [aloneRow(alone)];
    const tenth = Math.floor(devices / 10);
    let wave = 0;
    const works: Work[] = [
      ...looks.map(({ row, look }) => ({ row, once: () => look(call) })),
      {
        row: `another import of ${shown(tenth)} devices, each with another version`,
        async once() {
          wave++;
          return { ms: (await bring(port, deviceLines(0, tenth, wave))).ms, devices: tenth };
        },
      },
    ];
    for (const work of works) {
      const quiet = await work.once();
      const { beaten, result } = await during(child, beating, () => overAndOver(work, ms));
      rows.push(rowOf(work.row, quiet, result, beaten, alone));
    }
    return rows;
  } finally {
    await child.stop();
  }
}

async function during<T>(child: Child, beating: Beats, work: () => Promise<T>) {
  const beaten = child.ask<Beaten>(beating);
  const result = await work();
  child.process.send("stop");
  return { beaten: await beaten, result };
}

async function overAndOver(work: Work, ms: number): Promise<number[]> {
  const times: number[] = [];
  for (const until = performance.now() + ms; performance.now() < until; ) times.push((await work.once()).ms);
  return times;
}

function aloneRow(alone: Beaten): Row {
  return {
    row: `${perSecond} heartbeats a second of 1 000 devices, nothing else`,
    measured: `p50 ${shown(alone.p50Ms)} ms, p99 ${shown(alone.p99Ms)} ms`,
    ...{ ratio: null, goal: null, met: null, figures: alone },
  };
}

/** The ratio is of the heartbeats' p99, meanwhile and alone. */
function rowOf(
  row: string,
  quiet: { ms: number; devices: number },
  times: readonly number[],
  beaten: Beaten,
  alone: Beaten,
): Row {
  const busyMs = median(times);
  return {
    row: `${row}, and heartbeats meanwhile`,
    measured: `${shown(quiet.ms / 1000)} s, about ${shown(quiet.devices)} devices; meanwhile p99 ${shown(beaten.p99Ms)} ms`,
    ratio: beaten.p99Ms / alone.p99Ms,
    ...{ goal: null, met: null },
    figures: { ms: quiet.ms, devices: quiet.devices, busyMs, times, beaten, alone },
  };
}
