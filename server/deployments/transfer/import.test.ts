import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock } from "../../../test/server.ts";

const path = `/api/v1/import?org_id=${first.orgId}`;
const future = "2200-01-01T00:00:00Z";
const grp = (digit: string) => `grp_0${digit.repeat(25)}`;

for (const engine of engines)
  describe(`imports on ${engine.name}`, () => {
    let running: Running;
    const clock = steppingClock();
    before(async () => {
      running = await startServer(await engine.open(), { clock });
    });
    after(() => running.stop());

    const bring = (lines: readonly unknown[], query = "", token?: string) =>
      running.ask("POST", `${path}${query}`, {
        ...(token && { token }),
        text: lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"),
      });
    const lineOf = (name: string, more: object = {}) => ({
      type: "device",
      device_identifier: name,
      ...more,
    });

    it("make a revoked device active only without its old credential", async () => {
      const claimed = async (name: string, expected = 201) => {
        const body = { org_id: first.orgId, device_identifier: name };
        const { status, body: made } = await running.ask("POST", "/api/v1/devices/register", { body });
        assert.equal(status, expected);
        return { id: made.id as string, token: made.api_token as string };
      };
      const [one, other, active] = [await claimed("one"), await claimed("other"), await claimed("active")];
      const asks = async ({ id, token }: typeof one) =>
        (await running.ask("GET", `/api/v1/devices/${id}/desired-state`, { token })).status;
      for (const { id } of [one, other]) await running.ask("POST", `/api/v1/devices/${id}/revoke`, {});
      const lines = [
        lineOf("one", { status: "active" }),
        lineOf("other", { platform: "linux" }),
        lineOf("active", { status: "active", platform: "linux" }),
      ];
      const had = await asks(one);
      await bring(lines, "&dry_run=true");
      assert.equal(await asks(one), had);
      assert.deepEqual((await bring(lines)).body.counts.device.changed, 3);
      assert.equal((await running.ask("GET", `/api/v1/devices/${one.id}`)).body.status, "active");
      assert.deepEqual([await asks(one), await asks(active)], [401, 200]);
      assert.equal(await asks(other), had);
      const rows = await running.store.read((db) =>
        db.selectFrom("audit_entry").select("text").orderBy("sequence", "desc").limit(2).execute(),
      );
      const changes = rows.flatMap(({ text }) => JSON.parse(text).details.changes);
      const released = changes.filter(({ before: was }) => was?.claimed).map(({ resource }) => resource.id);
      assert.deepEqual(released, [one.id]);
      const anew = await claimed("one", 200);
      assert.notEqual(anew.token, one.token);
      assert.equal(await asks(anew), 200);
    });

    it("take times that are still to come as now", async () => {
      const times = { client_version: "1.0", client_version_reported_at: future, last_seen_at: future };
      const told = await bring([lineOf("early", times), lineOf("late")]);
      assert.deepEqual(told.body.errors, []);
      await bring([lineOf("late", times)]);
      for (const name of ["early", "late"]) {
        const { body } = await running.ask("GET", `/api/v1/devices/${name}`);
        assert.match(body.last_seen_at, /^2026-/);
        assert.match(body.client_version_reported_at, /^2026-/);
      }
      // What is measured afterwards counts.
      clock.advance(1_000_000);
      await bring([lineOf("early", { client_version: "2.0" })]);
      assert.equal((await running.ask("GET", "/api/v1/devices/early")).body.client_version, "2.0");
    });

    it("read lines by the rules of any other body", async () => {
      const wrong = [
        ['{"type":"device","device_identifier":"w","total_memory_mb":1e400}', "total_memory_mb"],
        ['{"type":"device","device_identifier":"w","metadata":{"n":9007199254740993}}', "metadata/n"],
        ['{"type":"device","device_identifier":"w","device_identifier":"v"}', "device_identifier"],
        ['{"type":"device","device_identifier":"w","metadata":{"__proto__":1}}', "metadata/__proto__"],
        ['{"type":"device","device_identifier":"w","metadata":{"s":"\\ud800"}}', "metadata/s"],
        ['{"type":"device",}', ""],
        [`{"type":"device","metadata":${"[".repeat(70)}${"]".repeat(70)}}`, ""],
      ] as const;
      const { body } = await bring(wrong.map(([line]) => line));
      assert.deepEqual(
        body.errors.map(({ line, field }: { line: number; field: string }) => [line, field]),
        wrong.map(([, field], index) => [index + 1, field]),
      );
      assert.equal(
        body.errors[5].message,
        'malformed JSON at column 18: expected a member name in double quotes, got "}"',
      );
      assert.deepEqual(body.counts.total.bad, wrong.length);
    });

    it("tell the line behind the last one that there was", async () => {
      const lines = [lineOf("a"), lineOf("b"), ""];
      for (const query of ["&dry_run=true", "", "&atomic=true"]) {
        const { body } = await bring(lines, `&from_line=50${query}`);
        assert.deepEqual([body.state, body.lines, body.next_line], ["done", 0, 3], query);
      }
      const [job] = (await running.ask("GET", path)).body.imports;
      assert.deepEqual([job.state, job.lines, job.next_line], ["done", 0, 3]);
      assert.equal((await bring([])).body.next_line, 1);
      for (const beyond of ["9007199254740992", "9007199254740993", "1".repeat(400)])
        assert.equal((await bring(lines, `&from_line=${beyond}`)).status, 400);
      assert.equal((await bring(lines, "&from_line=9007199254740990")).body.next_line, 3);
    });

    it("name the duplicates for which they are refused as a whole", async () => {
      const lines = [lineOf("twice"), lineOf("once"), lineOf("twice")];
      for (const query of ["&atomic=true", "&atomic=true&dry_run=true"]) {
        const { body } = await bring(lines, query);
        assert.deepEqual([body.state, body.counts.total.duplicate, body.errors_total], ["refused", 1, 1]);
        const [{ line, field, message }] = body.errors;
        assert.deepEqual([line, field], [3, ""]);
        assert.match(message, /duplicate/);
      }
      const { body } = await bring(lines);
      assert.deepEqual([body.counts.total.new, body.counts.total.duplicate, body.errors], [2, 1, []]);
    });

    it("set rules only for whoever may put any device into a group", async () => {
      const rules = { auto_assignment_rules: { matchLabels: { site: "a" } } };
      const group = (digit: string, more: object = {}) => ({
        ...{ type: "device_group", id: grp(digit), name: `G${digit}`, group_type: "hybrid", ...more },
      });
      await bring([group("1"), group("2")]);
      const on = ["1", "3"].map((digit) => `com.cloudflare.api.account.device-group.${grp(digit)}`);
      const token = await running.tokenWith(
        { groups: ["Device Groups Write"] },
        { groups: ["Devices Read"], on },
      );
      // What the caller would come to see by its rules: of a group that there is, and of one under an id of its choice.
      const lines = [group("1", rules), group("2", rules), group("3", rules), group("4", rules), group("1")];
      for (const query of ["&dry_run=true", ""]) {
        const { body } = await bring(lines, query, token);
        assert.deepEqual(
          body.errors.map(({ line, message }: any) => [line, /device\.read is needed/.test(message)]),
          [
            [1, true],
            [3, true],
          ],
        );
        assert.deepEqual([body.counts.total.new, body.counts.total.changed], [1, 1]);
      }
      assert.equal((await bring(lines.slice(0, 4))).body.errors_total, 0);
    });
  });

