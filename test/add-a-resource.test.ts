import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "flotilla-resource-"));
after(() => rmSync(copy, { recursive: true, force: true }));

/** Runs a program in the copy; answers what it printed, and throws that where it fails. */
async function run(program: string, ...words: string[]): Promise<string> {
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  try {
    const { stdout } = await promisify(execFile)(program, words, {
      cwd: copy,
      env: { ...environment, FLOTILLA_CONTRACT: words.includes("test/contract.test.ts") ? "write" : "" },
    });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${words.join(" ")}:\n${stdout}${stderr}`);
  }
}

const tool = (name: string) => join(root, "node_modules", ".bin", name);
const suite = (...files: string[]) => ["--test", "--test-global-setup=test/global.ts", ...files];

function follow(instructions: string): { files: string[]; lines: string[] } {
  const done = { files: [] as string[], lines: [] as string[] };
  for (const [, what, name = "", text = ""] of instructions.matchAll(/```ts (file|line)=(\S+)\n(.*?)```/gs)) {
    const path = join(copy, name);
    mkdirSync(dirname(path), { recursive: true });
    if (what === "file") writeFileSync(path, text);
    else appendFileSync(path, text);
    done[what === "file" ? "files" : "lines"].push(name);
  }
  return done;
}

it("docs/add-a-resource.md, followed word for word, makes a resource that works", async () => {
  for (const name of [
    "server",
    "test",
    "bench",
    "scripts",
    "contract",
    "docs",
    "package.json",
    "tsconfig.json",
    "biome.json",
  ])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const { files, lines } = follow(readFileSync(join(root, "docs", "add-a-resource.md"), "utf8"));
  assert.equal(new Set(files.map(dirname)).size, 3, "one folder (with its faces) and one migration");
  assert.deepEqual(lines, ["server/db/migrations/index.ts", "server/rooms.ts"]);
  await run(process.execPath, ...suite("test/contract.test.ts"));
  assert.match(
    readFileSync(join(copy, "contract", "operations.txt"), "utf8"),
    /^note\.create +write +POST +\/api\/v1\/notes +note\.write$/m,
  );
  const [passed] = await Promise.all([
    run(process.execPath, ...suite("server/devices/note/note.test.ts", "test/house/*.test.ts")),
    run(tool("tsc"), "-p", "."),
    run(tool("biome"), "check", "server"),
  ]);
  assert.match(passed, /fail 0/);
});
