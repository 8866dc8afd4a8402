import { serverUrl } from "./db/engine/server-url.ts";

/** Everything that can be set, typed, with defaults filled in. */
export type Config = {
  readonly host: string;
  readonly port: number;
  /** Folder of the embedded store and of the first start's credentials. */
  readonly dataFolder: string;
  /** The URL of a database server; the embedded store is used where there is none. */
  readonly databaseUrl: string | undefined;
  readonly logLevel: string;
  /** By dialect for people and tokens; whoever calls as a device, or to enrol one, has a limit of its own instead. */
  readonly rateLimits: {
    readonly v4: RateLimit | null;
    readonly rest: RateLimit | null;
    readonly device: RateLimit | null;
    readonly enrolment: RateLimit | null;
  };
  /** Bytes. */
  readonly bodyLimit: { readonly default: number; readonly batch: number };
  readonly maxInFlight: number;
  /** Whether deployment groups take ids of device policies that there are not. */
  readonly unknownPolicyIds: "refuse" | "allow";
  /** How many of a user group's members are answered where nobody asks for a number. */
  readonly userGroupMembersPerPage: number;
  readonly bootstrap: Bootstrap;
};

/** So many requests in so many seconds. */
export type RateLimit = { readonly requests: number; readonly windowS: number };

/** What the first start is told to use instead of making it up. */
export type Bootstrap = {
  readonly accountId?: string;
  readonly orgId?: string;
  readonly accountName?: string;
  readonly resourceGroupId?: string;
  readonly email?: string;
  readonly apiKey?: string;
  readonly apiToken?: string;
};

type Environment = Readonly<Record<string, string | undefined>>;
type Check<T> = { expected: string; read(text: string): T | undefined };

const mebibyte = 1024 * 1024;
const seconds: Record<string, number> = { s: 1, m: 60, h: 3600 };

const anyText: Check<string> = { expected: "a text", read: (text) => text };

const matching = (expected: string, pattern: RegExp): Check<string> => ({
  expected,
  read: (text) => (pattern.test(text) ? text : undefined),
});

const wholeNumber = (min: number, max: number): Check<number> => ({
  expected: `a whole number from ${min} to ${max}`,
  read(text) {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  },
});

const oneOf = (...words: string[]): Check<string> => ({
  expected: `one of ${words.join(", ")}`,
  read: (text) => (words.includes(text) ? text : undefined),
});

const refuseOrAllow: Check<"refuse" | "allow"> = {
  expected: "refuse or allow",
  read: (text) => (text === "refuse" || text === "allow" ? text : undefined),
};

const rateLimit: Check<RateLimit | null> = {
  expected: "off, or requests per time such as 1200/5m (s, m or h)",
  read(text) {
    if (text === "off") return null;
    const [, requests, count, unit = ""] = /^([1-9]\d{0,8})\/([1-9]\d{0,4})([smh])$/.exec(text) ?? [];
    return requests
      ? { requests: Number(requests), windowS: Number(count) * (seconds[unit] ?? 0) }
      : undefined;
  },
};

const databaseUrl = matching(serverUrl.expected, serverUrl.pattern);
const hexId = matching("32 lowercase hex digits", /^[0-9a-f]{32}$/);
const secret = matching("20 to 80 of the characters A-Z, a-z, 0-9, - and _", /^[0-9A-Za-z_-]{20,80}$/);

/**
 * Reads the configuration out of environment variables. An empty variable counts as none.
 *
 * @throws Error of one line that names the variable that can't be read and says what was expected
 */
export function readConfig(environment: Environment): Config {
  const from: From = (name, check) => setting(environment, name, check);
  const bodyLimit = from("FLOTILLA_BODY_LIMIT", wholeNumber(1024, 1024 * mebibyte)) ?? mebibyte;
  return {
    host: from("FLOTILLA_HOST", anyText) ?? "127.0.0.1",
    port: from("FLOTILLA_PORT", wholeNumber(0, 65_535)) ?? 8080,
    dataFolder: from("FLOTILLA_DATA", anyText) ?? "./data",
    databaseUrl: from("FLOTILLA_DATABASE_URL", databaseUrl),
    logLevel:
      from("FLOTILLA_LOG_LEVEL", oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent")) ??
      "info",
    rateLimits: rateLimitsFrom(from),
    bodyLimit: { default: bodyLimit, batch: Math.max(bodyLimit, 4 * mebibyte) },
    maxInFlight: from("FLOTILLA_MAX_IN_FLIGHT", wholeNumber(1, 100_000)) ?? 256,
    unknownPolicyIds: from("FLOTILLA_UNKNOWN_POLICY_IDS", refuseOrAllow) ?? "refuse",
    userGroupMembersPerPage: from("FLOTILLA_USER_GROUP_MEMBERS_PER_PAGE", wholeNumber(1, 500)) ?? 100,
    bootstrap: bootstrapFrom(from),
  };
}

type From = <T>(name: string, check: Check<T>) => T | undefined;

function rateLimitsFrom(from: From): Config["rateLimits"] {
  const limit = (name: string, requests: number, windowS: number) => {
    const set = from(name, rateLimit);
    return set === undefined ? { requests, windowS } : set;
  };
  return {
    v4: limit("FLOTILLA_RATE_LIMIT_V4", 1200, 300),
    rest: limit("FLOTILLA_RATE_LIMIT_REST", 6000, 60),
    device: limit("FLOTILLA_RATE_LIMIT_DEVICE", 120, 60),
    enrolment: limit("FLOTILLA_RATE_LIMIT_ENROLMENT", 500, 1),
  };
}

function bootstrapFrom(from: From): Bootstrap {
  const given = {
    accountId: from("FLOTILLA_BOOTSTRAP_ACCOUNT_ID", hexId),
    orgId: from(
      "FLOTILLA_BOOTSTRAP_ORG_ID",
      matching("1 to 64 of a-z, A-Z, 0-9, - and _", /^[0-9A-Za-z_-]{1,64}$/),
    ),
    accountName: from(
      "FLOTILLA_BOOTSTRAP_ACCOUNT_NAME",
      matching("1 to 100 characters", /^[^\p{Cc}]{1,100}$/u),
    ),
    resourceGroupId: from("FLOTILLA_BOOTSTRAP_RESOURCE_GROUP_ID", hexId),
    email: from("FLOTILLA_BOOTSTRAP_EMAIL", matching("an e-mail address", /^[^\s@]{1,64}@[^\s@]{1,255}$/)),
    apiKey: from("FLOTILLA_BOOTSTRAP_API_KEY", secret),
    apiToken: from("FLOTILLA_BOOTSTRAP_API_TOKEN", secret),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function setting<T>(environment: Environment, name: string, check: Check<T>): T | undefined {
  const text = environment[name]?.trim();
  if (text === undefined || text === "") return undefined;
  const value = check.read(text);
  if (value === undefined) throw new Error(`${name}: expected ${check.expected}`);
  return value;
}
