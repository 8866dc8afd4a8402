import type { FastifyInstance } from "fastify";
import { auditHead, holdAccount, moveAuditHead, raiseRevision } from "./accounts/account/index.ts";
import { type Heads, makeRefusals, type Refusals, recordDone, recordRefused } from "./audit/entry/index.ts";
import { bootstrap, type FirstAccount, type FirstStart } from "./bootstrap.ts";
import { identifying, lastUsedIn } from "./callers.ts";
import { makeTicking } from "./clock/ticking.ts";
import type { Bootstrap, Config } from "./config.ts";
import type { Handle, Store } from "./db/database.ts";
import { type House, houseOf } from "./house.ts";
import { makeApp } from "./http/app.ts";
import { fill } from "./iam/permission-group/index.ts";
import { chainOfKind } from "./iam/scope.ts";
import { makeBatches } from "./operation/batches.ts";
import type { Face, PagingSetting } from "./operation/face.ts";
import type { Deed, Hall } from "./operation/hall.ts";
import { type Clock, type Ids, makeClock, makeIds } from "./operation/id.ts";
import { makeHall } from "./operation/perform.ts";
import type { Kept, Maker, Room } from "./operation/room.ts";
import * as rooms from "./rooms.ts";
import { when } from "./soon.ts";

/** A server that is put together and does not listen yet. */
export interface Server {
  readonly app: FastifyInstance;
  /**
   * Makes the first account on an empty store; answers null where there is one. `keep` is called before the
   * commit: credentials that were not written down must not come to be.
   */
  bootstrap(given: Bootstrap, keep: (first: FirstStart) => Promise<void>): Promise<FirstStart | null>;
  /** Resolves when nothing that requests left behind is still to be written. */
  settled(): Promise<void>;
  /** Ends requests in flight, writes what is left, closes the store. */
  close(): Promise<void>;
}

/** What a test may put in the place of the real thing. */
export type Options = {
  readonly clock?: Clock;
  readonly rooms?: readonly Room[];
  readonly checkAnswers?: boolean;
  /** From 0 to below 1. */
  readonly random?: () => number;
};

type PagingSettings = Partial<Pick<Config, PagingSetting>>;
type OperationSettings = Partial<Pick<Config, "unknownPolicyIds">>;

/** Milliseconds that clients have to take their answers when the server closes; then it hangs up. */
const drainMs = 10_000;

const heads: Heads = { read: auditHead, move: moveAuditHead };

/** Puts a server together on a store whose schema is up to date. */
export function makeServer(
  store: Store,
  config: Pick<Config, "rateLimits" | "bodyLimit" | "maxInFlight" | "logLevel"> &
    PagingSettings &
    OperationSettings,
  options: Options = {},
): Server {
  const all = options.rooms ?? Object.values(rooms);
  const { accountCreated, resume, keeping, ...house } = houseOf(all, store);
  const clock = options.clock ?? makeClock();
  const ids = makeIds(clock);
  const contents = fill(Object.assign({}, ...all.map(({ permissions = {} }) => permissions)));
  const refusals = refusalsIn(store, ids);
  const lastUsed = lastUsedIn(store);
  const hall = makeHall({
    read: store.read.bind(store),
    scan: store.scan.bind(store),
    write: store.write.bind(store),
    report: makeBatches({
      ...{ write: store.report.bind(store), hold: holdAccount, changed: house.changed, ids },
      inOrder: store.version() !== undefined,
    }),
    version: store.version.bind(store),
    ...house,
    rehearse: store.rehearse.bind(store),
    lock: holdAccount,
    record: (db, deed) => record(db, ids, deed),
    refused: (refusal) =>
      refusals
        .note(refusal)
        .catch((error) => app.log.error({ err: error }, "a refusal could not be written down")),
    chainOfKind,
    ...contents,
    accountCreated,
    alone: store.version() !== undefined,
    settings: { unknownPolicyIds: config.unknownPolicyIds ?? "refuse" },
    now: clock.now,
    ids,
  });
  const app = makeApp({
    faces: all.flatMap(({ faces }) => faces).map((face) => withSettings(face, config)),
    hall: options.checkAnswers ? checking(hall, keeping) : hall,
    identify: identifying(store, contents.permissionsIn, lastUsed, clock.now),
    groupsContaining: contents.groupsContaining,
    alive: () => store.alive(),
    ...{ nowMs: () => clock.now() / 1000, random: options.random ?? Math.random },
    config,
    checkAnswers: options.checkAnswers ?? false,
  });
  const beside = besideRequests(app, keeping, {
    everyMinute: () => refusals.flush(clock.now()),
    resume: () => resume(store, clock),
  });
  const settled = async () => {
    await beside.resumed();
    await Promise.all([...Object.values(lastUsed), ...keeping].map((each) => each.settled()));
  };
  return {
    app,
    bootstrap: (given, keep) =>
      store.write((db) => startFirst(db, given, keep, { ids, now: clock.now() }, accountCreated)),
    settled,
    async close() {
      for (const each of keeping) each.close?.();
      await closeAll(app, store, [beside.stop, () => refusals.flush(), settled]);
    },
  };
}

