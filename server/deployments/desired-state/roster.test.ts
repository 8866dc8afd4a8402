import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { News, Store } from "../../db/database.ts";
import { type Configuration, Roster } from "./roster.ts";
import type { Sort } from "./sort.ts";
import type { World } from "./world.ts";

const accountId = "a";
const world = { devicePolicies: [], holders: new Map() } as unknown as World;
const configuration: Configuration = { world, revision: 1 };

/** Devices of which each is told something else by its environment. */
class Fleet {
  readonly sorts = new Map<string, Sort>();
  #listener: (news: News) => void = () => {};

  get store(): Pick<Store, "scan" | "read" | "listen"> {
    const page = async () => {
      return { devices: [...this.sorts].map(([id, sort]) => ({ id, ...sort })), next: undefined };
    };
    return {
      scan: page as unknown as Store["scan"],
      read: page as unknown as Store["read"],
      listen: (listener) => {
        this.#listener = listener;
      },
    };
  }

  put(ids: readonly string[], environment: string): void {
    for (const id of ids) this.sorts.set(id, { position: -1, environment, isRevoked: true });
    this.#tell(ids);
  }

  delete(ids: readonly string[]): void {
    for (const id of ids) this.sorts.delete(id);
    this.#tell(ids);
  }

  #tell(ids: readonly string[]): void {
    this.#listener({ accountId, kind: "device", ids: [...ids] });
  }
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `dev_${from + index}`);

describe("the roster", () => {
  const begun = async (fleet: Fleet) => {
    const roster = new Roster(fleet.store);
    fleet.put(numbered(0, 12_000), "linux");
    roster.begin(accountId, 12_000);
    await roster.settled();
    const first = fleet.sorts.get("dev_0") as Sort;
    roster.note(accountId, roster.changes(accountId), configuration, "dev_0", first);
    return roster;
  };
  const environments = (roster: Roster, ids: readonly string[]) => [
    ...new Set(ids.map((id) => roster.find(accountId, id)?.environment)),
  ];

  test("gives the places of devices that are gone to others, and to nobody twice", async () => {
    const fleet = new Fleet();
    const roster = await begun(fleet);
    assert.deepEqual(environments(roster, numbered(0, 12_000)), ["linux"]);
    fleet.delete(numbered(3000, 9000));
    await roster.settled();
    fleet.put(numbered(20_000, 24_000), "windows");
    await roster.settled();
    fleet.put(numbered(30_000, 34_000), "macos");
    await roster.settled();
    assert.deepEqual(environments(roster, numbered(3000, 9000)), [undefined]);
    assert.deepEqual(environments(roster, numbered(0, 3000)), ["linux"]);
    assert.deepEqual(environments(roster, numbered(9000, 12_000)), ["linux"]);
    assert.deepEqual(environments(roster, numbered(20_000, 24_000)), ["windows"]);
    assert.deepEqual(environments(roster, numbered(30_000, 34_000)), ["macos"]);
    await roster.check();
  });

  test("keeps devices that come while places are given back", async () => {
    const fleet = new Fleet();
    const roster = await begun(fleet);
    fleet.delete(numbered(0, 8000));
    let over = false;
    const settling = roster.settled().then(() => {
      over = true;
    });
    const came: string[] = [];
    for (let number = 20_000; !over; number++) {
      const id = `dev_${number}`;
      const sort: Sort = { position: -1, environment: "windows", isRevoked: true };
      fleet.sorts.set(id, sort);
      roster.note(accountId, roster.changes(accountId), configuration, id, sort);
      came.push(id);
      await nextTurn();
    }
    await settling;
    assert.ok(came.length > 2, "the loop went on meanwhile");
    assert.deepEqual(environments(roster, came), ["windows"]);
    assert.deepEqual(environments(roster, numbered(8000, 12_000)), ["linux"]);
    assert.deepEqual(environments(roster, numbered(0, 8000)), [undefined]);
    await roster.check();
  });
});
