import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Failure } from "../failure.ts";
import type { LineFormat } from "../operation/face.ts";

/** Milliseconds that may pass between two pieces of a body that is read as it arrives. */
const idleMs = 30_000;

/** Characters of lines that are sent together. */
const pieceSize = 64 * 1024;

/** The content type of lines, by how they are written. */
export const lineTypes: Readonly<Record<LineFormat, string>> = {
  ndjson: "application/x-ndjson",
  csv: "text/csv",
};

/**
 * The bytes of a body as they arrive, only as fast as they are taken. Time counts only while they are waited for.
 * Throws Failure `too-slow` where none come for too long, or where the connection ends before the body does.
 */
export async function* bytesOf({ raw }: FastifyRequest, limitMs = idleMs): AsyncGenerator<Uint8Array> {
  // The limit on a silent connection would end one whose lines are still being worked on.
  raw.socket.setTimeout(0);
  const pieces = raw.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Uint8Array>;
  try {
    for (;;) {
      const { done, value } = await inTime(raw, pieces.next(), limitMs);
      if (done) return;
      yield value;
    }
  } finally {
    // Else what is left of the body would never be read over, and the connection would be good for nothing more.
    void pieces.return?.().catch(() => {});
  }
}

async function inTime<T>(raw: IncomingMessage, next: Promise<T>, limitMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Failure("too-slow", `no part of the body arrived for ${limitMs / 1000} seconds`));
  }, limitMs);
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
