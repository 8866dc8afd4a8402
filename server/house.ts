import { holdAccount } from "./accounts/account/index.ts";
import type { Handle, Store } from "./db/database.ts";
import type { Parts } from "./operation/hall.ts";
import type { Clock } from "./operation/id.ts";
import type { NewAccount } from "./operation/operation.ts";
import { referrersTo } from "./operation/reference.ts";
import type { Kept, Maker, Passage, Room } from "./operation/room.ts";
import { stepsIn } from "./operation/steps.ts";

/** What all rooms together say of each other: the only ways by which news goes to the right. */
export type House = Pick<Parts, "keysThrough" | "referrers" | "changed" | "weigh" | "kept"> & {
  /** What rooms keep in memory. */
  readonly keeping: readonly Kept[];
  /** Tells every room of a new account; they depend on no order. */
  accountCreated(db: Handle, account: NewAccount, maker: Maker): Promise<void>;
  /** Rooms finish what was left half done, one after the other. */
  resume(store: Store, clock: Clock): Promise<void>;
};

/** Puts together what rooms declare. */
export function houseOf(rooms: readonly Room[], store: Store): House {
  const kept = new Map(
    rooms.flatMap(({ keeps }) => (keeps ? [[keeps.key, keeps.make(store)] as const] : [])),
  );
  const references = rooms.flatMap((room) => room.references ?? []);
  const followers = rooms.flatMap((room) => room.follows ?? []);
  const passages: Readonly<Record<string, Passage>> = Object.assign(
    {},
    ...rooms.map((room) => room.passages ?? {}),
  );
  return {
    keeping: [...kept.values()],
    kept: <T>(key: symbol) => kept.get(key) as T,
    keysThrough: async (db, accountId, kind, id) => (await passages[kind]?.(db, accountId, id)) ?? [],
    referrers: (kind) => referrersTo(kind, references),
    async changed(db, accountId, kind, changes, now) {
      for (const follower of followers)
        if (follower.of === kind && changes.length > 0) await follower.changed(db, accountId, changes, now);
    },
    async weigh(...asked) {
      for (const room of rooms) {
        const impact = await room.weigh?.(...asked);
        if (impact) return impact;
      }
      return undefined;
    },
    async accountCreated(db, account, maker) {
      for (const room of rooms) await room.onAccountCreated?.(db, account, maker);
    },
    async resume({ read, scan, write }, { now }) {
      const parts = { scan, write, lock: holdAccount, now };
      for (const room of rooms)
        await room.resume?.({ read, scan, stepsIn: (accountId) => stepsIn(parts, accountId, false) });
    },
  };
}
