import { setImmediate as nextTurn } from "node:timers/promises";
import type { Store } from "../../db/database.ts";
import { assigned, type Resolved, revoked } from "./resolve.ts";
import { fleetPage } from "./roster-store.ts";
import { keyOf, type Sort } from "./sort.ts";
import type { World } from "./world.ts";

/** An account's configuration, and how often it was changed. */
export type Configuration = { readonly world: World; readonly revision: number };

/** What a sort is told under the present configuration. */
export type Told = { readonly resolved: Resolved; readonly environment: string; readonly revision: number };

/** Of a device that nothing is known of now. */
const unknown = -1;

/** Devices that a fleet must have for its sorts to be looked up before anybody asks. */
const worthFilling = 2000;

/** Devices that are looked at in one turn of the loop: others want theirs. */
const perTurn = 5000;

/** Milliseconds between the last news and a fill. */
const calmMs = 250;

/** One account's devices. */
type Fleet = {
  readonly places: Map<string, number>;
  /** Places of devices that are gone. */
  readonly free: number[];
  sorts: Int32Array;
  /** 1 at the places of devices that the present fill found, or that came since it began. */
  found: Uint8Array;
  readonly list: Sort[];
  readonly numbers: Map<string, number>;
  configuration: Configuration | undefined;
  told: (Told | undefined)[];
  /** Moves with all news: what was read before one and is noted after it may be old. */
  changes: number;
  /** Moves when all devices may be of another sort. */
  epoch: number;
  /** Devices that news told of since the present fill began. */
  touched: Set<string> | undefined;
  missing: number;
  timer: NodeJS.Timeout | undefined;
};

/**
 * Which sort each device is of, in memory, for the process that alone writes to the store: an answer costs no statement
 * then. It holds a number for each device beside one map of ids. What a transaction moves is forgotten before its answer,
 * and found again by whoever asks, or by a scan of the fleet once so much is missing that it is worth it.
 */
export class Roster {
  readonly #store: Pick<Store, "scan" | "read">;
  readonly #fleets = new Map<string, Fleet>();
  #filling: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(store: Pick<Store, "scan" | "read" | "listen">) {
    this.#store = store;
    store.listen(({ accountId, kind, ids }) => {
      const fleet = this.#fleets.get(accountId);
      if (kind === "account") this.#reconfigured(fleet);
      else if (kind === "device") this.#moved(accountId, ids);
    });
  }

  /** What a device is told, if it is known. */
  find(accountId: string, deviceId: string): Told | undefined {
    const fleet = this.#fleets.get(accountId);
    const place = fleet?.configuration && fleet.places.get(deviceId);
    if (fleet === undefined || place === undefined) return undefined;
    const sort = fleet.sorts[place] ?? unknown;
    return sort === unknown ? undefined : toldTo(fleet, sort);
  }

  /** How much was changed so far: what is noted must have been read at the same count. */
  changes(accountId: string): number {
    return this.#fleet(accountId).changes;
  }

  /** Notes what was found of a device, if nothing was changed since. */
  note(accountId: string, changes: number, configuration: Configuration, deviceId: string, sort: Sort): void {
    const fleet = this.#fleet(accountId);
    if (fleet.changes !== changes) return;
    fleet.configuration ??= configuration;
    if (fleet.configuration.revision === configuration.revision) put(fleet, deviceId, sort);
  }

  /** Begins to look all devices of an account up, where there are enough of them. */
  begin(accountId: string, devices: number): void {
    const fleet = this.#fleet(accountId);
    fleet.missing = devices;
    this.#fillSoon(accountId, fleet);
  }

  /** For tests: throws an Error where what is known of a device is not what the rows say. */
  async check(): Promise<void> {
    for (const [accountId, fleet] of this.#fleets) {
      const { changes } = fleet;
      let after: string | undefined = "";
      while (after !== undefined) {
        const from: string = after;
        const page = await this.#store.read((db) => fleetPage(db, accountId, from));
        if (fleet.changes !== changes) break;
        for (const { id, ...sort } of page.devices) checkSort(fleet, id, sort);
        after = page.next;
      }
    }
  }

  /** Does at once what waits to be filled; resolves when nothing does any more. */
  async settled(): Promise<void> {
    for (let waiting = true; waiting; ) {
      const fleets = [...this.#fleets].filter(([, { timer }]) => timer !== undefined);
      for (const [accountId, fleet] of fleets) this.#fillNow(accountId, fleet);
      await this.#filling;
      waiting = [...this.#fleets.values()].some(({ timer }) => timer !== undefined);
    }
  }

  /** Fills nothing any more. */
  close(): void {
    this.#closed = true;
    for (const fleet of this.#fleets.values()) {
      clearTimeout(fleet.timer);
      fleet.timer = undefined;
    }
  }

  #fleet(accountId: string): Fleet {
    const known = this.#fleets.get(accountId);
    if (known) return known;
    const fleet: Fleet = {
      ...{ places: new Map(), free: [], sorts: new Int32Array(1024).fill(unknown) },
      ...{ found: new Uint8Array(1024), list: [], numbers: new Map() },
      ...{ configuration: undefined, told: [], changes: 0, epoch: 0, touched: undefined },
      ...{ missing: 0, timer: undefined },
    };
    this.#fleets.set(accountId, fleet);
    return fleet;
  }

  #reconfigured(fleet: Fleet | undefined): void {
    if (!fleet) return;
    fleet.changes++;
    fleet.configuration = undefined;
    fleet.told = [];
  }

  #moved(accountId: string, ids: readonly string[] | "all"): void {
    const fleet = this.#fleet(accountId);
    fleet.changes++;
    if (ids === "all") {
      fleet.epoch++;
      fleet.sorts.fill(unknown);
      fleet.list.length = 0;
      fleet.numbers.clear();
      fleet.told = [];
      fleet.configuration = undefined;
      fleet.missing = Math.max(fleet.missing, fleet.places.size);
    } else {
      for (const id of ids) {
        const place = fleet.places.get(id);
        if (place !== undefined) fleet.sorts[place] = unknown;
        fleet.touched?.add(id);
      }
      fleet.missing += ids.length;
    }
    this.#fillSoon(accountId, fleet);
  }

  #fillSoon(accountId: string, fleet: Fleet): void {
    if (this.#closed || fleet.missing < Math.max(worthFilling, fleet.places.size / 10)) return;
    clearTimeout(fleet.timer);
    fleet.timer = setTimeout(() => this.#fillNow(accountId, fleet), calmMs).unref();
  }

  #fillNow(accountId: string, fleet: Fleet): void {
    clearTimeout(fleet.timer);
    fleet.timer = undefined;
    this.#filling = this.#filling.then(() => this.#fill(accountId, fleet)).catch(() => undefined);
  }

  async #fill(accountId: string, fleet: Fleet): Promise<void> {
    const { epoch, missing } = fleet;
    const touched = new Set<string>();
    fleet.touched = touched;
    fleet.found.fill(0);
    fleet.missing = 0;
    let devices = 0;
    let after: string | undefined = "";
    try {
      while (after !== undefined && !this.#closed && fleet.epoch === epoch) {
        const from: string = after;
        const page = await this.#store.scan((db) => fleetPage(db, accountId, from));
        if (fleet.epoch !== epoch) break;
        for (const { id, ...sort } of page.devices) {
          const place = touched.has(id) ? placeOf(fleet, id) : put(fleet, id, sort);
          fleet.found[place] = 1;
        }
        devices += page.devices.length;
        after = page.next;
      }
      if (fleet.epoch === epoch && after === undefined) return await forgetGone(fleet, devices);
    } finally {
      if (fleet.touched === touched) fleet.touched = undefined;
    }
    if (fleet.epoch === epoch) return;
    // What moved everybody came in between, and what was missing still is.
    fleet.missing = Math.max(fleet.missing, missing);
    this.#fillSoon(accountId, fleet);
  }
}

