import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as rules from "./rules.ts";
import { type Source, sourcesIn } from "./sources.ts";

const server = sourcesIn("server");
const everything = [...server, ...sourcesIn("test"), ...sourcesIn("bench")];
const product = server.filter(({ path }) => !path.endsWith(".test.ts"));

type Rule = (sources: readonly Source[]) => string[];
const file = (path: string, text = "") => ({ path, text });

/** Each rule: the files it holds for, and something that it must find. */
const cases: [name: string, rule: Rule, sources: readonly Source[], broken: Source][] = [
  [
    "engines are named in one folder",
    rules.engineWords,
    product,
    file("server/devices/x.ts", 'if (name === "sqlite") {}'),
  ],
  [
    "statuses stand under http",
    rules.wireWords,
    server,
    file("server/devices/x.ts", "throw { status: 404 };"),
  ],
  [
    "headers stand under http",
    rules.wireWords,
    server,
    file("server/devices/x.ts", 'set("retry-after", 1);'),
  ],
  ["error codes stand under http", rules.wireWords, server, file("server/devices/x.ts", "({ code: 1409 })")],
  ["files are named after things", rules.fileNames, everything, file("server/devices/utils.ts")],
  ["files are short", rules.fileNames, everything, file("server/devices/x.ts", "\n".repeat(301))],
  [
    "functions are short",
    rules.longFunctions,
    everything,
    file("x.ts", `function x() {\n${"  y();\n".repeat(70)}}\n`),
  ],
  ["exports are documented", rules.undocumented, server, file("server/x.ts", "export function x() {}")],
  ["a policy has a first name", rules.loneNames, product, file("server/x.ts", "const policy = 1;")],
  [
    "tests run on every engine",
    rules.testsOnOneEngine,
    everything,
    file("server/x.test.ts", "await startServer(await sqlite.open());"),
  ],
];

for (const [name, rule, sources, broken] of cases)
  describe(name, () => {
    it("in the house as it stands", () => assert.deepEqual(rule(sources), []));
    it("and what is not so is found", () => assert.equal(rule([broken]).length, 1));
  });
