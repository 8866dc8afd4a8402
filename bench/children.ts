import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** A process of its own that answers one message at a time. */
export interface Child {
  /** Sends a message and answers the next one that comes back; rejects when the process ends instead. */
  ask<Answer>(message: unknown): Promise<Answer>;
  /** Microseconds of processor time that the process has used so far. */
  cpuUs(): Promise<number>;
  /** Bytes that the process holds in memory. */
  residentBytes(): Promise<number>;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

type Start = { flags?: readonly string[]; env?: NodeJS.ProcessEnv; stdout?: "pipe" | "inherit" };

/** Starts a program of this repository in a process of its own. */
export function startChild(program: string, { flags = [], env = {}, stdout = "inherit" }: Start = {}): Child {
  const child = fork(fromHere(`../${program}`), {
    env: { ...ownEnvironment(), ...env },
    execArgv: [...flags, "--import", new URL("cpu.ts", import.meta.url).href],
    stdio: ["ignore", stdout, "inherit", "ipc"],
  });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${program} ended with ${code}`);
  });
  ended.catch(() => undefined);
  const ask = async <Answer>(message: unknown) => {
    const answer = once(child, "message");
    child.send(message as object);
    return (await Promise.race([answer, ended]))[0] as Answer;
  };
  return {
    ask,
    cpuUs: () => ask<number>("cpu"),
    residentBytes: () => ask<number>("memory"),
    process: child,
    async stop() {
      child.kill("SIGTERM");
      await ended.catch(() => undefined);
    },
  };
}

/** The server on a store that is seeded already, as anybody would run it, but with limits that nobody meets. */
export async function startServer(
  settings: { folder: string } | { url: string },
): Promise<Child & { port: number }> {
  const child = startChild("server/main.ts", {
    flags: flagsOfStart(),
    stdout: "pipe",
    env: {
      FLOTILLA_PORT: "0",
      FLOTILLA_RATE_LIMIT_V4: "999999999/24h",
      FLOTILLA_RATE_LIMIT_REST: "999999999/24h",
      FLOTILLA_RATE_LIMIT_DEVICE: "999999999/24h",
      ...("url" in settings ? { FLOTILLA_DATABASE_URL: settings.url } : { FLOTILLA_DATA: settings.folder }),
    },
  });
  for await (const bytes of child.process.stdout ?? []) {
    const [, port] = /listens on http:\/\/[^:]+:(\d+)/.exec(String(bytes)) ?? [];
    if (!port) continue;
    child.process.stdout?.on("data", tellErrors);
    return { ...child, port: Number(port) };
  }
  throw new Error("the server did not start");
}

/** What `npm start` tells Node. */
function flagsOfStart(): string[] {
  const { scripts } = JSON.parse(readFileSync(fromHere("../package.json"), "utf8"));
  return scripts.start.split(" ").filter((word: string) => word.startsWith("--"));
}

/** Milliseconds for which a process has to do next to nothing to be at rest. */
const calmMs = 500;

/** Resolves when a process has nothing to do any more of its own accord. */
export async function atRest(child: Child): Promise<void> {
  for (let before = await child.cpuUs(); ; ) {
    await pause(calmMs);
    const now = await child.cpuUs();
    if (now - before < (calmMs * 1000) / 20) return;
    before = now;
  }
}

/** What the server logs is read over, but for its own errors: a row that fails would not say why. */
function tellErrors(log: Buffer): void {
  if (!log.includes('"level":50')) return;
  for (const line of log.toString().split("\n")) if (line.includes('"level":50')) console.error(line);
}

/** What decides how the server runs must come from the bench alone. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("FLOTILLA_")));
}

function fromHere(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
