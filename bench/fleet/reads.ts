import { type Child, startChild } from "../children.ts";
import { request } from "../converse.ts";
import type { Load } from "../load.ts";
import { account } from "../seed.ts";
import type { Row } from "../table.ts";
import { answerTo, inTurns, rowOfTurns, type Server, type Sizes } from "../turns.ts";
import { type Beat, requestOf } from "./beating.ts";
import { deviceId } from "./ids.ts";

type Answer = Awaited<ReturnType<typeof answerTo>>;
type Wanted = Pick<Load, "requests" | "connections">;

/** Desired states of devices drawn anew each time, and heartbeats, against a bare server that answers the same bytes. */
export async function benchAsking(
  ours: Server,
  devices: number,
  beats: readonly Beat[],
  sizes: Sizes,
): Promise<Row[]> {
  const [bare, load] = [startChild("bench/bare.ts"), startChild("bench/load.ts")];
  const beside = async (row: string, { headers, body }: Answer, wanted: Wanted, least: number) => {
    const port = await bare.ask<number>({ headers, body });
    const turns = await inTurns({ child: bare, port }, ours, load, { ...wanted, status: 200 }, sizes);
    return rowOfTurns(row, turns, least);
  };
  try {
    return [
      await desiredStates(ours, devices, beside),
      await heartbeats(ours, beats, 32, beside),
      await heartbeats(ours, beats, 64, beside),
    ];
  } finally {
    for (const child of [bare, load] satisfies Child[]) await child.stop();
  }
}

type Beside = (row: string, answer: Answer, wanted: Wanted, least: number) => Promise<Row>;

async function desiredStates({ port }: Server, devices: number, beside: Beside): Promise<Row> {
  const pathTo = (id: string) => `/api/v1/devices/${id}/desired-state`;
  const [before = "", after = ""] = request("GET", pathTo("@"), {
    authorization: `Bearer ${account.token}`,
  }).split("@");
  const answer = await answerTo(port, pathTo(deviceId(Math.floor(devices / 2))));
  const wanted = { requests: { devices, before, after }, connections: 32 };
  return beside("GET the desired state of any device of the fleet", answer, wanted, 0.6);
}

async function heartbeats(
  { port }: Server,
  beats: readonly Beat[],
  connections: number,
  beside: Beside,
): Promise<Row> {
  const [{ path, secret, body }] = beats as [Beat];
  const answer = await answerTo(port, path, { secret, body });
  const wanted = { requests: beats.map(requestOf), connections };
  return beside(`POST a heartbeat, ${connections} in flight, answered after commit`, answer, wanted, 0.35);
}
