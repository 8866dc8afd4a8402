import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Failure } from "../failure.ts";
import type { LineFormat } from "../operation/face.ts";

/** How long a body that is read as it arrives may be waited for. */
export type Patience = {
  /** Milliseconds between two of its pieces. */
  readonly idleMs: number;
  /** Milliseconds that may be waited for in all, whatever arrives. */
  readonly atFirstMs: number;
  /** Bytes for which a second more may be waited: what arrives more slowly than that for long is too slow. */
  readonly bytesPerS: number;
  /** Milliseconds that may be saved up by arriving faster, at the most. */
  readonly atMostMs: number;
};

const usual: Patience = { idleMs: 30_000, atFirstMs: 30_000, bytesPerS: 1024, atMostMs: 300_000 };

/** Characters of lines that are sent together. */
const pieceSize = 64 * 1024;

/** The content type of lines, by how they are written. */
export const lineTypes: Readonly<Record<LineFormat, string>> = {
  ndjson: "application/x-ndjson",
  csv: "text/csv",
};

/**
 * The bytes of a body as they arrive, only as fast as they are taken. Time counts only while they are waited for.
 * Throws Failure `too-slow` where none come for too long or too few in all, or where the connection ends before the body does.
 */
export async function* bytesOf(
  { raw }: Pick<FastifyRequest, "raw">,
  patience: Patience = usual,
): AsyncGenerator<Uint8Array> {
  const { bytesPerS, atMostMs } = patience;
  let leftMs = patience.atFirstMs;
  // The limit on a silent connection would end one whose lines are still being worked on.
  raw.socket.setTimeout(0);
  const pieces = raw.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Uint8Array>;
  try {
    for (;;) {
      const since = performance.now();
      const { done, value } = await inTime(raw, pieces.next(), patience, leftMs);
      if (done) return;
      leftMs -= performance.now() - since;
      leftMs = Math.min(leftMs + (value.length / bytesPerS) * 1000, atMostMs);
      yield value;
    }
  } finally {
    // Else what is left of the body would never be read over, and the connection would be good for nothing more.
    void pieces.return?.().catch(() => {});
  }
}

async function inTime<T>(
  raw: IncomingMessage,
  next: Promise<T>,
  { idleMs, bytesPerS }: Patience,
  leftMs: number,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const message =
    leftMs < idleMs
      ? `the body arrived too slowly; expected at least ${bytesPerS} bytes per second`
      : `no part of the body arrived for ${idleMs / 1000} seconds`;
  const timer = setTimeout(
    () => late.reject(new Failure("too-slow", message)),
    Math.max(0, Math.min(idleMs, leftMs)),
  );
  try {
    return await Promise.race([next, late.promise]);
  } catch (error) {
    // What is still waited for ends with the connection, and nobody asks about it any more.
    next.catch(() => {});
    if (error instanceof Failure || !raw.errored) throw error;
    throw new Failure("too-slow", "the connection ended before the body did");
  } finally {
    clearTimeout(timer);
  }
}

/** Answers lines one by one, only as fast as they are taken; a client that goes away ends the reading. */
export function sendLines(
  reply: FastifyReply,
  format: LineFormat,
  lines: AsyncIterable<unknown>,
): FastifyReply {
  reply.header("content-type", `${lineTypes[format]}; charset=utf-8`);
  return reply.send(Readable.from(inPieces(lines), { objectMode: true, highWaterMark: 1 }));
}

async function* inPieces(lines: AsyncIterable<unknown>): AsyncGenerator<string> {
  let piece = "";
  for await (const line of lines) {
    piece += `${JSON.stringify(line)}\n`;
    if (piece.length < pieceSize) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}
