import type { Handle } from "../db/database.ts";
import type { Failure } from "../failure.ts";
import type { Caller, Membership } from "./caller.ts";
import type { Change } from "./change.ts";
import type { Ids } from "./id.ts";
import type { Impact } from "./impact.ts";
import type { Listed, ListedByCursor, Page } from "./page.ts";
import type { Referrers } from "./reference.ts";
import type { Visible } from "./visible.ts";

export type { Change } from "./change.ts";

/** The identifiers in a request's path, by name; every dialect uses the same names for an operation. */
export type Path = Readonly<Record<string, string>>;

/** Work that goes on once a write is committed: more of it in transactions of its own, and long reads beside it. */
export interface Steps {
  /** Runs one further transaction of the same account, with nothing else of that account beside it; keep it short. */
  write<T>(work: (db: Handle, now: number) => Promise<T>): Promise<T>;
  /** Reads for long without keeping anybody waiting. */
  scan<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  /** In a dry run nothing may be written. */
  readonly rehearsing: boolean;
}

/** Everything that an operation may reach: one database handle, who is asking, where, and what time it is. */
export interface Context {
  readonly db: Handle;
  readonly caller: Caller;
  /** The account the operation works in; reading it in an operation of the whole installation is a bug. */
  readonly account: Membership;
  readonly ids: Ids;
  /** Microseconds since the epoch; the same throughout one operation. */
  readonly now: number;
  /** True in a dry run: nothing of it is kept, and the answer says what it would bring about. */
  readonly rehearsing: boolean;
  /** No other process works on the same store: what does not go on in this one has ended. */
  readonly alone: boolean;
  /** The permissions that a permission group contains, by its id. */
  permissionsIn(permissionGroupId: string): readonly string[];
  /** The names of the permission groups that contain a permission. */
  groupsContaining(permission: string): readonly string[];
  /** What the operator of the installation settled that operations ask about. */
  readonly settings: InstallationSettings;
  /** The keys of what an object is read through beside its own, e.g. those of a device's groups. */
  keysThrough(kind: string, id: string): Promise<readonly string[]>;
  /** What other rooms keep that names objects of a kind: the only way news goes to the right. */
  referrers(kind: string): Referrers;
  /** Makes every other write of an account wait: for an operation of the installation that turns to one. */
  hold(accountId: string): Promise<unknown>;
  /** Lets every room make what a new account needs. */
  accountCreated(account: NewAccount): Promise<void>;
  /** What a room keeps in memory beside the store. */
  kept<T>(key: symbol): T;
  /** Tells the rooms that follow a kind how objects of it changed, in the same transaction. */
  changed(kind: string, changes: readonly Moved<unknown>[]): Promise<void>;
}

/** What an answer out of memory may reach. */
export type AtHand = Pick<Context, "account" | "caller" | "now" | "kept">;

/**
 * An answer that was at hand. The caller must see everything of the kind, or be allowed to read by `chain`: it is given
 * where nothing but those scope keys can decide.
 */
export type Ready<Output> = { readonly output: Output; readonly chain?: readonly string[] };

/** How an object changed; null where it did not or does not exist. */
export type Moved<Noun> = { readonly before: Noun | null; readonly after: Noun | null };

/** What the operator of an installation settles. */
export type InstallationSettings = {
  /** Whether deployment groups take ids of device policies that there are not. */
  readonly unknownPolicyIds: "refuse" | "allow";
};

/** An account that was just made, and the user who made it and will be its first super administrator. */
export type NewAccount = {
  readonly id: string;
  readonly name: string;
  readonly founder: { readonly userId: string; readonly email: string };
  readonly resourceGroupId?: string;
};

/**
 * What a path names. `chain` holds the scope keys of the object, from its account down; where reading looks
 * at more keys than writing does (a device is read through its groups too), `readChain` holds those.
 */
export type Target<Noun> =
  | { readonly chain: readonly string[]; readonly noun: Noun; readonly readChain?: readonly string[] }
  | { readonly missing: string };

/** What an operation takes to be allowed: one permission, or a reason for taking none. `strangers` need no credential. */
export type Access =
  | { readonly permission: string }
  | { readonly to: "everyone" | "itself" | "strangers"; readonly reason: string };

