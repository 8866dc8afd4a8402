import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { engines } from "../../../test/engines.ts";
import * as migrations from "../../db/migrations/index.ts";
import { openStore } from "../../db/open.ts";
import type { DeploymentGroup } from "./deployment-group.ts";
import { withBrought } from "./importing.ts";

describe("when a deployment group got what it tells devices", () => {
  for (const engine of engines)
    it(`is its last change where it was made before that was kept, on ${engine.name}`, async () => {
      const { settings, remove } = await engine.place(false);
      const store = await openStore(settings, { durable: false });
      try {
        await store.migrator(async (db) => {
          for (const [name, { up }] of Object.entries(migrations)) {
            if (name.startsWith("0004")) {
              const texts = {
                id: "a",
                org_id: "org",
                name: "A",
                type: "standard",
                settings: "{}",
                audit_head: "",
              };
              const numbers = { created_at: 1, rights_revision: 0, fleet_revision: 0, audit_sequence: 0 };
              await db
                .insertInto("account")
                .values({ ...texts, ...numbers } as never)
                .execute();
              const group = { account_id: "a", id: "g", name: "G", targets: "[]", policy_ids: null };
              await db
                .insertInto("deployment_group")
                .values({ ...group, created_at: 5, updated_at: 7 } as never)
                .execute();
            }
            await up(db);
          }
        });
        const rows = await store.read((db) =>
          db.selectFrom("deployment_group").select(["updated_at", "assigned_at"]).execute(),
        );
        assert.deepEqual(rows, [{ updated_at: 7, assigned_at: 7 }]);
      } finally {
        await store.close();
        await remove();
      }
    });

  it("is moved by an import that brings other versions or policies, and by nothing else", () => {
    const targets = [{ environment: null, version: "1" }];
    const times = { createdAt: 1, updatedAt: 2, assignedAt: 3 };
    const before: DeploymentGroup = { id: "g", name: "G", targets, policyIds: ["p"], ...times };
    const context = { ids: { uuid: () => "u", hex: () => "u" }, now: 9 } as never;
    const versionConfig = (version: string) => [{ target_environment: null, version }];
    assert.deepEqual(withBrought(context, before, { versionConfig: versionConfig("1") }), before);
    assert.equal(withBrought(context, before, { name: "H", policyIds: ["p"] }).assignedAt, 3);
    assert.equal(withBrought(context, before, { versionConfig: versionConfig("2") }).assignedAt, 9);
    assert.equal(withBrought(context, before, { policyIds: [] }).assignedAt, 9);
    assert.equal(withBrought(context, null, { name: "H", versionConfig: versionConfig("2") }).assignedAt, 9);
  });
});
