/**
 * Requests of all kinds to every operation of the served OpenAPI document: none may end in a 5xx, in an answer
 * that the document does not describe, or in none at all. FLOTILLA_FUZZ_RUNS sets how many requests each
 * operation gets.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { engines } from "./engines.ts";
import { type Operation, openObjects, operationsOf } from "./fuzz/document.ts";
import { judge } from "./fuzz/judge.ts";
import { type Draft, requestsTo, rightPath, sweepOf } from "./fuzz/requests.ts";
import { fill, type World } from "./fuzz/world.ts";
import { first, type Running, startServer } from "./server.ts";

const numRuns = Number(process.env.FLOTILLA_FUZZ_RUNS ?? 150);

for (const engine of engines)
  describe(`any request on ${engine.name}`, () => {
    let running: Running;
    let world: World;
    let operations: Operation[];
    before(async () => {
      running = await startServer(await engine.open(), { checkAnswers: false });
      world = await fill(running);
      operations = operationsOf((await running.ask("GET", "/openapi.json")).body);
    });
    after(async () => {
      world.close();
      await running.stop();
    });

    const check = async (operation: Operation, draft: Draft) => {
      const answer = await world.send(draft);
      try {
        judge(operation, draft.target, answer);
      } catch (error) {
        const { method, target, sender, contentType, body } = draft;
        const shown = `${method} ${target} by ${sender} ${contentType} ${String(body).slice(0, 2000)}`;
        throw new Error(`${operation.id}: ${shown}\n${(error as Error).message}`, { cause: error });
      }
    };

    it("every answer's schema says which members there may be", () => {
      for (const { id, answers } of operations)
        for (const [status, schema] of Object.entries(answers))
          assert.deepEqual(schema ? openObjects(schema) : [], [], `${id} ${status}`);
    });

    it("gets a documented answer with anything in its path and query", async () => {
      for (const operation of operations) {
        await world.refill();
        for (const draft of sweepOf(operation)) await check(operation, draft);
      }
    });

    it("gets a documented answer whatever it is", async () => {
      for (const operation of operations) {
        await world.refill();
        const property = fc.asyncProperty(requestsTo(operation), (draft) => check(operation, draft));
        await fc.assert(property, { numRuns, seed: 20261121, endOnFailure: true });
      }
    });

    it("leaves only what can be read again", async () => {
      const reading = operations.filter(({ method }) => method === "GET");
      for (const list of reading)
        for (const one of reading.filter(
          ({ path }) => /^\/\{\w+\}$/.test(path.slice(list.path.length)) && path.startsWith(list.path),
        )) {
          const at = rightPath(list);
          const { text } = await world.send(right(`${at}?org_id=${first.orgId}`));
          for (const { id, policy_id = id } of itemsOf(JSON.parse(text)))
            await check(one, right(`${at}/${policy_id}`));
        }
    });

    it("leaves counts that are right", async () => {
      const groups = `/api/v1/device-groups`;
      const { body } = await running.ask("GET", `${groups}?org_id=${first.orgId}&limit=1000`);
      for (const { id, device_count } of body.groups) {
        const listed = (await running.ask("GET", `${groups}/${id}/devices?limit=1000`)).body;
        assert.deepEqual([listed.total, listed.devices.length], [device_count, device_count]);
      }
    });
  });

/** What a list in either dialect holds, or the one thing that stands in its place. */
function itemsOf(body: any): { id: string; policy_id?: string }[] {
  return [body.result ?? Object.values(body).find((member) => Array.isArray(member))].flat();
}

function right(target: string): Draft {
  return { method: "GET", target, sender: "token", contentType: undefined, body: undefined };
}