/** What goes on beside requests: begun once the app listens, until `stop`. */
function besideRequests(
  app: FastifyInstance,
  keeping: readonly Kept[],
  jobs: { everyMinute(): Promise<void>; resume(): Promise<void> },
): { resumed(): Promise<void>; stop(): Promise<void> } {
  const everyMinute = async () => {
    await jobs.everyMinute();
    await jobs.resume();
    for (const each of keeping) await each.flush?.();
  };
  const ticking = makeTicking([{ everyMs: 60_000, run: everyMinute }], (error) =>
    app.log.error({ err: error }, "a job of the clock failed"),
  );
  let resumed: Promise<void> = Promise.resolve();
  app.addHook("onListen", (done) => {
    ticking.start();
    for (const each of keeping) each.begin?.();
    resumed = jobs
      .resume()
      .catch((error) => app.log.error({ err: error }, "what was left half done could not be finished"));
    done();
  });
  return { resumed: () => resumed, stop: () => ticking.stop() };
}

/** For tests: after everything that may have changed something, what is kept in memory must be what the store holds. */
function checking(hall: Hall, keeping: readonly Kept[]): Hall {
  return {
    perform(operation, call) {
      const performed = hall.perform(operation, call);
      if (operation.kind === "read" || operation.kind === "list") return performed;
      return when(performed, async (done) => {
        for (const each of keeping) await each.check?.();
        return done;
      });
    },
  };
}

async function startFirst(
  db: Handle,
  given: Bootstrap,
  keep: (first: FirstStart) => Promise<void>,
  maker: Maker,
  accountCreated: House["accountCreated"],
): Promise<FirstStart | null> {
  const first = await bootstrap(
    db,
    given,
    maker,
    (account) => accountCreated(db, account, maker),
    (account) => recordFirst(db, maker, account),
  );
  if (first) await keep(first);
  return first;
}

/** A list's page size is what the installation's settings say, where there is a setting for it. */
function withSettings(face: Face, settings: PagingSettings): Face {
  const size = face.paging?.setting && settings[face.paging.setting];
  return face.paging && size ? { ...face, paging: { ...face.paging, default: size } } : face;
}

/** Ends requests, then what runs beside them, and lets go of the store whatever happens on the way. */
async function closeAll(
  app: FastifyInstance,
  store: Store,
  jobs: readonly (() => Promise<void>)[],
): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), drainMs).unref();
  try {
    await app.close();
    for (const job of jobs) await job();
  } finally {
    clearTimeout(late);
    await store.close();
  }
}

/** The audit entry of a change and the counter that tells caches of it. */
async function record(db: Handle, ids: Ids, deed: Deed): Promise<void> {
  await recordDone(db, heads, ids, deed);
  if (deed.raises !== "nothing") await raiseRevision(db, deed.accountId, deed.raises);
}

/** Nobody calls at the first start: its entry names the owner that it made. */
async function recordFirst(db: Handle, { ids, now }: Maker, account: FirstAccount): Promise<void> {
  const { id, name, owner } = account;
  const who = { type: "user", id: owner.id, label: owner.email, address: "" } as const;
  const caller = { ...who, ownsInstallation: true, standing: "active", memberships: [] } as const;
  const changes = [{ resource: { kind: "account", id, name }, before: null, after: account }];
  const written = { result: undefined, changes };
  await record(db, ids, {
    accountId: id,
    caller,
    operation: "installation.first-start",
    raises: "rights",
    written,
    now,
  });
}

function refusalsIn(store: Store, ids: Ids): Refusals {
  return makeRefusals({
    write: (work) => store.write(work),
    async record(db, { account: { accountId }, caller, operation, now }, details) {
      await holdAccount(db, accountId);
      await recordRefused(db, heads, ids, { accountId, caller, operation, now, details });
    },
  });
}
