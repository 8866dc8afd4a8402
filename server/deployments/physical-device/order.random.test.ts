import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { engines } from "../../../test/engines.ts";
import { first, type Running, startServer } from "../../../test/server.ts";
import { blankDevice, type Device, insertDevices } from "../../devices/device/index.ts";

const devices = `/client/v4/accounts/${first.accountId}/devices`;

/** Of everything that is sorted by only a few different values, so that there are ties, and none at all. */
const names = ["a", "A", "a ", "b", "é", "z", "😀", "\uffff", "\ufffd", "%", "'", "10", "9", "Z\u0301"];
const versions = ["1", "1.0", "1.9", "1.10", "v2", "latest", "2026.7.1377.0", "0"];
const emails = ["a@example.com", "A@example.com", "😀@example.com", "b@example.com"];
const instants = [0, 1, 1_700_000_000_000_000, 1_700_000_000_000_001, 1_800_000_000_000_000];
const orNothing = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });

const anyDevice = fc.record({
  version: orNothing(versions),
  appVersion: orNothing(versions),
  email: orNothing(emails),
  name: orNothing(names),
  seenAt: orNothing(instants),
  madeAt: fc.constantFrom(...instants),
  revoked: fc.boolean(),
});

const made: Device[] = fc
  .sample(anyDevice, { seed: 20264, numRuns: 40 })
  .map(({ version, appVersion, email, name, seenAt, madeAt, revoked }, place) => ({
    ...blankDevice(
      `dev_${(place * 17) % 40}`,
      `${names[place % names.length]}${Math.trunc(place / 14)}`,
      madeAt,
    ),
    status: revoked ? "revoked" : "active",
    clientVersion: version === undefined ? null : { version, reportedAt: madeAt, source: "import" as const },
    attributes: appVersion === undefined ? {} : { app_version: appVersion },
    user:
      email === undefined && name === undefined
        ? null
        : { ...(email && { email }), ...(name && { name }), groups: [], samlAttributes: [] },
    lastSeenAt: seenAt ?? null,
  }));

/** What devices are sorted by, put down once more: texts by their bytes, versions part by part. */
const keys: Readonly<Record<string, (device: Device) => string | number | readonly number[] | undefined>> = {
  id: ({ id }) => id,
  name: ({ identifier }) => identifier,
  client_version: ({ clientVersion, attributes }) => parts(clientVersion?.version ?? attributes.app_version),
  "last_seen_user.email": ({ user }) => user?.email,
  "user.email": ({ user }) => user?.email,
  "user.name": ({ user }) => user?.name,
  last_seen_at: ({ lastSeenAt }) => lastSeenAt ?? undefined,
  active_registrations: ({ status }) => (status === "revoked" ? 0 : 1),
  created_at: ({ createdAt }) => createdAt,
};

function parts(version: string | undefined): readonly number[] | undefined {
  const numbers = version
    ?.match(/\d+(\.\d+)*/)?.[0]
    .split(".")
    .map(Number);
  while (numbers && numbers.length > 1 && numbers.at(-1) === 0) numbers.pop();
  return numbers;
}

function compare(one: unknown, other: unknown): number {
  if (typeof one === "number") return one - (other as number);
  if (typeof one === "string") return Buffer.compare(Buffer.from(one), Buffer.from(other as string));
  const [mine, theirs] = [one as number[], other as number[]];
  const at = mine.findIndex((part, place) => part !== theirs[place]);
  return at < 0 ? mine.length - theirs.length : (mine[at] as number) - (theirs[at] ?? -1);
}

function inOrder(
  those: readonly Device[],
  keyOf: (device: Device) => unknown,
  descending: boolean,
): string[] {
  const sign = descending ? -1 : 1;
  const known = those.filter((device) => keyOf(device) !== undefined);
  const unknown = those.filter((device) => keyOf(device) === undefined);
  known.sort((a, b) => sign * (compare(keyOf(a), keyOf(b)) || compare(a.id, b.id)));
  unknown.sort((a, b) => sign * compare(a.id, b.id));
  return [...known, ...unknown].map(({ id }) => id);
}

