import type { Store } from "../../db/database.ts";
import { noteAsked } from "../../devices/device/index.ts";

/** Notes that one transaction writes down. */
const chunkMax = 1000;

/** Writes down when devices asked what they should run, off the requests' path: the last time of each. */
export class Asked {
  readonly #store: Pick<Store, "report">;
  readonly #waiting = new Map<string, Map<string, number>>();

  constructor(store: Pick<Store, "report">) {
    this.#store = store;
  }

  /** Notes that a device asked; returns at once. */
  note(accountId: string, deviceId: string, at: number): void {
    const known = this.#waiting.get(accountId);
    if (known) known.set(deviceId, at);
    else this.#waiting.set(accountId, new Map([[deviceId, at]]));
  }

  /** Writes down everything noted so far. What can't be written is dropped: a later time says more. */
  async flush(): Promise<void> {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const [accountId, asked] of all) {
      const notes = [...asked].map(([id, at]) => ({ id, at }));
      for (let from = 0; from < notes.length; from += chunkMax) {
        const chunk = notes.slice(from, from + chunkMax);
        await this.#store.report((db) => noteAsked(db, accountId, chunk)).catch(() => undefined);
      }
    }
  }
}
