import { once } from "node:events";
import { request } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { account } from "../seed.ts";
import { pieces } from "./lines.ts";

/** What an import answered, as far as it is looked at here. */
type Imported = {
  readonly state: string;
  readonly lines: number;
  readonly counts: { readonly total: Readonly<Record<string, number>> };
  readonly errors: readonly object[];
};

/**
 * Sends lines to the import endpoint, made as they are sent; answers what became of them and how many milliseconds it
 * took. Throws where a line was bad.
 */
export async function bring(
  port: number,
  lines: Iterable<object>,
): Promise<{ imported: Imported; ms: number }> {
  const started = performance.now();
  const sent = request({
    ...{ port, host: "127.0.0.1", method: "POST", path: `/api/v1/import?org_id=${account.id}` },
    headers: { authorization: `Bearer ${account.token}`, "content-type": "application/x-ndjson" },
  });
  const answered = once(sent, "response");
  // Where the body breaks off, the answer says why.
  await pipeline(Readable.from(pieces(lines)), sent).catch(() => undefined);
  const [answer] = await answered;
  let text = "";
  for await (const part of answer) text += part;
  const ms = performance.now() - started;
  if (answer.statusCode !== 200) throw new Error(`the import was answered ${answer.statusCode}: ${text}`);
  const imported: Imported = JSON.parse(text);
  const [bad] = imported.errors;
  if (bad || imported.state !== "done") throw new Error(`the import left lines out: ${JSON.stringify(bad)}`);
  return { imported, ms };
}
