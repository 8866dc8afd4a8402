import type { Handle } from "../db/database.ts";
import type { Failure } from "../failure.ts";
import type { Soon } from "../soon.ts";
import type { Caller, Membership } from "./caller.ts";
import type { Change } from "./change.ts";
import type { Ids } from "./id.ts";
import type { Impact } from "./impact.ts";
import type {
  InstallationSettings,
  Moved,
  NewAccount,
  Operation,
  Path,
  ReportOperation,
  Written,
} from "./operation.ts";
import type { Page } from "./page.ts";
import type { Referrers } from "./reference.ts";
import type { Maker } from "./room.ts";

/** One request to perform an operation. */
export type Call = {
  readonly caller: Caller;
  readonly path: Path;
  /** The account, by id or `org_id`, where the path or the query names it. */
  readonly account?: string;
  /** Reads and checks what came; throws when it is wrong. Called once, and only after the first rights check. */
  input(): Input;
  /** Finds out anew who is calling: what a caller could do may have changed since. */
  again(): Promise<Caller>;
  /** Do it and answer it, but keep nothing. */
  readonly dryRun: boolean;
  /** The bytes of a body that is read as it arrives. */
  readonly body?: AsyncIterable<Uint8Array>;
};

/** What arrived, checked: the operation's own input, the page where it is a list, the account if the body names it. */
export type Input = { readonly value: any; readonly page?: Page; readonly account?: string };

/** Performs operations; there is no other way to run one. */
export interface Hall {
  /** Answers what the operation did. Throws a `Failure` for everything that was to be expected, or rejects. */
  perform(operation: Operation, call: Call): Soon<Performed>;
}

/**
 * An operation's output, the account it worked in (an operation of the installation works in none) and, of a dry
 * run, what the change would bring about.
 */
export type Performed = {
  readonly output: unknown;
  readonly account: Membership | undefined;
  readonly impact?: Impact;
};

/** What the hall is given by the composition: it imports no room and knows no engine. */
export interface Parts {
  read<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  write<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  /** As `read`, for work that may take long: it keeps nobody waiting. */
  scan<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  /** Keeps what a device reported, together with what others report at the same time. */
  report(operation: ReportOperation<any, any, any, any>, accountId: string, row: unknown): Promise<unknown>;
  /** How many operations are being performed, streams left out. */
  others(): number;
  /** What a room keeps in memory. */
  kept<T>(key: symbol): T;
  /** Says what changes of the fleet's configuration would bring about, where any room knows. */
  weigh(db: Handle, account: Membership, changes: readonly Change[]): Promise<Impact | undefined>;
  /** Tells the rooms that follow a kind how objects of it changed. */
  changed(
    db: Handle,
    accountId: string,
    kind: string,
    changes: readonly Moved<unknown>[],
    now: number,
  ): Promise<void>;
  /** As `write`, but rolled back at once. */
  rehearse<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  /**
   * Makes every other write of the account wait until this transaction ends; answers the revision that rights must
   * have been compiled at to be good now.
   */
  lock(db: Handle, accountId: string): Promise<number>;
  /** Leaves the audit entry of a change and raises the account's counter, in the change's transaction. */
  record(db: Handle, deed: Deed): Promise<void>;
  /** Leaves the audit entry of a refused write, in a transaction of its own; never throws. */
  refused(refusal: Refusal): Promise<void>;
  /** The scope keys that stand for a whole kind in an account. */
  chainOfKind(accountId: string, kind: string): readonly string[];
  /** The permissions that a permission group contains, by its id. */
  permissionsIn(permissionGroupId: string): readonly string[];
  /** Names of the permission groups that contain a permission. */
  groupsContaining(permission: string): readonly string[];
  /** The keys of what an object is read through beside its own. */
  keysThrough(db: Handle, accountId: string, kind: string, id: string): Promise<readonly string[]>;
  referrers(kind: string): Referrers;
  /** Moves with every commit that is not one of reports; undefined where other processes commit, too. */
  version(): number | undefined;
  /** No other process works on the same store. */
  readonly alone: boolean;
  accountCreated(db: Handle, account: NewAccount, maker: Maker): Promise<void>;
  now(): number;
  readonly settings: InstallationSettings;
  readonly ids: Ids;
}

/** A change that was made and who made it. */
export type Deed = {
  readonly accountId: string;
  readonly caller: Caller;
  readonly operation: string;
  readonly raises: "rights" | "fleet" | "nothing";
  readonly written: Written<unknown>;
  readonly now: number;
};

/** A write that was refused for want of rights, or because the state of the system does not allow it. */
export type Refusal = {
  readonly account: Membership;
  readonly caller: Caller;
  readonly operation: string;
  readonly resource: { readonly kind: string; readonly path: Path };
  readonly failure: Failure;
  readonly now: number;
};
