import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { Failure } from "../failure.ts";
import { bytesOf, type Patience } from "./lines.ts";

const hourMs = 3_600_000;
const patient: Patience = { idleMs: hourMs, atFirstMs: hourMs, bytesPerS: 1024, atMostMs: hourMs };

/** A body that sends a byte with every turn of the loop, for as long as it is wanted. */
async function* trickle(goesOn: () => boolean): AsyncGenerator<Buffer> {
  while (goesOn()) {
    await new Promise((resume) => setImmediate(resume));
    yield Buffer.of(0x20);
  }
}

async function read(body: AsyncIterable<Buffer>, patience: Patience): Promise<number> {
  const socket = { setTimeout: () => {} };
  const raw = Object.assign(Readable.from(body), { socket }) as unknown as IncomingMessage;
  let size = 0;
  for await (const piece of bytesOf({ raw } as never, patience)) size += piece.length;
  return size;
}

const refused = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Failure);
  assert.equal(error.kind, "too-slow");
  assert.match(error.message, message);
  return true;
};

describe("a body that is read as it arrives", () => {
  it("is refused where it trickles, however steadily", async () => {
    let wanted = true;
    const patience = { ...patient, atFirstMs: 20, bytesPerS: 1e12 };
    await assert.rejects(
      read(
        trickle(() => wanted),
        patience,
      ),
      refused(/at least 1000000000000 bytes/),
    );
    wanted = false;
  });

  it("is not kept waiting for longer by what arrived fast before", async () => {
    async function* burst() {
      yield Buffer.alloc(10_000_000);
      await new Promise(() => {});
    }
    await assert.rejects(read(burst(), { ...patient, bytesPerS: 1, atMostMs: 20 }), refused(/too slowly/));
  });

  it("is refused where it pauses for too long", async () => {
    async function* silent() {
      yield Buffer.of(0x20);
      await new Promise(() => {});
    }
    await assert.rejects(read(silent(), { ...patient, idleMs: 20 }), refused(/for 0.02 seconds/));
  });

  it("may take its time where enough of it arrives", async () => {
    const since = performance.now();
    const goesOn = () => performance.now() - since < 100;
    assert.ok((await read(trickle(goesOn), { ...patient, atFirstMs: 60, bytesPerS: 0.001 })) > 0);
  });
});
