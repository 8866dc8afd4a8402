import type { Visible } from "./visible.ts";

/** What an evaluator says of one permission on one resource, and which rule decided. */
export type Decision = { allowed: boolean; decidedBy: "allow" | "deny" | "no-allow" };

/** A caller's place in one account, with its rights there already compiled. */
export interface Membership {
  readonly accountId: string;
  readonly orgId: string;
  /** The account's rights revision that these rights were compiled at. */
  readonly revision: number;
  /** May the caller use `permission` on a resource with these scope keys? Wildcard keys are part of the chain. */
  authorize(permission: string, chain: readonly string[]): Decision;
  /** What the caller may see of a kind, for a store to put into its SQL. */
  visible(permission: string, kind: string): Visible;
  /** Everything of a kind but what a deny hides: for things that are shown as part of something else. */
  notDenied(permission: string, kind: string): Visible;
  /** Could the caller use `permission` on any object of a kind at all? */
  holds(permission: string, kind: string): boolean;
  /** The compiled rights themselves; only `iam` looks inside. */
  readonly rights: object;
  /** Of a device's own credential: what it tells of the device; only the wing of devices looks inside. */
  readonly own?: object;
  /** The store's version as `own` was looked up, if it has any: `own` is true while the version is the same. */
  readonly asOf?: number | undefined;
}

/**
 * Who is calling: a person with a global key, an API token, a device, something that enrols devices, or somebody
 * without any credential.
 */
export type Caller = {
  readonly type: "user" | "token" | "device" | "enrolment" | "stranger";
  /** Id of the user, token or device, a stranger's address; rate limits and refusals are counted by it. */
  readonly id: string;
  /** The person behind a global key or a user's own token; absent for an account's token. */
  readonly userId?: string;
  /** E-mail address of the user, name of the token, identifier of the device, for the audit trail. */
  readonly label: string;
  /** The network address that the request came from. */
  readonly address: string;
  /** True only for the user that made the installation's first start. */
  readonly ownsInstallation: boolean;
  /** A credential that is known but may not be used now may still ask about itself. */
  readonly standing: "active" | "disabled" | "expired" | "not-yet-valid" | "address-refused";
  /** Every account that the caller may act in, in a stable order. */
  readonly memberships: readonly Membership[];
  /** Of a token that enrols devices: what it fixes of them; only the wing of devices looks inside. */
  readonly fixed?: object;
};
