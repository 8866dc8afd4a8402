import type { Handle, Store } from "../db/database.ts";
import type { Membership } from "./caller.ts";
import type { Change } from "./change.ts";
import type { Face } from "./face.ts";
import type { Ids } from "./id.ts";
import type { Impact } from "./impact.ts";
import type { Moved, NewAccount, Operation, Steps } from "./operation.ts";
import type { Reference } from "./reference.ts";

/** One noun and everything about it that the rest of the house needs to know. */
export interface Room {
  readonly operations: readonly Operation[];
  readonly faces: readonly Face[];
  /** The permissions that its operations take, each with the permission groups that contain it. */
  readonly permissions?: Readonly<Record<string, readonly string[]>>;
  readonly references?: readonly Reference[];
  /** The kinds of things whose changes it must hear of. */
  readonly follows?: readonly Follower[];
  /** Says what changes of the fleet's configuration would bring about. */
  weigh?(db: Handle, account: Membership, changes: readonly Change[]): Promise<Impact | undefined>;
  /** Finishes what a crash may have left half done, of all accounts; called after the start and every minute. */
  resume?(workshop: Workshop): Promise<void>;
  /** What it keeps in memory beside the store, for one server; operations get at it by the key. */
  readonly keeps?: { readonly key: symbol; make(store: Store): Kept };
  /** By kind: the scope keys of what an object of that kind is read through, beside its own. */
  readonly passages?: Readonly<Record<string, Passage>>;
  /** Makes what a new account needs of this noun, in the transaction that makes the account. */
  onAccountCreated?(db: Handle, account: NewAccount, maker: Maker): Promise<void>;
}

/** Something that a room keeps in memory. */
export interface Kept {
  /** Called once the server listens. */
  begin?(): void;
  /** Called every minute: writes down what waits to be. */
  flush?(): Promise<void>;
  /** For tests: throws an Error where what is kept is not what the store holds. */
  check?(): Promise<void>;
  /** Begins nothing new any more. */
  close?(): void;
  /** Resolves when nothing that requests left behind is still to be done. */
  settled(): Promise<void>;
}

/** What a room finishes its work with. */
export interface Workshop {
  read<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  scan<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  /** The steps of work in one account. */
  stepsIn(accountId: string): Steps;
}

/** A room's word that something of its own depends on what objects of another room's kind are like. */
export interface Follower {
  /** The kind that it follows, e.g. `device`. */
  readonly of: string;
  /** Called in the transaction of the change, with the account held. */
  changed(db: Handle, accountId: string, changes: readonly Moved<any>[], now: number): Promise<void>;
}

/** Answers the scope keys of what an object is read through; none for one that is missing. */
export type Passage = (db: Handle, accountId: string, id: string) => Promise<readonly string[]>;

/** Where new things get their ids and their time from. */
export type Maker = { readonly ids: Ids; readonly now: number };
