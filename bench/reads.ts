import { startChild, startServer } from "./children.ts";
import { account, type Seed } from "./seed.ts";
import type { Row } from "./table.ts";
import { answerTo, inTurns, rowOfTurns, type Sizes } from "./turns.ts";

type Read = { readonly row: string; readonly paths: readonly string[] };

const connections = 32;

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
      const wanted = { requests: paths.map(request), connections, status: 200, bodyLength: body.length };
      const servers = [
        { child: bare, port: barePort },
        { child: ours, port: ours.port },
      ] as const;
      rows.push(rowOfTurns(row, await inTurns(...servers, load, wanted, sizes)));
    }
    return rows;
  } finally {
    for (const child of children) await child.stop();
  }
}

function request(path: string): string {
  const headers = ["host: 127.0.0.1", `authorization: Bearer ${account.token}`, "accept: application/json"];
  return [`GET ${path} HTTP/1.1`, ...headers, "", ""].join("\r\n");
}
