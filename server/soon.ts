/**
 * What is there, or will be. Most requests find all that they need in memory; every promise on their way would cost an
 * allocation and a turn of the queue for nothing.
 */
export type Soon<T> = T | Promise<T>;

/** Goes on with a value: at once where it is there, else when it is. Throws, or rejects, as what comes next does. */
export function when<T, Next>(value: Soon<T>, next: (value: T) => Soon<Next>): Soon<Next> {
  return value instanceof Promise ? value.then(next) : next(value);
}
