import { hash } from "node:crypto";
import type { Caller } from "../../operation/caller.ts";
import type { Change } from "../../operation/operation.ts";

/** One thing that somebody did or was refused, as it is kept: its text never changes. */
export type Entry = {
  readonly id: string;
  readonly accountId: string;
  /** 1 for the account's first entry; no number is left out. */
  readonly sequence: number;
  /** Microseconds since the epoch. */
  readonly at: number;
  readonly actor: Pick<Caller, "type" | "id" | "label" | "address">;
  readonly operation: string;
  readonly result: "success" | "failure";
  readonly details: Done | Refused;
};

/** What a change did. */
export type Done = {
  /** What the caller says of who did it; beside the actor, never instead. */
  readonly label?: string;
  readonly changes: readonly (Omit<Change, "ids"> & { readonly ids?: Readonly<Record<string, IdList>> })[];
};

/** What was refused and why, or how many refusals were left out since the last one that was kept. */
export type Refused =
  | {
      readonly resource: { readonly kind: string; readonly path: Readonly<Record<string, string>> };
      readonly why: string;
    }
  | { readonly leftOut: number };

/** Ids that belong to a change: themselves, or for more than 100 their number and the hash of the list beside. */
export type IdList = readonly string[] | { readonly count: number; readonly sha256: string };

/** Ids that an entry's own text holds. */
export const idsInlineMax = 100;

/** The hash that seals an entry: over the hash of the one before it (`""` for the first) and its exact text. */
export function seal(previousHash: string, text: string): string {
  return hash("sha256", `${previousHash}\n${text}`, "hex");
}
