import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { circle, wrongImports } from "./imports.ts";
import { sourcesIn } from "./sources.ts";

const file = (path: string, ...targets: string[]) => ({
  path,
  text: targets.map((target) => `import type { X } from "${target}";`).join("\n"),
});

describe("imports flow one way", () => {
  it("in the house as it stands", () => {
    const sources = sourcesIn("server");
    assert.deepEqual(wrongImports(sources), []);
    assert.equal(circle(sources), null);
  });

  for (const [path, target, why] of [
    ["server/http/app.ts", "../rooms.ts", "must not import composition"],
    ["server/http/app.ts", "../devices/device/index.ts", "must not import rooms"],
    ["server/operation/perform.ts", "../iam/rights.ts", "must not import rooms"],
    ["server/db/once.ts", "../operation/page.ts", "must not import operation"],
    ["server/devices/device/store.ts", "../../http/wire.ts", "must not import http"],
    ["server/devices/device/store.ts", "../../deployments/deployment-group/index.ts", "to their left"],
    ["server/devices/device/store.ts", "../membership/store.ts", "through its index.ts"],
    ["server/deployments/deployment-group/store.ts", "../../devices/device/store.ts", "through its index.ts"],
    ["server/audit/entry/record.ts", "../../accounts/account/index.ts", "must not import rooms"],
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

  it("lets a wing use what is shared by wings to its left", () => {
    const fine = [
      file("server/devices/device/operations.ts", "../../iam/scope.ts", "../../accounts/account/index.ts"),
      file("server/iam/identify.ts", "./api-token/index.ts"),
      file("server/main.ts", "./db/database.ts"),
    ];
    assert.deepEqual(wrongImports(fine), []);
  });
});
