import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as files from "./files.ts";
import { type Source, sourcesIn } from "./sources.ts";
import * as words from "./words.ts";

const server = sourcesIn("server");
const everything = [...server, ...sourcesIn("test"), ...sourcesIn("bench")];
const product = server.filter(({ path }) => !path.endsWith(".test.ts"));

type Rule = (sources: readonly Source[]) => string[];
const file = (path: string, text = "") => ({ path, text });

/** Each rule: the files it holds for, and what it must find, one finding in each. */
const cases: [name: string, rule: Rule, sources: readonly Source[], broken: readonly Source[]][] = [
  [
    "engines are named in one folder",
    words.engineWords,
    [...server, ...sourcesIn("test")],
    [
      file("server/devices/x.ts", 'if (name === "sqlite") {}'),
      file("server/devices/x.ts", "// as Postgres does"),
      file("server/devices/x.ts", "if (engine.name === embedded) {}"),
      file("server/db/once.ts", "adapter instanceof ServerAdapter"),
      file("test/race.test.ts", "if (engine.name !== one) return;"),
    ],
  ],
  [
    "statuses, headers and codes stand under http",
    words.wireWords,
    server,
    [
      file("server/devices/x.ts", "throw { status: 404 };"),
      file("server/devices/x.ts", "if (status === 404) return;"),
      file("server/devices/x.ts", "const statusCode = found;"),
      file("server/devices/x.ts", 'set("retry-after", 1);'),
      file("server/devices/x.ts", "request.headers;"),
      file("server/devices/x.ts", "({ code: 1409 })"),
      file("server/devices/x.ts", "reply.code(404);"),
    ],
  ],
  [
    "files are named after things, and short",
    files.fileNames,
    everything,
    [
      ...["utils", "helper", "common", "misc", "group-manager"].map((name) =>
        file(`server/devices/${name}.ts`),
      ),
      file("server/devices/deviceGroup.ts"),
      file("server/devices/x.ts", "\n".repeat(301)),
    ],
  ],
  [
    "functions are short",
    files.longFunctions,
    everything,
    [
      file("x.ts", `function x() {\n${"  y();\n".repeat(70)}}\n`),
      file("x.ts", `export async function x(\n  y: Y,\n): Promise<Z> {\n${"  y();\n".repeat(70)}}\n`),
      file("x.ts", `export function x({\n  y,\n}: Y) {\n${"  y();\n".repeat(70)}}\n`),
      file("x.ts", `const x = (y: Y) => {\n${"  y();\n".repeat(70)}};\n`),
      file("x.ts", `class X {\n  async x(y: Y): Promise<Z> {\n${"    y();\n".repeat(70)}  }\n}\n`),
      file("x.ts", `describe("x", () => {\n  it("y", async () => {\n${"    y();\n".repeat(70)}  });\n});\n`),
    ],
  ],
  [
    "exports are documented",
    files.undocumented,
    server,
    [
      file("server/x.ts", "export function x() {}"),
      file("server/x.ts", "/** Y. */\n\nexport type X = {};"),
      file("server/x.ts", "const y = 1;\n// biome-ignore lint/x: why\nexport const x = 1;"),
    ],
  ],
  [
    "a policy has a first name",
    words.loneNames,
    product,
    [
      file("server/x.ts", "const policy = 1;"),
      file("server/x.ts", "type Policy = {};"),
      file("server/x.ts", "all.map((policies) => 1);"),
      file("server/x.ts", "function x(policy: X) {}"),
    ],
  ],
  [
    "a thing has one word",
    words.otherWords,
    product,
    [
      file("server/x.ts", "let cohort;"),
      file("server/x.ts", "tenantId;"),
      file("server/devices/x.ts", "({ org }) => 1;"),
    ],
  ],
  [
    "tests run on every engine",
    files.testsOnOneEngine,
    everything,
    [
      file("server/x.test.ts", "await startServer(await sqlite.open());"),
      file("server/x.test.ts", "const [engine] = engines;\nawait engine.open();"),
      file("server/x.test.ts", "await openStore(settings);"),
    ],
  ],
];

for (const [name, rule, sources, broken] of cases)
  describe(name, () => {
    it("in the house as it stands", () => assert.deepEqual(rule(sources), []));
    for (const [at, one] of broken.entries())
      it(`and what is not so is found (${at + 1})`, () => assert.equal(rule([one]).length, 1));
  });

describe("the rules", () => {
  it("see the house", () => {
    assert.ok(server.length > 150 && everything.length > server.length);
    for (const { path } of everything) assert.match(path, /^(server|test|bench)\//);
  });
});
