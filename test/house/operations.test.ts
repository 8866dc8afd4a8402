import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fill } from "../../server/iam/permission-group/index.ts";
import type { Operation } from "../../server/operation/operation.ts";
import type { Room } from "../../server/operation/room.ts";
import * as rooms from "../../server/rooms.ts";

const house = Object.values(rooms);
const operations = house.flatMap((room) => room.operations);
const faces = house.flatMap((room) => room.faces);
const declared: Record<string, readonly string[]> = Object.assign(
  {},
  ...house.map(({ permissions = {} }) => permissions),
);

/** Operations that take no permission; each says why itself. */
const withoutPermission = ["account.create", "account.list", "api-token.verify"];

function withoutReason(those: readonly Operation[]): string[] {
  return those
    .filter(({ access }) => ("to" in access ? access.reason.length < 10 : access.permission === ""))
    .map(({ name }) => name);
}

function unlimited(room: Room): string[] {
  return room.faces
    .filter(({ operation, paging }) => operation.kind === "list" && !(paging && paging.default <= paging.max))
    .map(({ operation }) => operation.name);
}

describe("every operation", () => {
  it("has a name of its own and at least one face", () => {
    const names = operations.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)]);
    const faced = new Set(faces.map(({ operation }) => operation));
    assert.deepEqual(
      operations.filter((operation) => !faced.has(operation)).map(({ name }) => name),
      [],
    );
    for (const { operation } of faces) assert.ok(operations.includes(operation), operation.name);
  });

  it("declares its permission, or stands on the list of those that take none, with its reason", () => {
    const none = operations.filter(({ access }) => "to" in access).map(({ name }) => name);
    assert.deepEqual(none.sort(), withoutPermission);
    assert.deepEqual(withoutReason(operations), []);
    const [some] = operations as [Operation];
    assert.deepEqual(withoutReason([{ ...some, access: { to: "everyone", reason: "" } }]), [some.name]);
  });

  it("takes and sees only permissions that a room declares, and that some permission group contains", () => {
    for (const operation of operations) {
      const { access, name } = operation;
      const named = [
        "permission" in access ? access.permission : "",
        "sees" in operation ? operation.sees : "",
      ];
      for (const permission of named.filter((each) => each !== ""))
        assert.ok(permission in declared, `${name}: ${permission}`);
    }
    for (const [permission, groups] of Object.entries(declared)) assert.ok(groups.length > 0, permission);
  });

  it("that lists has a limit", () => {
    for (const room of house) assert.deepEqual(unlimited(room), []);
    const [listing] = faces.filter(({ paging }) => paging);
    const broken = { operations: [], faces: [{ ...listing, paging: undefined }] } as unknown as Room;
    assert.equal(unlimited(broken).length, 1);
  });
});

describe("permission groups", () => {
  const { permissionsIn, groupsContaining } = fill(declared);

  it("that write contain what reads", () => {
    for (const permission of Object.keys(declared).filter((name) => name.endsWith(".write"))) {
      const reads = permission.replace(/\.write$/, ".read");
      for (const group of groupsContaining(permission))
        assert.ok(groupsContaining(reads).includes(group), group);
    }
  });

  it("for administrators contain everything, but what makes a super administrator", () => {
    const all = Object.keys(declared);
    assert.deepEqual(permissionsIn("bc7450ea8867e1700582cf6066fc2bb7"), [...all, "iam.grant"]);
    assert.deepEqual(permissionsIn("3f267360400b650078a01363304f1cdc"), [
      ...all,
      "iam.grant",
      "iam.super-administrator",
    ]);
    assert.ok(
      permissionsIn("58a0957d026d3c815435b6e85bcd1bd3").every((permission) => permission.endsWith(".read")),
    );
  });

  it("that no room may name must be there", () => {
    assert.throws(() => fill({ "x.read": ["No such group"] }), /No such group/);
  });
});
