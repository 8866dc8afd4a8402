import { Failure } from "../failure.ts";
import type { Soon } from "../soon.ts";

/** Lets only so many requests in at a time, so that those that are in get done. */
export interface Crowd {
  /**
   * Answers what to call on leaving: at once where there is room, else as soon as there is.
   *
   * @throws Failure `unavailable` at once where even the queue is full
   */
  enter(): Soon<() => void>;
}

/** Builds a crowd of at most `max`, with as many more waiting. */
export function makeCrowd(max: number): Crowd {
  let inside = 0;
  const waiting: (() => void)[] = [];
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else inside--;
  };
  return {
    enter() {
      if (inside < max) {
        inside++;
        return once(leave);
      }
      if (waiting.length < max) return new Promise((resolve) => waiting.push(() => resolve(once(leave))));
      throw new Failure("unavailable", "the server is busy", { retryAfterS: 1 });
    },
  };
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}
