import { type Child, startChild, startServer } from "./children.ts";
import type { Load, Loaded } from "./load.ts";
import { account, type Seed } from "./seed.ts";
import { median, type Row, shown } from "./table.ts";

/** How often and how long each side is measured, and how many requests it answers before that. */
type Sizes = { readonly rounds: number; readonly ms: number; readonly warm: number };
type Read = { readonly row: string; readonly paths: readonly string[] };
type Server = { readonly child: Child; readonly port: number };

/** One measured turn. `busy` is the share of the time in which the server's process worked. */
type Turn = {
  readonly perSecond: number;
  readonly count: number;
  readonly cpuUs: number;
  readonly busy: number;
  readonly p50Us: number;
};
type Turns = readonly { readonly ours: Turn; readonly bare: Turn }[];

const connections = 32;

/** Headers that `node:http` adds by itself. */
const ownHeaders = ["date", "connection", "keep-alive", "transfer-encoding"];

/** GETs by id against a bare `node:http` server that answers the same bytes, in turns. */
export async function benchReads(
  settings: { folder: string } | { url: string },
  seed: Seed,
  sizes: Sizes,
): Promise<Row[]> {
  const deploymentGroups = `/client/v4/accounts/${account.id}/devices/deployment-groups`;
  const reads: Read[] = [
    { row: "GET a device group", paths: seed.deviceGroups.map((id) => `/api/v1/device-groups/${id}`) },
    { row: "GET a deployment group", paths: seed.deploymentGroups.map((id) => `${deploymentGroups}/${id}`) },
  ];
  const children = [
    await startServer(settings),
    startChild("bench/bare.ts"),
    startChild("bench/load.ts"),
  ] as const;
  const [ours, bare, load] = children;
  try {
    const rows: Row[] = [];
    for (const { row, paths } of reads) {
      const { headers, body } = await answerTo(ours.port, paths[0] ?? "");
      const barePort = await bare.ask<number>({ headers, body });
      const measure = measuring(load, {
        requests: paths.map(request),
        connections,
        status: 200,
        bodyLength: body.length,
      });
      rows.push(
        rowOf(
          row,
          await inTurns({ child: bare, port: barePort }, { child: ours, port: ours.port }, measure, sizes),
        ),
      );
    }
    return rows;
  } finally {
    for (const child of children) await child.stop();
  }
}

/** What the server answers, for the bare one to answer the same. Bodies here are of ASCII. */
async function answerTo(
  port: number,
  path: string,
): Promise<{ headers: Record<string, string>; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${account.token}` },
  });
  const headers = [...answer.headers].filter(([name]) => !ownHeaders.includes(name));
  return { headers: Object.fromEntries(headers), body: await answer.text() };
}

type Measure = (server: Server, ms: number) => Promise<Turn>;

function measuring(load: Child, wanted: Omit<Load, "port" | "ms">): Measure {
  return async ({ child, port }, ms) => {
    const before = await child.cpuUs();
    const { perSecond, count, p50Us } = await load.ask<Loaded>({ ...wanted, port, ms } satisfies Load);
    const used = (await child.cpuUs()) - before;
    return { perSecond, count, cpuUs: used / count, busy: used / (1e6 * (count / perSecond)), p50Us };
  };
}

async function inTurns(
  bare: Server,
  ours: Server,
  measure: Measure,
  { rounds, ms, warm }: Sizes,
): Promise<Turns> {
  for (const server of [bare, ours])
    for (let answered = 0; answered < warm; ) answered += (await measure(server, 500)).count;
  const turns: { ours: Turn; bare: Turn }[] = [];
  for (let round = 0; round < rounds; round++)
    turns.push({ bare: await measure(bare, ms), ours: await measure(ours, ms) });
  return turns;
}

function rowOf(row: string, turns: Turns): Row {
  const of = (figure: (turn: Turns[number]) => number) => median(turns.map(figure));
  const perSecond = of(({ ours }) => ours.perSecond);
  const barePerSecond = of(({ bare }) => bare.perSecond);
  const cpuUs = of(({ ours }) => ours.cpuUs);
  const bareCpuUs = of(({ bare }) => bare.cpuUs);
  const cpuRatio = of(({ ours, bare }) => bare.cpuUs / ours.cpuUs);
  return {
    row,
    measured: `${shown(perSecond)}/s, bare ${shown(barePerSecond)}/s; CPU ${shown(cpuUs)} µs, bare ${shown(bareCpuUs)} µs`,
    ratio: of(({ ours, bare }) => ours.perSecond / bare.perSecond),
    goal: null,
    met: null,
    figures: { perSecond, barePerSecond, cpuUs, bareCpuUs, cpuRatio, turns },
  };
}

function request(path: string): string {
  const headers = ["host: 127.0.0.1", `authorization: Bearer ${account.token}`, "accept: application/json"];
  return [`GET ${path} HTTP/1.1`, ...headers, "", ""].join("\r\n");
}
