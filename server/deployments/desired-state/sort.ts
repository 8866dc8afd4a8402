import { environmentKey } from "../../selector/environment.ts";

/** What decides about a device's desired state, beside the configuration: all devices of a sort are told the same. */
export type Sort = {
  /** The place of its device policy in the configuration's list. */
  readonly position: number;
  readonly environment: string;
  readonly isRevoked: boolean;
};

/** The sort of a device whose device policy is known. */
export function sortOf(
  device: { readonly platform: string; readonly status: string },
  position: number,
): Sort {
  const isRevoked = device.status === "revoked";
  return { position, environment: environmentKey(device.platform), isRevoked };
}

/** The same for sorts that are the same. */
export function keyOf({ position, isRevoked, environment }: Sort): string {
  return `${position} ${isRevoked} ${environment}`;
}
