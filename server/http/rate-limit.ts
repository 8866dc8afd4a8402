import type { RateLimit } from "../config.ts";

/** Where a credential stands in its window. */
export type Standing = {
  readonly limit: number;
  readonly remaining: number;
  /** Whole seconds until the window ends, rounded up and never 0. */
  readonly resetS: number;
  readonly windowS: number;
  readonly exceeded: boolean;
  /** Whole seconds after which to come back where it is exceeded. */
  readonly retryAfterS: number;
};

type Window = { readonly endsMs: number; count: number };

/**
 * Counts requests by credential in windows that begin with a credential's first request. Windows are kept in two
 * generations, each as long as a window: all in the older one have ended when the next begins, so that a fleet's are
 * forgotten without ever being looked through.
 */
export function makeRateLimit(
  { requests, windowS }: RateLimit,
  nowMs: () => number,
): (credential: string) => Standing {
  const windowMs = windowS * 1000;
  let older = new Map<string, Window>();
  let newer = new Map<string, Window>();
  let newerEndsMs = nowMs() + windowMs;
  const turn = (now: number) => {
    if (now < newerEndsMs) return;
    older = now < newerEndsMs + windowMs ? newer : new Map();
    newer = new Map();
    newerEndsMs = now + windowMs;
  };
  return (credential) => {
    const now = nowMs();
    turn(now);
    let window = newer.get(credential) ?? older.get(credential);
    if (!window || window.endsMs <= now) {
      window = { endsMs: now + windowMs, count: 0 };
      newer.set(credential, window);
    }
    window.count++;
    const resetS = Math.max(1, Math.ceil((window.endsMs - now) / 1000));
    return {
      limit: requests,
      remaining: Math.max(0, requests - window.count),
      resetS,
      windowS,
      exceeded: window.count > requests,
      retryAfterS: resetS,
    };
  };
}
