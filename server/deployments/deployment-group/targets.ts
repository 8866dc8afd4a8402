import { invalid } from "../../failure.ts";
import type { Context } from "../../operation/operation.ts";
import { environmentKey } from "../../selector/environment.ts";
import {
  kind as clientVersionKind,
  firstUnlisted,
  newestVersions,
  permission as ofClientVersion,
} from "../client-version/index.ts";
import type { Target } from "./deployment-group.ts";

/** Client versions that a refusal names. */
const namedMax = 5;

/** Throws `invalid` where two targets are for one environment, whatever names it goes by. */
export function checkEnvironments(targets: readonly Target[]): void {
  const seen = new Set<string | null>();
  for (const [index, { environment }] of targets.entries()) {
    const key = environment === null ? null : environmentKey(environment);
    if (seen.has(key)) {
      const pointer = `/version_config/${index}/target_environment`;
      throw invalid(
        pointer,
        `${pointer.slice(1)}: expected each environment once (mac, darwin and macos are one)`,
      );
    }
    seen.add(key);
  }
}

/**
 * Where the catalogue holds an environment, its versions are those to choose from; what the group targets already may
 * always be sent again. Throws `invalid`, and names only versions that the caller may see.
 */
export async function checkListed(
  { db, account }: Context,
  targets: readonly Target[],
  held: readonly Target[],
): Promise<void> {
  const known = new Set(held.map(keyOf));
  const added = [...targets.entries()].filter(([, each]) => !known.has(keyOf(each)));
  if (added.length === 0) return;
  const wanted = added.map(([, { environment, version }]) => ({
    environment: environment === null ? null : environmentKey(environment),
    version,
  }));
  const at = await firstUnlisted(db, account.accountId, wanted);
  const [index, refused] = [added[at ?? -1]?.[0], wanted[at ?? -1]];
  if (index === undefined || !refused) return;
  const visible = account.visible(ofClientVersion.read, clientVersionKind);
  const { environment } = refused;
  const newest = await newestVersions(db, account.accountId, environment, visible, namedMax);
  const pointer = `/version_config/${index}/version`;
  const named = newest.length > 0 ? `, such as ${newest.join(", ")}` : "";
  throw invalid(
    pointer,
    `${pointer.slice(1)}: expected a client version of ${environment ?? "any environment"}${named}`,
  );
}

function keyOf({ environment, version }: Target): string {
  return JSON.stringify([environment === null ? null : environmentKey(environment), version]);
}