for (const engine of engines)
  describe(`exports on ${engine.name}`, () => {
    it("give every group once, also those of many pages", async () => {
      const running = await startServer(await engine.open(), { clock: steppingClock() });
      const uuid = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`;
      const lines = [
        ...Array.from({ length: 120 }, (_, index) => ({
          ...{ type: "user_group", id: String(index).padStart(32, "0"), name: `U${(index * 7) % 120}` },
          members: [],
        })),
        ...Array.from({ length: 1100 }, (_, index) => ({
          ...{ type: "deployment_group", id: uuid((index * 7) % 1100), name: `D${index}` },
          // Many of the same age, so that the id has to tell them apart.
          created_at: `2026-01-0${1 + (index % 2)}T00:00:00Z`,
          version_config: [{ target_environment: null, version: "1" }],
        })),
      ];
      const told = await running.ask("POST", path, {
        text: lines.map((line) => JSON.stringify(line)).join("\n"),
      });
      assert.deepEqual(told.body.errors, []);
      const given = await running.ask("GET", `/api/v1/export?org_id=${first.orgId}`);
      const ids = (type: string) =>
        given.body.filter((line: any) => line.type === type).map(({ id }: { id: string }) => id);
      const wanted = (type: string) => lines.filter((line) => line.type === type).map(({ id }) => id);
      for (const type of ["user_group", "deployment_group"])
        assert.deepEqual(ids(type).toSorted(), wanted(type).toSorted());
      await running.stop();
    });
  });
