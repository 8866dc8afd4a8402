import type { RateLimit } from "../config.ts";

/** Where a credential stands in its window. */
export type Standing = {
  readonly limit: number;
  readonly remaining: number;
  /** Whole seconds until the window ends, rounded up and never 0. */
  readonly resetS: number;
  readonly windowS: number;
  readonly exceeded: boolean;
};

/** Credentials whose windows are remembered before ended ones are swept out. */
const sweepAt = 50_000;

/** Counts requests by credential in windows that begin with a credential's first request. */
export function makeRateLimit(
  { requests, windowS }: RateLimit,
  nowMs: () => number,
): (credential: string) => Standing {
  const windows = new Map<string, { endsMs: number; count: number }>();
  return (credential) => {
    const now = nowMs();
    let window = windows.get(credential);
    if (!window || window.endsMs <= now) {
      if (windows.size >= sweepAt)
        for (const [key, { endsMs }] of windows) if (endsMs <= now) windows.delete(key);
      window = { endsMs: now + windowS * 1000, count: 0 };
      windows.set(credential, window);
    }
    window.count++;
    return {
      limit: requests,
      remaining: Math.max(0, requests - window.count),
      resetS: Math.max(1, Math.ceil((window.endsMs - now) / 1000)),
      windowS,
      exceeded: window.count > requests,
    };
  };
}
