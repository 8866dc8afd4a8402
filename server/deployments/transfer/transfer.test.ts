import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer, steppingClock, type Told } from "../../../test/server.ts";

const account = `/client/v4/accounts/${first.accountId}`;

type Bring = (lines: readonly unknown[], query?: string) => Promise<Told>;

const bringTo =
  (running: Running, token?: string): Bring =>
  (lines, query = "") =>
    running.ask("POST", `/api/v1/import?org_id=${first.orgId}${query}`, {
      ...(token && { token }),
      text: lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"),
      headers: { "content-type": "application/x-ndjson" },
    });

async function exported(running: Running, query = ""): Promise<string> {
  const answer = await fetch(`${running.url}/api/v1/export?org_id=${first.orgId}${query}`, {
    headers: { authorization: `Bearer ${first.apiToken}` },
  });
  assert.equal(answer.status, 200);
  return answer.text();
}

async function begun(engine: (typeof engines)[number]): Promise<Running> {
  const running = await startServer(await engine.open(), { clock: steppingClock() });
  await running.ask("POST", `${account}/members`, {
    token: null,
    headers: { "x-auth-email": first.email, "x-auth-key": first.apiKey },
    body: { email: "ann@example.com", status: "accepted", policies: [] },
  });
  return running;
}

const counts = (told: Told) =>
  Object.fromEntries(
    Object.entries<Record<string, number>>(told.body.counts).map(([type, count]) => [
      type,
      Object.fromEntries(Object.entries(count).filter(([, value]) => value > 0)),
    ]),
  );

const dev = (digit: string) => `dev_0${digit.repeat(25)}`;
const grp = (digit: string) => `grp_0${digit.repeat(25)}`;
const uuid = (digit: string) => `00000000-0000-7000-8000-${digit.repeat(12)}`;

/** Some of everything, as others would write it. */
const everything = [
  {
    ...{ type: "user_group", id: "a".repeat(32), name: "Readers", members: ["Ann@example.com"] },
    policies: [
      {
        ...{ id: "b".repeat(32), access: "allow" },
        permission_groups: [{ id: "58a0957d026d3c815435b6e85bcd1bd3" }],
        resource_groups: [
          { id: "@account" },
          {
            scope: {
              key: "com.cloudflare.api.account.@account",
              objects: [{ key: "com.cloudflare.api.account.device-group.*" }],
            },
          },
        ],
      },
    ],
  },
  { type: "device_group", id: grp("1"), name: "By hand", description: "two\nlines", tags: ["x", "y"] },
  {
    ...{ type: "device_group", id: grp("2"), name: "By rule", group_type: "dynamic" },
    auto_assignment_rules: { matchLabels: { site: "a" } },
  },
  {
    ...{ type: "device_group", id: grp("3"), name: "Both", group_type: "hybrid", is_active: false },
    auto_assignment_rules: { rules: [{ field: "platform", operator: "eq", value: "linux" }] },
  },
  {
    ...{ type: "device", id: dev("1"), device_identifier: "one", platform: "linux", os_version: "1.2" },
    ...{ labels: { site: "a" }, metadata: { deep: [1, { two: null }] }, gpu_available: true },
    ...{ client_version: "2.0", client_version_reported_at: "2026-01-02T03:04:05.678901Z" },
    user: { email: "u@example.com", groups: [{ name: "g" }], saml_attributes: ["a=b"] },
    ...{ network: "lab", created_at: "2026-01-01T00:00:00Z", last_seen_at: "2026-02-01T00:00:00Z" },
  },
  {
    ...{ type: "device", id: dev("2"), device_identifier: "two", platform: "linux", status: "revoked" },
    owners: { platform: "enrolment" },
  },
  { type: "device", id: dev("3"), device_identifier: "three", platform: "macos", labels: { site: "b" } },
  { type: "membership", group: " by HAND ", device_identifier: "one", added_by: "Someone" },
  { type: "membership", group_id: grp("1"), device_id: dev("2"), added_at: "2026-03-01T00:00:00Z" },
  { type: "membership", group_id: grp("3"), device_id: dev("3") },
  { type: "membership", group_id: grp("3"), device_id: dev("1"), excluded: true },
  {
    ...{ type: "device_policy", id: uuid("1"), name: "Linux", match: 'os.name == "linux"', precedence: 5 },
    settings: { captive_portal: 60, exclude: [{ address: "10.0.0.0/8" }] },
  },
  { type: "device_policy", id: uuid("2"), default: true, settings: { switch_locked: true } },
  {
    ...{ type: "deployment_group", id: uuid("3"), name: "Stable", policy_ids: [uuid("1"), uuid("2")] },
    version_config: [
      { target_environment: "linux", version: "2.0" },
      { target_environment: null, version: "1" },
    ],
  },
];