function checkSort(fleet: Fleet, id: string, sort: Sort): void {
  const number = fleet.sorts[fleet.places.get(id) ?? unknown] ?? unknown;
  const known = fleet.list[number];
  // Which policy a revoked device would have makes no difference.
  const position = sort.isRevoked ? known?.position : sort.position;
  if (known && keyOf(known) !== keyOf({ ...sort, position: position ?? unknown }))
    throw new Error(`the roster takes ${id} for ${keyOf(known)}, the rows say ${keyOf(sort)}`);
}

function toldTo(fleet: Fleet, number: number): Told | undefined {
  const known = fleet.told[number];
  const { configuration } = fleet;
  if (known || !configuration) return known;
  const { position, environment, isRevoked } = fleet.list[number] as Sort;
  const { devicePolicies, holders } = configuration.world;
  const devicePolicy = devicePolicies[position];
  if (!devicePolicy && !isRevoked) return undefined;
  const resolved =
    isRevoked || !devicePolicy
      ? revoked([])
      : assigned({ platform: environment }, devicePolicy, holders.get(devicePolicy.id), []);
  const told = { resolved, environment, revision: configuration.revision };
  fleet.told[number] = told;
  return told;
}

/** Answers the device's place. */
function put(fleet: Fleet, deviceId: string, sort: Sort): number {
  const key = keyOf(sort);
  let number = fleet.numbers.get(key);
  if (number === undefined) {
    number = fleet.list.push(sort) - 1;
    fleet.numbers.set(key, number);
  }
  const place = placeOf(fleet, deviceId);
  fleet.sorts[place] = number;
  return place;
}

function placeOf(fleet: Fleet, deviceId: string): number {
  const known = fleet.places.get(deviceId);
  if (known !== undefined) return known;
  const place = fleet.free.pop() ?? fleet.places.size;
  fleet.places.set(deviceId, place);
  if (place >= fleet.sorts.length) grow(fleet);
  fleet.found[place] = 1;
  return place;
}

function grow(fleet: Fleet): void {
  const { sorts, found } = fleet;
  fleet.sorts = new Int32Array(sorts.length * 2).fill(unknown);
  fleet.sorts.set(sorts);
  fleet.found = new Uint8Array(sorts.length * 2);
  fleet.found.set(found);
}

/** Gives the places of devices that a whole look at the fleet did not find to others, once there are many. */
async function forgetGone(fleet: Fleet, devices: number): Promise<void> {
  if (fleet.places.size < devices + worthFilling) return;
  let looked = 0;
  for (const [id, place] of fleet.places) {
    if (fleet.found[place] === 0) {
      fleet.places.delete(id);
      fleet.sorts[place] = unknown;
      fleet.free.push(place);
    }
    looked++;
    if (looked % perTurn === 0) await nextTurn();
  }
}