/** What every operation declares, whatever its kind. */
interface Declared {
  /** `<noun>.<verb>`, unique in the system. */
  readonly name: string;
  readonly summary: string;
  readonly access: Access;
  /** The kind of scope key that the operation's objects have, e.g. `device-group`. */
  readonly resource: string;
  /** Most operations work in one account; a few belong to the installation. */
  readonly within: "account" | "installation";
  /** Whether it may read as much as a whole fleet: then it reads aside, where it keeps nobody waiting. */
  aside?(input: any): boolean;
}

/** An operation on what its path names. */
interface Aimed<Noun> extends Declared {
  /** The permission that seeing the object takes: what may not be seen is answered like what is missing. */
  readonly sees: string;
  /**
   * Finds what the path names; `missing` carries its name for people. Absent where the path names nothing
   * but the account (creating): then the operation is decided on the kind as a whole.
   */
  target?(db: Handle, account: Membership, path: Path): Promise<Target<Noun>>;
}

/** Looks at one thing. */
export interface ReadOperation<Input, Output, Noun> extends Aimed<Noun> {
  readonly kind: "read";
  /**
   * Answers what is at hand in memory, or undefined; what is not, and whoever is not seen to have the right to it at
   * once, goes the long way.
   */
  atHand?(context: AtHand, path: Path, input: Input): Ready<Output> | undefined;
  run(context: Context, input: Input, noun: Noun): Promise<Output>;
}

/** Looks at many things of one kind: only those that the caller may see, decided in the SQL. */
export interface ListOperation<Input, Item> extends Declared {
  readonly kind: "list";
  run(
    context: Context,
    input: Input & { page: Page },
    visible: Visible,
  ): Promise<Listed<Item> | ListedByCursor<Item>>;
}

/** Counts what a change would bring about, with a handle of its own to read by. */
export type CountImpact = (db: Handle) => Promise<Impact>;

/** What a write did: no changes means no audit entry, no new revision and the same `updated_at`. */
export type Written<Result> = {
  readonly result: Result;
  readonly changes: readonly Change[];
  /** A label that the caller gave for who did it; kept beside the authenticated caller, never instead. */
  readonly label?: string;
  /** Which counter it raises, where it is not the one that the operation declares. */
  readonly raises?: "rights" | "fleet";
  /** The accounts to record in, where it is not the one the operation works in. */
  readonly accountIds?: readonly string[];
  /** Who did it, where that is known better afterwards: somebody who accepts an invitation is nobody before. */
  readonly by?: Pick<Caller, "type" | "id" | "label">;
  /**
   * Goes on once the transaction is committed, before the answer, and answers the result anew. A crash may end it
   * anywhere: whoever needs its end has to see to it at the next start.
   */
  readonly afterwards?: (steps: Steps) => Promise<Result>;
  /** In a dry run: counts what the change would bring about, once nothing is held any more. */
  readonly impact?: CountImpact | undefined;
};

/** A further object that the input names, and the permission that the operation takes on it. */
export type Need = {
  readonly permission: string;
  readonly sees: string;
  readonly resource: string;
  readonly target: Target<unknown>;
};

/** Changes something, in one transaction, with an audit entry. */
export interface WriteOperation<Input, Output, Noun> extends Aimed<Noun> {
  readonly kind: "write";
  /** Which of the account's two counters a change raises. */
  readonly raises: "rights" | "fleet" | "nothing";
  /** Rights on what the input names, beside those on what the path names. */
  needs?(db: Handle, account: Membership, input: Input): Promise<readonly Need[]>;
  run(context: Context, input: Input, noun: Noun): Promise<Written<Output>>;
}

/** What a report is kept with: many of one account at a time, in one transaction. */
export interface Batch {
  readonly db: Handle;
  readonly accountId: string;
  readonly ids: Ids;
  /** Makes every other write of the account wait: for reports that change more than themselves. */
  hold(): Promise<unknown>;
  /** As `Context.changed`. */
  changed(kind: string, changes: readonly Moved<unknown>[], now: number): Promise<void>;
}

