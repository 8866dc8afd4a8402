import type { Socket } from "node:net";
import { connect } from "node:net";
import postgres from "postgres";

/** How long things may take, in ms. */
export type Limits = {
  /** Until a server has let us in. */
  readonly connectMs: number;
  /** Until a connection is free where all are taken. */
  readonly waitMs: number;
  /** Until the server itself gives a statement up, waiting for a lock included; 0 for never. */
  readonly statementMs: number;
  /** Until a server that says nothing is taken for frozen; longer than `statementMs`. */
  readonly silenceMs: number;
};

/** One server to connect to and what for. */
export type Target = {
  readonly url: string;
  /** One host of those in the URL, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  /** The session refuses writes. */
  readonly reading: boolean;
  /** False gives up safety against a crash of the server; for tests. */
  readonly durable: boolean;
  readonly limits: Limits;
};

// Whole numbers, sums and truth come back as numbers, as they do from the embedded engine.
const types = {
  bigint: { to: 20, from: [20], parse: Number, serialize: String },
  numeric: { to: 1700, from: [1700], parse: Number, serialize: String },
  boolean: { to: 16, from: [16], parse: (text: string) => (text === "t" ? 1 : 0), serialize: String },
};

/** One target per host of a URL. A socket's folder is written as a host with its slashes as `%2F`. */
export function targetsOf(url: string, common: Pick<Target, "reading" | "durable" | "limits">): Target[] {
  const folder = /^[^:]+:\/\/(?:[^@/]*@)?(%2F[^/:?]*)/i.exec(url)?.[1];
  const { host, port } = postgres(url, { max: 1 }).options;
  const hosts = folder ? [decodeURIComponent(folder)] : host;
  return hosts.map((name, i) => ({ ...common, url, host: name, port: port[i] ?? 5432 }));
}

/** The driver's options that every connection to a target has. */
export function driverOptions(target: Target): postgres.Options<any> {
  return {
    host: target.host,
    port: target.port,
    // Else the driver ends an old connection also between two statements of a transaction.
    max_lifetime: null,
    connect_timeout: target.limits.connectMs / 1000,
    target_session_attrs: "primary",
    connection: session(target),
    types,
    onnotice: () => {},
  };
}

/** Connects a socket to a target. Throws the system's error, or `ETIMEDOUT` after `connectMs`. */
export function dial({ host, port, limits }: Target): Promise<Socket> {
  const path = `${host}/.s.PGSQL.${port}`;
  const socket = host.startsWith("/") ? connect(path) : connect({ host, port, noDelay: true });
  return new Promise((resolve, reject) => {
    const late = Object.assign(new Error(`${host} does not answer`), { code: "ETIMEDOUT" });
    const timer = setTimeout(() => socket.destroy(late), limits.connectMs);
    const settle = (settled: () => void) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      settled();
    };
    // The driver looks for the names there when it checks a certificate.
    socket.once("connect", () => settle(() => resolve(Object.assign(socket, { host, port }))));
    socket.once("error", (error) => settle(() => reject(error)));
  });
}

function session({ reading, durable, limits }: Target): Record<string, string> {
  return {
    application_name: "flotilla",
    statement_timeout: String(limits.statementMs),
    // A process that froze in the middle of a transaction must not hold its locks for ever.
    idle_in_transaction_session_timeout: String(limits.silenceMs),
    ...(reading && { default_transaction_read_only: "on" }),
    ...(!durable && { synchronous_commit: "off" }),
  };
}
