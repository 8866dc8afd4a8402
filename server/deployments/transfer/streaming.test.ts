import assert from "node:assert/strict";
import { type ClientRequest, request } from "node:http";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";

const path = `/api/v1/import?org_id=${first.orgId}`;

/** A request whose body is sent piece by piece. */
function sending(
  running: Running,
  query = "",
  token = first.apiToken,
): { sent: ClientRequest; answer: Promise<any> } {
  const told = Promise.withResolvers<any>();
  const sent = request(
    `${running.url}${path}${query}`,
    { method: "POST", headers: { authorization: `Bearer ${token}` } },
    (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("end", () =>
        told.resolve({ status: answer.statusCode, body: JSON.parse(Buffer.concat(pieces).toString()) }),
      );
    },
  );
  sent.on("error", told.reject);
  return { sent, answer: told.promise };
}

const device = (number: number) => ({ type: "device", device_identifier: `d${number}` });
const textOf = (lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join("");

for (const engine of engines)
  describe(`streams on ${engine.name}`, () => {
    let running: Running;
    before(async () => {
      running = await startServer(await engine.open(), { clock: steppingClock() });
    });
    after(() => running.stop());

    const jobs = async () => (await running.ask("GET", path)).body.imports;
    const devices = async () =>
      (await running.ask("GET", `/api/v1/devices?org_id=${first.orgId}&limit=1`)).body.total;
    /** Asks again and again, until it is so. */
    const until = async (holds: () => Promise<boolean>) => {
      while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
    };

    it("let one import of an account go on at a time, and others after it", async () => {
      const { sent, answer } = sending(running);
      sent.write(textOf([device(0)]));
      await until(async () => (await jobs())[0]?.state === "running");
      const second = await running.ask("POST", path, { text: textOf([device(1)]) });
      assert.deepEqual([second.status, second.body.error], [409, "conflict"]);
      const dry = await running.ask("POST", `${path}&dry_run=true`, { text: textOf([device(1)]) });
      assert.equal(dry.status, 200);
      sent.end();
      assert.deepEqual((await answer).body.counts.total.new, 1);
      const third = await running.ask("POST", path, { text: textOf([device(1)]) });
      assert.equal(third.status, 200);
    });

    it("go on where a broken connection left off, to the same end", async () => {
      const had = await devices();
      const lines = Array.from({ length: 5000 }, (_, index) => device(100 + index));
      const { sent, answer } = sending(running);
      answer.catch(() => {});
      sent.write(textOf(lines.slice(0, 4000)));
      await until(async () => (await jobs())[0]?.next_line > 1);
      sent.destroy();
      await until(async () => (await jobs())[0]?.state === "interrupted");
      const [job] = await jobs();
      assert.equal(await devices(), had + job.next_line - 1);
      const rest = await running.ask("POST", `${path}&from_line=${job.next_line}`, { text: textOf(lines) });
      assert.deepEqual([rest.body.state, rest.body.errors_total], ["done", 0]);
      assert.equal(rest.body.counts.total.new, lines.length - job.next_line + 1);
      assert.equal(await devices(), had + lines.length);
    });

    it("stop where the right to go on is withdrawn", async () => {
      const secret = await running.tokenWith({ groups: ["Devices Write"] });
      const had = await devices();
      const lines = Array.from({ length: 4000 }, (_, index) => device(20_000 + index));
      const { sent, answer } = sending(running, "", secret);
      sent.write(textOf(lines.slice(0, 2000)));
      await until(async () => (await jobs())[0]?.next_line > 1);
      const tokens = `/client/v4/accounts/${first.accountId}/tokens`;
      const { id, policies } = (await running.ask("GET", `${tokens}?per_page=50`)).body.result.at(-1);
      const body = { name: "less", status: "disabled", policies };
      assert.equal((await running.ask("PUT", `${tokens}/${id}`, { body })).status, 200);
      sent.end(textOf(lines.slice(2000)));
      assert.equal((await answer).status, 401);
      const [job] = await jobs();
      assert.equal(job.state, "interrupted");
      assert.equal(await devices(), had + job.next_line - 1);
    });

    it("take bytes as they come: cut anywhere, with any line ends, with a mark in front", async () => {
      const text = `\uFEFF${textOf([device(9001), { ...device(9002), labels: { city: "Zürich" } }])}`;
      const { sent, answer } = sending(running);
      for (const byte of Buffer.from(text.replaceAll("\n", "\r\n\r\n"))) sent.write(Buffer.of(byte));
      sent.end(JSON.stringify(device(9003)));
      const { body } = await answer;
      assert.deepEqual([body.counts.total.new, body.errors_total, body.next_line], [3, 0, 6]);
      const invalid = Buffer.concat([
        Buffer.from('{"type":"device","x":"'),
        Buffer.of(0xff),
        Buffer.from('"}'),
      ]);
      const told = await running.ask("POST", path, { text: invalid });
      assert.match(told.body.errors[0].message, /UTF-8/);
    });

    it("take lines beyond what any other body may have, and remember the last imports only", async () => {
      const line = { ...device(9100), metadata: { note: "x".repeat(10_000) } };
      const { sent, answer } = sending(running);
      for (let index = 0; index < 150; index++)
        sent.write(textOf([{ ...line, device_identifier: `m${index}` }]));
      sent.end();
      assert.equal((await answer).body.counts.total.new, 150);
      for (let index = 0; index < 22; index++) await running.ask("POST", path, { text: textOf([device(0)]) });
      assert.equal((await jobs()).length, 20);
    });

    it("end the reading when whoever exports goes away", async () => {
      const answer = await fetch(`${running.url}/api/v1/export?org_id=${first.orgId}`, {
        headers: { authorization: `Bearer ${first.apiToken}` },
      });
      const reader = answer.body?.getReader();
      await reader?.read();
      await reader?.cancel();
      assert.equal((await running.ask("GET", path)).status, 200);
    });

    it("refuse a request that is wrong as a whole", async () => {
      for (const query of ["&format=xml", "&from_line=0", "&from_line=x", "&kind=people", "&atomic=1"]) {
        const { status, body } = await running.ask("POST", path + query, { text: textOf([device(1)]) });
        assert.deepEqual([status, body.error], [400, "bad_request"], query);
      }
      assert.equal((await running.ask("POST", "/api/v1/import", { text: "{}" })).status, 400);
      assert.equal((await running.ask("PUT", path, { text: "{}" })).status, 405);
    });
  });
