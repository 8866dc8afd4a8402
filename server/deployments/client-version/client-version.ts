import Type from "typebox";
import { instant, line, oneOf, prose, wholeNumber } from "../../operation/text.ts";

/** Whether a version is for everybody (`ga`, generally available) or for those who try it out first. */
export type ReleaseTrack = "ga" | "beta";

/** A version of the client that an operator has put into the catalogue of one environment. */
export type ClientVersion = {
  /** The environment's key: `mac`, `Darwin` and `macos` are all `macos`. */
  readonly environment: string;
  /** As it was given; two spellings of one version are two entries. */
  readonly version: string;
  readonly releaseTrack: ReleaseTrack;
  readonly packageUrl: string | null;
  /** Bytes. */
  readonly packageSize: number | null;
  readonly releaseNotes: string | null;
  /** All times are microseconds since the epoch. */
  readonly releaseDate: number;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** An environment that the catalogue holds versions for. */
export type TargetEnvironment = { readonly environment: string; readonly displayName: string };

/**
 * The members of a client version on the wire, with their limits. An environment holds no slash: it ends at the first
 * one of a client version's id, so that no two have the same.
 */
export const member = {
  environment: line({
    min: 1,
    max: 64,
    pattern: "^(?=[^/]*\\S)[^/\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]*$",
    expected: "a string of 1 to 64 characters without a slash",
  }),
  version: line({
    min: 1,
    max: 255,
    pattern: "^(?=.*[0-9])[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]*$",
    expected: "a string of 1 to 255 characters with a digit among them",
  }),
  releaseTrack: oneOf("ga", "beta"),
  releaseDate: instant(),
  packageUrl: line({ min: 1, max: 2048 }),
  packageSize: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  releaseNotes: prose({ max: 10_000 }),
  displayName: Type.String(),
};

/** Client versions that an environment may have. */
export const versionsMax = 1000;

/** Environments that an account's catalogue may hold. */
export const environmentsMax = 100;

/** What seeing and changing client versions takes. */
export const permission = { read: "client-version.read", write: "client-version.write" } as const;

/** Which permission groups contain them. */
export const permissions = {
  [permission.read]: ["Zero Trust Read", "Zero Trust Write"],
  [permission.write]: ["Zero Trust Write"],
};

/** The kind of scope key that client versions have. */
export const kind = "client-version";

/** The id of a client version in scope keys and in the audit trail; no other one has it. */
export function idOf({ environment, version }: Pick<ClientVersion, "environment" | "version">): string {
  return `${environment}/${version}`;
}

const displayNames = new Map([
  ["windows", "Windows"],
  ["macos", "macOS"],
  ["linux", "Linux"],
  ["ios", "iOS"],
  ["android", "Android"],
  ["chromeos", "ChromeOS"],
]);

/** What people call the environment with a key: the key as it is where nobody knows better. */
export function displayNameOf(environment: string): string {
  return displayNames.get(environment) ?? environment;
}
