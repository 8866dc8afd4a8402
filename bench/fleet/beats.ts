/**
 * Devices that beat at a steady rate until they are told to stop: each heartbeat has a time at which it is due, and its
 * answer counts from then, so that one that has to wait for others is not forgotten.
 */
import { type Converse, converse } from "../converse.ts";

/** Requests are sent in turn, so many a second. */
export type Beats = {
  readonly port: number;
  readonly requests: readonly string[];
  readonly connections: number;
  readonly perSecond: number;
};

/** What came of it, in milliseconds. */
export type Beaten = {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

let stop: (() => void) | undefined;

process.on("message", (message: Beats | "cpu" | "memory" | "stop") => {
  if (message === "stop") return stop?.();
  if (typeof message === "string") return;
  run(message).then(
    (beaten) => process.send?.(beaten),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run({ port, requests, connections, perSecond }: Beats): Promise<Beaten> {
  // All of them in turn: the server hangs up on those that say nothing.
  const idle = await Promise.all(Array.from({ length: connections }, () => converse(port)));
  const all = [...idle];
  const times: number[] = [];
  const waiting: number[] = [];
  const started = performance.now();
  let [sent, due] = [0, 0];
  const send = async (connection: Converse, dueAt: number) => {
    const answer = await connection.ask(requests[sent++ % requests.length] as string);
    if (answer.status !== 200) throw new Error(`a heartbeat was answered ${answer.status}: ${answer.text}`);
    times.push(answer.at - dueAt);
    idle.push(connection);
    next();
  };
  const stopped = Promise.withResolvers<void>();
  const next = () => {
    while (waiting.length > 0 && idle.length > 0)
      send(idle.shift() as Converse, waiting.shift() as number).catch(stopped.reject);
  };
  const timer = setInterval(() => {
    for (const until = ((performance.now() - started) * perSecond) / 1000; due < until; due++)
      waiting.push(started + (due * 1000) / perSecond);
    next();
  }, 1);
  stop = stopped.resolve;
  await stopped.promise;
  clearInterval(timer);
  // What still waits counts as if it were answered now: it took that long at least.
  for (const dueAt of waiting) times.push(performance.now() - dueAt);
  for (const connection of all) connection.end();
  return summed(times);
}

function summed(times: readonly number[]): Beaten {
  const sorted = Float64Array.from(times).sort();
  const quantile = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return {
    count: sorted.length,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: sorted.at(-1) ?? Number.NaN,
  };
}
