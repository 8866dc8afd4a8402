import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { buildSystem, type System } from "../attack/system.ts";
import { engines } from "../engines.ts";
import { startServer } from "../server.ts";
import { stateOf } from "../state.ts";
import { checkRefused, type Refused } from "./check.ts";

/** A request that goes wrong, and what must come of it; sent with the first token where nothing else is said. */
export type Row = {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Null where no credential is sent. */
  readonly token?: null;
  readonly wanted: Refused;
};

/**
 * Tries a table out on every engine, one test for each row, and after each nothing may have changed. `rows` is
 * given a system to name things of, and may make more.
 */
export function refuses(noun: string, rows: (system: System) => Promise<Row[]>): void {
  for (const engine of engines)
    describe(`wrong input about ${noun} on ${engine.name}`, () => {
      let system: System;
      before(async () => {
        system = await buildSystem(await startServer(await engine.open()));
      });
      after(() => system.running.stop());

      it("is refused by the name of the member, and nothing is kept", async (context) => {
        const table = await rows(system);
        const untouched = await stateOf(system.running.store);
        for (const { what, method, path, body, token, wanted } of table)
          await context.test(what, async () => {
            const ask = { ...(body !== undefined && { body }), ...(token === null && { token }) };
            const told = await system.running.ask(method, path, ask);
            checkRefused(path, told, wanted, what);
            assert.deepEqual(await stateOf(system.running.store), untouched);
          });
      });
    });
}
