import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import * as rooms from "../server/rooms.ts";
import { contractOf, migrationHashes } from "./contract/generate.ts";
import { engines } from "./engines.ts";

const folder = new URL("../contract/", import.meta.url);
/** `npm run contract` sets it: then the files are written instead of compared. */
const write = process.env.FLOTILLA_CONTRACT === "write";

function kept(name: string): string {
  try {
    return readFileSync(new URL(name, folder), "utf8");
  } catch {
    return "";
  }
}

function checkFile(name: string, text: string): void {
  if (write) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(new URL(name, folder), text);
  }
  assert.ok(
    kept(name) === text,
    `contract/${name} is not what the code says: \`npm run contract\` writes it anew`,
  );
}

describe("the generated contract", () => {
  for (const [name, text] of Object.entries(contractOf(Object.values(rooms))))
    it(`${name} is what the rooms say`, () => checkFile(name, text));

  for (const engine of engines)
    it(`schema.${engine.name}.sql is what the migrations make`, async () => {
      const store = await engine.open();
      const schema = await store.schema();
      await store.close();
      checkFile(`schema.${engine.name}.sql`, schema);
    });

  it("has no file that nothing generates any more", () => {
    const generated = [...Object.keys(contractOf(Object.values(rooms))), "migrations.txt"];
    const left = readdirSync(folder).filter(
      (name) => !generated.includes(name) && !/^schema\.\w+\.sql$/.test(name),
    );
    assert.deepEqual(left, []);
  });

  it("migrations.txt has every migration as it was when it was added", () => {
    const [head, ...now] = migrationHashes().trimEnd().split("\n");
    const before = kept("migrations.txt").trimEnd().split("\n").slice(1);
    // A longer name makes the columns wider.
    const facts = (line: string) => line.split(/\s+/).join(" ");
    const still = new Set(now.map(facts));
    for (const line of before.filter((line) => line !== ""))
      assert.ok(
        still.has(facts(line)),
        `a migration is never changed or removed, only another one added: ${line}`,
      );
    checkFile("migrations.txt", `${[head, ...now].join("\n")}\n`);
  });
});