for (const engine of engines)
  describe(`imports and exports on ${engine.name}`, () => {
    const opened: Running[] = [];
    const open = async () => {
      const running = await begun(engine);
      opened.push(running);
      return running;
    };
    after(async () => {
      for (const running of opened) await running.stop();
    });

    it("say in a dry run what they then do, keep ids, and change nothing the second time", async () => {
      const running = await open();
      const bring = bringTo(running);
      const before = await exported(running);
      const dry = await bring(everything, "&dry_run=true");
      assert.deepEqual(dry.body.errors, []);
      assert.deepEqual([dry.body.job_id, dry.body.dry_run, dry.body.state], [null, true, "done"]);
      assert.equal(await exported(running), before);
      const told = await bring(everything);
      assert.deepEqual(told.body.errors, []);
      assert.deepEqual(counts(told), counts(dry));
      assert.deepEqual(counts(told).total, { new: everything.length - 1, changed: 1 });
      assert.equal(told.body.next_line, everything.length + 1);
      const again = await bring(everything);
      assert.deepEqual(counts(again).total, { unchanged: everything.length });
      const { body: group } = await running.ask("GET", `/api/v1/device-groups/${grp("1")}`);
      assert.deepEqual([group.device_count, group.tags], [2, ["x", "y"]]);
      const { body: byRule } = await running.ask("GET", `/api/v1/device-groups/${grp("2")}`);
      assert.deepEqual([byRule.device_count, byRule.evaluating], [1, false]);
      const { body: both } = await running.ask("GET", `/api/v1/device-groups/${grp("3")}`);
      assert.equal(both.device_count, 2);
      const { body: state } = await running.ask("GET", `/api/v1/devices/${dev("1")}/desired-state`);
      assert.deepEqual([state.client.version, state.client.reason.device_policy.id], ["2.0", uuid("1")]);
    });

    it("give the same again, byte for byte, when one is brought elsewhere", async () => {
      const [here, there] = [await open(), await open()];
      await bringTo(here)(everything);
      const text = await exported(here);
      assert.equal(text.trimEnd().split("\n").length, everything.length + 3);
      const [, people] = text.split("\n").map((line) => JSON.parse(line || "{}"));
      const [given] = everything as any;
      assert.deepEqual([people.policies, people.members], [given.policies, ["ann@example.com"]]);
      assert.doesNotMatch(text, /flat_|flk_|fld_|fle_/);
      const brought = await bringTo(there)([text]);
      assert.deepEqual(brought.body.errors, []);
      assert.equal(await exported(there), text);
      const again = counts(await bringTo(here)([text]));
      assert.deepEqual(Object.keys(again.total ?? {}), ["unchanged"]);
    });

    it("give only the types that are asked for", async () => {
      const running = await open();
      await bringTo(running)(everything);
      const text = await exported(running, "&types=device,device_policy");
      const types = text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).type);
      assert.deepEqual(types, ["export", "device", "device", "device", "device_policy", "device_policy"]);
      const path = `/api/v1/export?org_id=${first.orgId}&types=device,people`;
      assert.equal((await running.ask("GET", path)).status, 400);
    });

    it("name bad lines by number, field and what was expected, and apply the rest", async () => {
      const running = await open();
      const bring = bringTo(running);
      await bring(everything);
      const lines = [
        "{",
        { type: "people" },
        { type: "device" },
        { type: "device", device_identifier: "x", platform: 5 },
        { type: "device", device_identifier: "register" },
        { type: "device", id: "dev_1", device_identifier: "x" },
        { type: "device", id: dev("4"), device_identifier: "one" },
        { type: "device", id: dev("1"), device_identifier: "uno" },
        { type: "device_group", name: "by hand", id: grp("9") },
        { type: "device_group", id: grp("1"), group_type: "dynamic" },
        { type: "device_group", name: "Lone", group_type: "dynamic" },
        { type: "membership", group: "None", device_identifier: "one" },
        { type: "membership", group: "By hand", device_identifier: "none" },
        { type: "membership", group: "By rule", device_identifier: "one" },
        { type: "membership", group: "By hand", device_identifier: "one", excluded: true },
        { type: "membership", device_identifier: "one" },
        { type: "device_policy", name: "New", match: "os.name ==", precedence: 9 },
        { type: "device_policy", name: "New", match: 'os.name == "x"', precedence: 5 },
        { type: "device_policy", name: "New", precedence: 6 },
        { type: "deployment_group", name: "New", version_config: [], policy_ids: [] },
        {
          ...{ type: "deployment_group", name: "New", policy_ids: [uuid("1")] },
          version_config: [{ target_environment: null, version: "1" }],
        },
        { type: "user_group", name: "New", members: ["nobody@example.com"] },
        { type: "user_group", id: "A".repeat(32), name: "New" },
        "",
        { type: "device", device_identifier: "fine" },
        { type: "device", device_identifier: "fine" },
        `{"type":"device","device_identifier":"${"x".repeat(70_000)}"}`,
        "[1]",
      ];
      const dry = await bring(lines, "&dry_run=true");
      const told = await bring(lines);
      assert.deepEqual(told.body.errors, dry.body.errors);
      assert.deepEqual(counts(told), counts(dry));
      assert.deepEqual(counts(told).total, { new: 1, bad: 25, duplicate: 1 });
      assert.deepEqual(
        told.body.errors.map(({ line, field }: { line: number; field: string }) => `${line} ${field}`),
        [
          ...["1 ", "2 type", "3 device_identifier", "4 platform", "5 device_identifier", "6 id"],
          ...["7 device_identifier", "8 device_identifier", "9 name", "10 group_type"],
          ...["11 auto_assignment_rules", "12 ", "13 ", "14 membership_type", "15 excluded", "16 group_id"],
          ...["17 match", "18 precedence", "19 match", "20 version_config", "21 policy_ids", "22 members/0"],
          ...["23 id", "27 ", "28 "],
        ],
      );
      assert.equal(told.body.errors_total, 25);
      assert.match(told.body.errors[3].message, /platform: expected/);
      assert.match(told.body.errors[12].message, /device not found/);
    });

    it("apply nothing where any line is bad, if that is asked for", async () => {
      const running = await open();
      const bring = bringTo(running);
      const before = await exported(running);
      const told = await bring([...everything, { type: "device" }], "&atomic=true");
      assert.deepEqual([told.status, told.body.state, told.body.next_line], [200, "refused", 1]);
      assert.deepEqual(counts(told).total, { new: everything.length - 1, changed: 1, bad: 1 });
      assert.equal(await exported(running), before);
      const fine = await bring(everything, "&atomic=true");
      assert.deepEqual([fine.body.state, fine.body.errors_total], ["done", 0]);
      assert.deepEqual(counts(fine).total, { new: everything.length - 1, changed: 1 });
      const jobs = await running.ask("GET", `/api/v1/import?org_id=${first.orgId}`);
      assert.deepEqual(
        jobs.body.imports.map(({ state }: { state: string }) => state),
        ["done", "refused"],
      );
    });

    it("go on from a line", async () => {
      const [running, whole] = [await open(), await open()];
      await bringTo(running)(everything.slice(0, 6));
      const told = await bringTo(running)(["no JSON", ...everything.slice(1)], "&from_line=7");
      assert.deepEqual([told.body.lines, told.body.errors_total], [everything.length - 6, 0]);
      await bringTo(whole)(everything);
      const facts = (text: string) => text.replaceAll(/"(created|added)_(at|on)":"[^"]+"/g, "");
      assert.equal(facts(await exported(running)), facts(await exported(whole)));
    });

    it("leave an entry for each chunk and one at the end", async () => {
      const running = await open();
      await bringTo(running)([{ type: "device", device_identifier: "a" }, { type: "device" }]);
      const rows = await running.store.read((db) =>
        db.selectFrom("audit_entry").select("text").orderBy("sequence", "desc").limit(2).execute(),
      );
      const [end, chunk] = rows.map(({ text }) => JSON.parse(text).details.changes[0].after);
      assert.deepEqual(chunk.lines, { first: 1, last: 2 });
      assert.deepEqual([chunk.new, chunk.bad], [1, 1]);
      assert.deepEqual([end.state, end.lines, end.new], ["done", 2, 1]);
    });
  });
