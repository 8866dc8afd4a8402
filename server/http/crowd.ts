import { Failure } from "../failure.ts";

/** Lets only so many requests in at a time, so that those that are in get done. */
export interface Crowd {
  /**
   * Resolves when there is room. Answers what to call on leaving.
   *
   * @throws Failure `unavailable` at once where even the queue is full
   */
  enter(): Promise<() => void>;
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
    async enter() {
      if (inside < max) inside++;
      else if (waiting.length < max) await new Promise<void>((resolve) => waiting.push(resolve));
      else throw new Failure("unavailable", "the server is busy", { retryAfterS: 1 });
      return once(leave);
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
