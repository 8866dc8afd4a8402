import { createReadStream } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bytes that are put aside as they pass, to be read a second time; on disk, so that they may be as many as they like. */
export class Spool {
  #folder: string | undefined;
  #file: FileHandle | undefined;

  /** The same bytes, kept. */
  async *keeping(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    this.#folder = await mkdtemp(join(tmpdir(), "flotilla-import-"));
    this.#file = await open(join(this.#folder, "lines"), "wx", 0o600);
    for await (const piece of bytes) {
      await this.#file.write(piece);
      yield piece;
    }
  }

  /** All bytes that were kept, from the beginning. */
  again(): AsyncIterable<Uint8Array> {
    return createReadStream(join(this.#folder ?? "", "lines"));
  }

  /** Removes what was kept. */
  async close(): Promise<void> {
    await this.#file?.close();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }
}
