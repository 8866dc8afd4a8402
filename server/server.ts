import type { FastifyInstance } from "fastify";
import { auditHead, holdAccount, moveAuditHead, raiseRevision } from "./accounts/account/index.ts";
import { type Heads, makeRefusals, type Refusals, recordDone, recordRefused } from "./audit/entry/index.ts";
import { bootstrap, type FirstAccount, type FirstStart } from "./bootstrap.ts";
import { makeTicking } from "./clock/ticking.ts";
import type { Bootstrap, Config } from "./config.ts";
import type { Handle, Store } from "./db/database.ts";
import { remembering } from "./db/remember.ts";
import { callingDevice, type OpenedDevice, openDevice } from "./devices/device/index.ts";
import {
  callingEnroller,
  noteUse as noteEnrolment,
  type OpenedToken,
  openEnrolmentToken,
} from "./devices/enrolment-token/index.ts";
import { type House, houseOf } from "./house.ts";
import { makeApp } from "./http/app.ts";
import { makeLastUsed, noteUse } from "./iam/api-token/index.ts";
import { type Identify, makeIdentify } from "./iam/identify.ts";
import { fill } from "./iam/permission-group/index.ts";
import { chainOfKind } from "./iam/scope.ts";
import { hashSecret } from "./iam/secret.ts";
import { noteUserTokenUse } from "./iam/user-token/index.ts";
import { makeBatches } from "./operation/batches.ts";
import type { Face, PagingSetting } from "./operation/face.ts";
import type { Deed } from "./operation/hall.ts";
import { type Clock, type Ids, makeClock, makeIds } from "./operation/id.ts";
import { makeHall } from "./operation/perform.ts";
import type { Maker, Room } from "./operation/room.ts";
import * as rooms from "./rooms.ts";

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

/** Devices whose credentials are kept ready; each costs about half a kilobyte. */
const devicesKept = 20_000;

/** Enrolment tokens that are kept ready; what they fix may take some kilobytes. */
const enrolmentTokensKept = 1000;

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
  let resumed: Promise<void> = Promise.resolve();
  const settled = async () => {
    await resumed;
    await Promise.all([...Object.values(lastUsed), ...keeping].map((each) => each.settled()));
  };
  const hall = makeHall({
    read: store.read.bind(store),
    scan: store.scan.bind(store),
    write: store.write.bind(store),
    report: makeBatches({
      ...{ write: store.report.bind(store), hold: holdAccount, changed: house.changed, ids },
    }),
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
    hall,
    identify: identifying(store, contents.permissionsIn, lastUsed, clock.now),
    groupsContaining: contents.groupsContaining,
    alive: () => store.alive(),
    ...{ nowMs: () => clock.now() / 1000, random: options.random ?? Math.random },
    config,
    checkAnswers: options.checkAnswers ?? false,
  });
  const everyMinute = async () => {
    await refusals.flush(clock.now());
    for (const each of keeping) await each.flush?.();
  };
  const ticking = makeTicking([{ everyMs: 60_000, run: everyMinute }], (error) =>
    app.log.error({ err: error }, "a job of the clock failed"),
  );
  app.addHook("onListen", (done) => {
    ticking.start();
    for (const each of keeping) each.begin?.();
    resumed = resume(store, clock).catch((error) =>
      app.log.error({ err: error }, "what was left half done could not be finished"),
    );
    done();
  });
  return {
    app,
    bootstrap: (given, keep) =>
      store.write((db) => startFirst(db, given, keep, { ids, now: clock.now() }, accountCreated)),
    settled,
    async close() {
      for (const each of keeping) each.close?.();
      await closeAll(app, store, [() => ticking.stop(), () => refusals.flush(), settled]);
    },
  };
}

/** Notes of when credentials were last used, by their kind. */
function lastUsedIn(store: Store) {
  return {
    tokens: makeLastUsed(store, noteUse),
    userTokens: makeLastUsed(store, noteUserTokenUse),
    enrolments: makeLastUsed(store, noteEnrolment),
  };
}

/**
 * Devices call with credentials of their own, or enrol with one, which the wing of devices knows; a secret's prefix says
 * whose it is. One that was fixed from outside may look like anything.
 */
function identifying(
  store: Store,
  permissionsIn: (permissionGroupId: string) => readonly string[],
  lastUsed: ReturnType<typeof lastUsedIn>,
  now: () => number,
): Identify {
  const people = makeIdentify(store, permissionsIn, lastUsed, now);
  const devices = remembering<OpenedDevice>(store, devicesKept);
  const tokens = remembering<OpenedToken>(store, enrolmentTokensKept);
  return async (credentials, address) => {
    const { secret = "" } = credentials.type === "token" ? credentials : {};
    if (secret.startsWith("fld_")) {
      const hash = hashSecret(secret);
      const opened = await devices(hash, (db) => openDevice(db, hash));
      if (opened) return callingDevice(opened, address);
    } else if (secret.startsWith("fle_")) {
      const hash = hashSecret(secret);
      const opened = await tokens(hash, (db) => openEnrolmentToken(db, hash));
      if (opened) return enroller(opened, address);
    }
    return people(credentials, address);
  };

  function enroller(opened: OpenedToken, address: string) {
    const at = now();
    const caller = callingEnroller(opened, address, at);
    const { id, lastUsedAt } = opened.token;
    if (caller.standing === "active") lastUsed.enrolments.note(opened.accountId, id, lastUsedAt, at);
    return caller;
  }
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
