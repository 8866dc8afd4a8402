import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { engines } from "./engines.ts";

/** A process of the server, what it printed until it listened, and where. */
type Started = { child: ChildProcess; printed: string; url: string };

const children = new Set<ChildProcess>();

/** What `npm start` runs, without the shell's and Node's own name. */
const words = JSON.parse(readFileSync("package.json", "utf8")).scripts.start.split(" ").slice(2);

function launch(environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, words, {
    env: { PATH: process.env.PATH, FLOTILLA_PORT: "0", FLOTILLA_LOG_LEVEL: "error", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** Starts the server and waits for the last line of what it says. */
async function start(environment: Record<string, string>): Promise<Started> {
  const child = launch(environment);
  let printed = "";
  child.stderr?.on("data", (chunk) => {
    printed += chunk;
  });
  for await (const chunk of child.stdout ?? []) {
    printed += chunk;
    const [, url] = /listens on (\S+)/.exec(printed) ?? [];
    if (url && /^try .*\n/m.test(printed)) return { child, printed, url };
  }
  throw new Error(`the server ended before it listened: ${printed}`);
}

async function stop({ child }: Started, signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
  child.kill(signal);
  const [code] = await once(child, "exit");
  return code;
}

async function fails(environment: Record<string, string>): Promise<{ code: number; said: string }> {
  const child = launch(environment);
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, "close");
  return { code, said: said.trim() };
}

for (const engine of engines)
  describe(`starting on ${engine.name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "flotilla-start-"));
    const place = engine.place(false);
    const environment = async (more: Record<string, string> = {}) => {
      const { settings } = await place;
      const store = "url" in settings ? { FLOTILLA_DATABASE_URL: settings.url } : {};
      return { FLOTILLA_DATA: join(folder, "data"), ...store, ...more };
    };
    const kept = () => JSON.parse(readFileSync(join(folder, "data", "credentials.json"), "utf8"));
    after(async () => {
      for (const child of children) child.kill("SIGKILL");
      rmSync(folder, { recursive: true });
      await (await place).remove();
    });

    it("the first time makes an account and credentials, and says where they are", async () => {
      const started = await start(await environment());
      const { account_id, org_id, email, api_key, api_token } = kept();
      for (const said of [account_id, org_id, email, api_key, api_token, "credentials.json"])
        assert.ok(started.printed.includes(said), said);
      assert.equal(statSync(join(folder, "data", "credentials.json")).mode & 0o777, 0o600);
      const [, line = ""] = /^try +(.*)$/m.exec(started.printed) ?? [];
      const answered = JSON.parse(execFileSync("sh", ["-c", `${line} -s`], { encoding: "utf8" }));
      assert.equal(answered.result[0].id, account_id);
      const pair = { "x-auth-email": email.toUpperCase(), "x-auth-key": api_key };
      const accounts = await fetch(`${started.url}/client/v4/accounts/${account_id}`, { headers: pair });
      assert.equal(accounts.status, 200);
      assert.equal(await stop(started), 0);
    });

    it("again finds everything as it was, and shows no secret", async () => {
      const before = kept();
      const started = await start(await environment());
      assert.deepEqual(kept(), before);
      assert.ok(started.printed.includes(before.account_id));
      assert.ok(!started.printed.includes(before.api_token) && !started.printed.includes(before.api_key));
      const headers = { "x-api-key": before.api_token };
      const devices = await fetch(`${started.url}/api/v1/devices?org_id=${before.org_id}`, { headers });
      assert.equal(devices.status, 200);
      assert.equal(await stop(started, "SIGINT"), 0);
    });

    it("after kill -9 has everything that was acknowledged", async () => {
      const { org_id, api_token } = kept();
      const started = await start(await environment());
      const acknowledged: string[] = [];
      const write = async (index: number) => {
        const body = JSON.stringify({ device_identifier: `device ${index}` });
        const headers = { authorization: `Bearer ${api_token}`, "content-type": "application/json" };
        const answer = await fetch(`${started.url}/api/v1/devices/register`, {
          method: "POST",
          headers,
          body,
        });
        if (answer.status === 201) acknowledged.push(((await answer.json()) as { id: string }).id);
        if (acknowledged.length === 60) started.child.kill("SIGKILL");
      };
      await Promise.allSettled(Array.from({ length: 200 }, (_, index) => write(index)));
      assert.ok(acknowledged.length >= 60);
      const again = await start(await environment());
      const headers = { authorization: `Bearer ${api_token}` };
      const listed = await fetch(`${again.url}/api/v1/devices?org_id=${org_id}&limit=1000`, { headers });
      const { devices } = (await listed.json()) as { devices: { id: string }[] };
      const found = new Set(devices.map(({ id }) => id));
      assert.deepEqual(
        acknowledged.filter((id) => !found.has(id)),
        [],
      );
      assert.equal(await stop(again), 0);
    });

    it("with a setting that can't be read stops with one line that names it", async () => {
      const { code, said } = await fails(await environment({ FLOTILLA_PORT: "none" }));
      assert.deepEqual([code, said], [1, "FLOTILLA_PORT: expected a whole number from 0 to 65535"]);
    });
  });

describe("starting several processes", () => {
  after(() => {
    for (const child of children) child.kill("SIGKILL");
  });

  it("on one empty store makes one account", async () => {
    const shared = engines.find(({ name }) => name === "postgres");
    if (!shared) return;
    const { settings, remove } = await shared.place(false);
    const folders = [1, 2, 3].map(() => mkdtempSync(join(tmpdir(), "flotilla-start-")));
    const url = "url" in settings ? settings.url : "";
    const all = await Promise.all(
      folders.map((FLOTILLA_DATA) => start({ FLOTILLA_DATA, FLOTILLA_DATABASE_URL: url })),
    );
    const accounts = new Set(all.map(({ printed }) => /account id +(\S+)/.exec(printed)?.[1]));
    assert.equal(accounts.size, 1);
    assert.equal(all.filter(({ printed }) => printed.includes("API token")).length, 1);
    for (const started of all) assert.equal(await stop(started), 0);
    for (const folder of folders) rmSync(folder, { recursive: true });
    await remove();
  });

  it("on one folder is refused with one line", async () => {
    if (!engines.some(({ name }) => name === "sqlite")) return;
    const FLOTILLA_DATA = mkdtempSync(join(tmpdir(), "flotilla-start-"));
    const started = await start({ FLOTILLA_DATA });
    const { code, said } = await fails({ FLOTILLA_DATA });
    assert.equal(code, 1);
    assert.ok(said.includes(FLOTILLA_DATA) && !said.includes("\n"), said);
    assert.equal(await stop(started), 0);
    rmSync(FLOTILLA_DATA, { recursive: true });
  });
});
