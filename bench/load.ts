/**
 * The load: raw sockets that stay open, one request in flight on each. A client of `node:http` costs more than
 * the servers that it is to measure.
 */
import { connect } from "node:net";
import { deviceId } from "./fleet/ids.ts";
import { randomFrom } from "./random.ts";

/** One request for devices of a fleet: the id of any of them stands between its two parts, drawn anew each time. */
export type AnyDevice = { readonly devices: number; readonly before: string; readonly after: string };

/**
 * Requests are sent in turn, if they are a list; each answer must have this status and, where it is said, a body of this
 * length.
 */
export type Load = {
  readonly port: number;
  readonly requests: readonly string[] | AnyDevice;
  readonly connections: number;
  readonly ms: number;
  readonly status: number;
  readonly bodyLength?: number;
};

/** What came of it; `p50Us` and `p99Us` are times from sending a request to having its answer. */
export type Loaded = {
  readonly perSecond: number;
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
};

const readSize = 64 * 1024;

process.on("message", (message: Load | "cpu") => {
  if (message === "cpu") return;
  run(message).then(
    (loaded) => process.send?.(loaded),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run(load: Load): Promise<Loaded> {
  const times: number[] = [];
  const take = taking(load.requests);
  const awake = stayAwake();
  const started = performance.now();
  const until = started + load.ms;
  await Promise.all(Array.from({ length: load.connections }, () => converse(load, take, until, times)));
  const seconds = (performance.now() - started) / 1000;
  awake.end();
  const sorted = Float64Array.from(times).sort();
  const quantile = (share: number) => Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 1000);
  return {
    perSecond: times.length / seconds,
    count: times.length,
    p50Us: quantile(0.5),
    p99Us: quantile(0.99),
  };
}

function taking(requests: Load["requests"]): () => Buffer {
  if ("devices" in requests) {
    const { devices, before, after } = requests;
    const random = randomFrom(4711);
    return () => Buffer.from(before + deviceId(Math.floor(random() * devices)) + after, "latin1");
  }
  const buffers = requests.map((text) => Buffer.from(text));
  let next = 0;
  return () => buffers[next++ % buffers.length] as Buffer;
}

/**
 * Keeps this process from sleeping while it waits: to wake another process takes a server longer than to write
 * its answer, and only the slower server would have to, for the faster one's client never gets to sleep.
 */
function stayAwake(): { end(): void } {
  let awake = true;
  const turn = () => {
    if (awake) setImmediate(turn);
  };
  turn();
  return {
    end() {
      awake = false;
    },
  };
}

/** Sends on one connection until the time is over. */
function converse(load: Load, take: () => Buffer, until: number, times: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let asked = 0;
    let early: Buffer | undefined;
    const ask = () => {
      asked = performance.now();
      socket.write(take());
    };
    const receive = (count: number, buffer: Uint8Array) => {
      const part = (buffer as Buffer).subarray(0, count);
      const answer = early ? Buffer.concat([early, part]) : part;
      const whole = isWhole(answer, load);
      if (whole instanceof Error) return socket.destroy(whole);
      early = whole ? undefined : Buffer.from(answer);
      if (!whole) return true;
      const now = performance.now();
      times.push(now - asked);
      if (now < until) ask();
      else socket.destroy();
      return true;
    };
    const onread = {
      buffer: Buffer.alloc(readSize),
      callback: receive as (count: number, buffer: Uint8Array) => boolean,
    };
    const socket = connect({ port: load.port, host: "127.0.0.1", noDelay: true, onread }, ask);
    socket.once("error", reject);
    socket.once("close", () =>
      performance.now() >= until ? resolve() : reject(new Error("the server hung up")),
    );
  });
}

/** Is an answer complete? An error where it is not the one that was expected. */
function isWhole(answer: Buffer, { status, bodyLength }: Load): boolean | Error {
  const head = answer.indexOf("\r\n\r\n");
  if (head < 0) return false;
  if (answer.toString("latin1", 9, 12) !== String(status)) return new Error(`expected ${status}: ${answer}`);
  const missing = head + 4 + (bodyLength ?? lengthIn(answer.toString("latin1", 0, head))) - answer.length;
  return missing < 0 ? new Error(`expected a body of ${bodyLength} bytes: ${answer}`) : missing === 0;
}

function lengthIn(head: string): number {
  return Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
}
