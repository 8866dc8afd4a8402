import { Client } from "./postgres-client.ts";
import { isLoss, unavailable } from "./postgres-failure.ts";
import type { Target } from "./postgres-target.ts";

type Waiter = {
  readonly resolve: (client: Client) => void;
  readonly reject: (error: unknown) => void;
  /** Stops its own time-out. */
  readonly isServed: () => void;
};

/**
 * Connections to that one of several servers which takes writes, made when they are wanted and kept. Each serves
 * one user at a time; who comes when all are taken waits, first in, first out.
 */
export class Pool {
  readonly #size: number;
  readonly #waitMs: number;
  #targets: readonly Target[];
  readonly #idle: Client[] = [];
  readonly #waiting: Waiter[] = [];
  #taken = 0;
  #closed: { readonly promise: Promise<void>; resolve(): void } | undefined;

  /** `targets` are tried in turn, the last good one first; `size` is the most connections at a time. */
  constructor(targets: readonly Target[], size: number) {
    this.#targets = targets;
    this.#size = size;
    this.#waitMs = Math.max(...targets.map(({ limits }) => limits.waitMs));
  }

  /** Runs something with a connection of its own. Throws `unavailable` when there is none to be had. */
  async use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = await this.#take();
    try {
      return await work(client);
    } finally {
      this.#giveBack(client);
    }
  }

  /** Refuses new users, waits for those at work and closes every connection. */
  async close(): Promise<void> {
    this.#closed ??= Promise.withResolvers<void>();
    for (const waiter of this.#waiting.splice(0)) refuse(waiter, unavailable());
    if (this.#taken === 0) this.#closed.resolve();
    await this.#closed.promise;
    await Promise.all(this.#idle.splice(0).map((client) => client.close()));
  }

  async #take(): Promise<Client> {
    if (this.#closed) throw unavailable();
    let client = this.#idle.pop();
    while (client?.lost) client = this.#idle.pop();
    if (!client && this.#taken >= this.#size) return this.#wait();
    this.#taken++;
    return client ?? this.#connect();
  }

  #wait(): Promise<Client> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject, isServed: () => clearTimeout(patience) };
      const patience = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(unavailable(new Error(`all ${this.#size} connections are taken`)));
      }, this.#waitMs);
      this.#waiting.push(waiter);
    });
  }

  #giveBack(client: Client): void {
    // What took one connection has most likely taken the others too, and those would have to find out one by one.
    if (client.lost) for (const other of this.#idle.splice(0)) other.drop();
    const waiter = this.#waiting.shift();
    // From here on the waiter gets a client or an error, never its own time-out: nobody would give that client back.
    waiter?.isServed();
    if (!waiter) this.#leave(client);
    else if (client.lost) this.#connect().then(waiter.resolve, waiter.reject);
    else waiter.resolve(client);
  }

  #leave(client?: Client): void {
    this.#taken--;
    if (client && !client.lost) this.#idle.push(client);
    if (this.#taken === 0) this.#closed?.resolve();
  }

  async #connect(): Promise<Client> {
    try {
      return await this.#connectToFirst();
    } catch (error) {
      this.#leave();
      for (const waiter of this.#waiting.splice(0)) refuse(waiter, error);
      throw error;
    }
  }

  async #connectToFirst(): Promise<Client> {
    let reason: unknown;
    for (const target of this.#targets) {
      try {
        const client = await Client.connect(target);
        this.#targets = [target, ...this.#targets.filter((other) => other !== target)];
        return client;
      } catch (error) {
        if (!isLoss(error, target.reading)) throw error;
        reason = error;
      }
    }
    throw unavailable(reason);
  }
}

function refuse(waiter: Waiter, error: unknown): void {
  waiter.isServed();
  waiter.reject(error);
}