/** What devices send, often and many at once: kept in batches, without audit entries. */
export interface ReportOperation<Input, Row, Output, Noun> extends Aimed<Noun> {
  readonly kind: "report";
  /** Answers what the caller's credential alone tells of the noun, or undefined where it has to be looked for. */
  atHand?(account: Membership, path: Path, input: () => Input): Target<Noun> | undefined;
  /** Finds what the body names, where the path names nothing: then this stands in the place of `target`. */
  find?(db: Handle, account: Membership, caller: Caller, input: Input): Promise<Target<Noun>>;
  /** Checks everything that can be wrong and answers what to keep; throws a `Failure`. */
  accept(context: Omit<Context, "db">, input: Input, noun: Noun): Row;
  /**
   * Keeps a batch in one transaction; answers one result for each row, in their order: a `Failure` for one that
   * could not be kept after all.
   */
  apply(batch: Batch, rows: readonly Row[]): Promise<readonly (Output | Failure)[]>;
}

/** What a stream works with: transactions of its own as it goes on, and reads beside them. */
export interface StreamContext extends Omit<Context, "db" | "now" | "changed" | "hold" | "accountCreated"> {
  now(): number;
  /** How many requests wait for something at this moment: they should have their turn between two steps. */
  others(): number;
  read<T>(work: (db: Handle) => Promise<T>): Promise<T>;
  /** Does a part of the work as one write: with the account held, and an audit entry where something changed. */
  step<T>(work: (context: Context) => Promise<Written<T>>): Promise<T>;
  /** What the stream has to remember for itself, and goes on with, whoever its caller may be by then: no rights are asked. */
  readonly steps: Steps;
  /** As `step`, but nothing is kept of it: for finding out what would go wrong. */
  rehearse<T>(work: (context: Context) => Promise<T>): Promise<T>;
  /** Looks at how things are, beside everything else: as an operation would, in a dry run. */
  look<T>(work: (context: Context) => Promise<T>): Promise<T>;
  /** The bytes that arrive; none where the request has no body. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Takes or gives as much as a whole fleet, line by line: not one transaction. */
export interface StreamOperation<Input, Output> extends Declared {
  readonly kind: "stream";
  readonly raises: "rights" | "fleet" | "nothing";
  run(context: StreamContext, input: Input): Promise<Output> | AsyncIterable<Output>;
}

/** Any operation, as the hall, the routes and the documents see it. */
export type Operation =
  | ReadOperation<any, any, any>
  | ListOperation<any, any>
  | WriteOperation<any, any, any>
  | ReportOperation<any, any, any, any>
  | StreamOperation<any, any>;

/** Declares an operation that looks at one thing. */
export function read<Input, Output, Noun = undefined>(
  declared: Omit<ReadOperation<Input, Output, Noun>, "kind" | "within"> & { within?: "installation" },
): ReadOperation<Input, Output, Noun> {
  return { within: "account", ...declared, kind: "read" };
}

/** Declares an operation that looks at many things. */
export function list<Input, Item>(
  declared: Omit<ListOperation<Input, Item>, "kind" | "within"> & { within?: "installation" },
): ListOperation<Input, Item> {
  return { within: "account", ...declared, kind: "list" };
}

/** Declares an operation that changes something. */
export function write<Input, Output, Noun = undefined>(
  declared: Omit<WriteOperation<Input, Output, Noun>, "kind" | "within"> & { within?: "installation" },
): WriteOperation<Input, Output, Noun> {
  return { within: "account", ...declared, kind: "write" };
}

/** Declares an operation by which devices report. */
export function report<Input, Row, Output, Noun = undefined>(
  declared: Omit<ReportOperation<Input, Row, Output, Noun>, "kind" | "within">,
): ReportOperation<Input, Row, Output, Noun> {
  return { within: "account", ...declared, kind: "report" };
}

/** Declares an operation that takes or gives line by line. */
export function stream<Input, Output>(
  declared: Omit<StreamOperation<Input, Output>, "kind" | "within">,
): StreamOperation<Input, Output> {
  return { within: "account", ...declared, kind: "stream" };
}
