import type { Config } from "../config.ts";
import type { Caller } from "../operation/caller.ts";
import type { Credentials } from "../operation/credentials.ts";
import type { Face } from "../operation/face.ts";
import type { Hall } from "../operation/hall.ts";
import type { Soon } from "../soon.ts";

/** What the HTTP side is given by the composition: it imports no room. */
export interface AppParts {
  readonly faces: readonly Face[];
  readonly hall: Hall;
  identify(credentials: Credentials, address: string): Soon<Caller>;
  /** The names of the permission groups that contain a permission. */
  groupsContaining(permission: string): readonly string[];
  /** Resolves when the store answers. */
  alive(): Promise<void>;
  nowMs(): number;
  /** From 0 to below 1. */
  random(): number;
  readonly config: Pick<Config, "rateLimits" | "bodyLimit" | "maxInFlight" | "logLevel">;
  /** For tests: checks every answer against its own schema and answers 500 where it does not fit. */
  readonly checkAnswers?: boolean;
}
