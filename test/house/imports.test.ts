import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { circle, roomOf, wrongImports, wrongPackages } from "./imports.ts";
import { importsOf, sourcesIn } from "./sources.ts";

const file = (path: string, ...targets: string[]) => ({
  path,
  text: targets.map((target) => `import type { X } from "${target}";`).join("\n"),
});

describe("imports flow one way", () => {
  it("in the house as it stands", () => {
    const sources = sourcesIn("server");
    assert.deepEqual(wrongImports(sources), []);
    assert.deepEqual(wrongPackages(sources), []);
    assert.equal(circle(sources), null);
    assert.equal(circle(sources, roomOf), null);
  });

  it("and the checks see the house: every import leads to a file of it", () => {
    const sources = sourcesIn("server");
    const paths = new Set(sources.map(({ path }) => path));
    const imports = sources.flatMap((source) => importsOf(source)).filter((to) => to.startsWith("server/"));
    assert.ok(imports.length > 300);
    assert.deepEqual(
      imports.filter((to) => !paths.has(to)),
      [],
    );
  });

  for (const [path, target, why] of [
    ["server/http/app.ts", "../rooms.ts", "must not import composition"],
    ["server/http/app.ts", "../devices/device/index.ts", "must not import rooms"],
    ["server/operation/perform.ts", "../iam/rights.ts", "must not import rooms"],
    ["server/db/once.ts", "../operation/page.ts", "must not import operation"],
    ["server/devices/device/store.ts", "../../http/wire.ts", "must not import http"],
    ["server/devices/device/store.ts", "../../deployments/deployment-group/index.ts", "to their left"],
    ["server/iam/identify.ts", "../devices/device/index.ts", "to their left"],
    ["server/iam/identify.ts", "./api-token/store.ts", "through its index.ts"],
    ["server/devices/device/store.ts", "../membership/store.ts", "through its index.ts"],
    ["server/deployments/deployment-group/store.ts", "../../devices/device/store.ts", "through its index.ts"],
    ["server/audit/entry/record.ts", "../../accounts/account/index.ts", "must not import rooms"],
    ["server/audit/entry/record.ts", "../../http/wire.ts", "must not import http"],
    ["server/clock/ticking.ts", "../devices/device/index.ts", "must not import rooms"],
    ["server/devices/device/store.ts", "../../audit/entry/index.ts", "must not import audit"],
    ["server/devices/device/store.ts", "../../db/engine/sqlite.ts", "must not import engine"],
    ["server/devices/device/store.ts", "../../config.ts", "must not import config"],
    ["server/server.ts", "./devices/device/store.ts", "through its index.ts"],
    ["server/server.ts", "./audit/entry/store.ts", "through its index.ts"],
    ["server/db/migrations/0002-x.ts", "../value-list.ts", "nothing but db/columns.ts"],
    ["server/db/migrations/0002-x.ts", "../../devices/device/index.ts", "nothing but db/columns.ts"],
    ["server/devices/device/store.ts", "../../db/migrations/0001-foundation.ts", "must not import migration"],
    ["server/failure.ts", "./operation/page.ts", "imports nothing"],
  ] as const)
    it(`finds ${path} importing ${target}`, () => {
      const [found = ""] = wrongImports([file(path, target)]);
      assert.ok(found.includes(why), found);
    });

  it("finds a circle", () => {
    const circular = [
      file("server/a/x.ts", "./y.ts"),
      file("server/a/y.ts", "./z.ts"),
      file("server/a/z.ts", "./x.ts"),
    ];
    assert.deepEqual(circle(circular), ["server/a/x.ts", "server/a/y.ts", "server/a/z.ts", "server/a/x.ts"]);
  });

  it("finds a circle of rooms whose files are in none", () => {
    const circular = [
      file("server/devices/a/index.ts", "./a.ts"),
      file("server/devices/a/far.ts", "../b/index.ts"),
      file("server/devices/b/index.ts", "./b.ts"),
      file("server/devices/b/b.ts", "../a/index.ts"),
    ];
    assert.equal(circle(circular), null);
    assert.deepEqual(circle(circular, roomOf), ["devices/a", "devices/b", "devices/a"]);
  });

  for (const [path, name] of [
    ["server/devices/device/operations.ts", "kysely"],
    ["server/devices/device/faces/wire-sql.ts", "kysely"],
    ["server/http/rest/store.ts", "kysely"],
    ["server/operation/page-sql.ts", "kysely"],
    ["server/selector/closure.ts", "kysely"],
    ["server/devices/device/operations.ts", "fastify"],
    ["server/devices/device/store.ts", "node:sqlite"],
    ["server/http/routes.ts", "kysely/migration"],
    ["server/db/open.ts", "postgres"],
  ] as const)
    it(`finds ${path} using ${name}`, () => {
      assert.equal(wrongPackages([file(path, name)]).length, 1);
    });

  it("sees every way to import", () => {
    const ways = [
      'import type { A } from "../a/a.ts";',
      'import {\n  b,\n} from "../a/b.ts";',
      'import "../a/c.ts";',
      'export * from "../a/d.ts";',
      'export { e } from "../a/e.ts";',
      'const f = await import("../a/f.ts");',
      'let g: import("../a/g.ts").G;',
    ];
    for (const text of ways)
      assert.equal(wrongImports([{ path: "server/devices/b/b.ts", text }]).length, 1, text);
  });

  it("lets a wing use what is shared by wings to its left", () => {
    const fine = [
      file("server/devices/device/operations.ts", "../../iam/scope.ts", "../../accounts/account/index.ts"),
      file("server/iam/identify.ts", "./api-token/index.ts"),
      file("server/main.ts", "./db/database.ts"),
    ];
    assert.deepEqual(wrongImports(fine), []);
  });
});