const standings = { only: "active", exclude: "revoked", include: undefined } as const;

for (const engine of engines)
  describe(`devices in any order on ${engine.name}`, () => {
    let running: Running;
    before(async () => {
      running = await startServer(await engine.open());
      await running.store.write((db) => insertDevices(db, first.accountId, made));
    });
    after(() => running.stop());

    /** All pages, one after another by their cursors. */
    const pages = async (path: string, size: number, total: number): Promise<string[]> => {
      const shown: string[] = [];
      for (let cursor = ""; ; ) {
        const { status, body } = await running.ask("GET", `${path}&per_page=${size}&cursor=${cursor}`);
        assert.equal(status, 200, JSON.stringify(body));
        const { result, result_info: info } = body;
        assert.deepEqual([info.count, info.per_page, info.total_count], [result.length, size, total], path);
        shown.push(...result.map(({ id }: { id: string }) => id));
        if (info.cursor === "") return shown;
        assert.equal(result.length, size, path);
        cursor = info.cursor;
      }
    };

    const physical = ["id", "name", "client_version", "last_seen_user.email"];
    for (const by of [...physical, "last_seen_at", "active_registrations", "created_at"])
      it(`physical devices by ${by} come once each, as they should`, async () => {
        for (const [active, standing] of Object.entries(standings))
          for (const sort of ["asc", "desc"])
            for (const size of [3, 40, 500]) {
              const those = made.filter(({ status }) => standing === undefined || status === standing);
              const path = `${devices}/physical-devices?sort_by=${by}&sort_order=${sort}&active_registrations=${active}`;
              const wanted = inOrder(those, keys[by] as (typeof keys)[string], sort === "desc");
              assert.deepEqual(await pages(path, size, those.length), wanted, path);
            }
      });

    for (const by of ["id", "user.name", "user.email", "last_seen_at", "created_at"])
      it(`registrations by ${by} come once each, as they should`, async () => {
        const keyOf =
          by === "last_seen_at" ? ({ lastSeenAt, createdAt }: Device) => lastSeenAt ?? createdAt : keys[by];
        for (const [status, wanted] of [
          ["active", made.filter((device) => device.status === "active")],
          ["revoked", made.filter((device) => device.status === "revoked")],
          ["all", made],
        ] as const)
          for (const sort of ["asc", "desc"])
            for (const size of [3, 40]) {
              const path = `${devices}/registrations?sort_by=${by}&sort_order=${sort}&status=${status}`;
              const expected = inOrder(wanted, keyOf as (typeof keys)[string], sort === "desc");
              assert.deepEqual(await pages(path, size, wanted.length), expected, path);
            }
      });

    it("the oldest active device goes first where nothing is said", async () => {
      const active = made.filter(({ status }) => status === "active");
      const wanted = inOrder(active, ({ createdAt }) => createdAt, false);
      for (const noun of ["physical-devices", "registrations"])
        assert.deepEqual(await pages(`${devices}/${noun}?`, 7, active.length), wanted);
    });

    it("a cursor is good for its own order alone", async () => {
      const at = `${devices}/physical-devices?per_page=1`;
      const { body } = await running.ask("GET", `${at}&sort_by=name`);
      const { cursor } = body.result_info;
      assert.notEqual(cursor, "");
      for (const [order, status] of [
        ["sort_by=name", 200],
        ["sort_by=name&sort_order=asc", 200],
        ["sort_by=name&sort_order=desc", 400],
        ["sort_by=id", 400],
        ["sort_by=created_at", 400],
        ["", 400],
      ] as const) {
        const told = await running.ask("GET", `${at}&${order}&cursor=${cursor}`);
        assert.equal(told.status, status, order);
        if (status === 400) assert.equal(told.body.errors[0].source.pointer, "/cursor", order);
      }
    });
  });
