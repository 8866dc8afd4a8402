import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fill } from "../../server/iam/permission-group/index.ts";
import type { Face } from "../../server/operation/face.ts";
import type { Operation } from "../../server/operation/operation.ts";
import * as rooms from "../../server/rooms.ts";
import * as rules from "./operations.ts";

const house = Object.values(rooms);
const operations = house.flatMap((room) => room.operations);
const faces = house.flatMap((room) => room.faces);
const declared: rules.Declared = Object.assign({}, ...house.map(({ permissions = {} }) => permissions));

/** Operations that take no permission; each says why itself. */
const withoutPermission = [
  "access.explain",
  "account.create",
  "account.list",
  "api-token.verify",
  "member.accept-invitation",
  "member.issue-key",
  "transfer.export",
  "transfer.import",
  "transfer.list-imports",
  "user-token.create",
  "user-token.delete",
  "user-token.get",
  "user-token.list",
  "user-token.list-permission-groups",
  "user-token.roll",
  "user-token.update",
  "user-token.verify",
];

const some = operations.find(({ kind }) => kind === "read") as Operation;
const [paged] = faces.filter(({ paging, operation }) => paging && operation.kind === "list") as [Face];

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
    assert.deepEqual(rules.withoutPermission(operations).sort(), withoutPermission);
    assert.deepEqual(rules.withoutReason(operations), []);
    const silent: Operation = { ...some, access: { to: "everyone", reason: "" } };
    assert.deepEqual(rules.withoutReason([silent]), [some.name]);
    assert.deepEqual(rules.withoutPermission([silent]), [some.name]);
    assert.deepEqual(rules.withoutReason([{ ...some, access: { permission: "" } }]), [some.name]);
  });

  it("takes and sees only permissions that a room declares", () => {
    assert.deepEqual(rules.undeclared(operations, declared), []);
    const strange = { ...some, access: { permission: "x.read" }, sees: "y.read" } as Operation;
    assert.deepEqual(rules.undeclared([strange], declared), [`${some.name}: x.read`, `${some.name}: y.read`]);
  });

  it("that lists has a limit, and so has every array that it takes", () => {
    assert.deepEqual(rules.unlimited(faces), []);
    assert.deepEqual(rules.endlessArrays(faces), []);
    const { paging: _, ...withoutPaging } = paged;
    assert.equal(rules.unlimited([withoutPaging]).length, 1);
    assert.equal(rules.unlimited([{ ...paged, paging: { default: 1, max: 5000 } }]).length, 1);
    assert.equal(rules.unlimited([{ ...paged, paging: { default: 20, max: 10 } }]).length, 1);
    const body = { type: "object", properties: { ids: { type: "array" } } };
    assert.deepEqual(rules.endlessArrays([{ ...paged, body }]), [
      `${paged.operation.name}: body/properties/ids`,
    ]);
  });
});

describe("permission groups", () => {
  const { permissionsIn, groupsContaining } = fill(declared);

  it("contain every permission, and every permission is for something", () => {
    assert.deepEqual(rules.idle(operations, declared), []);
    assert.deepEqual(rules.idle(operations, { ...declared, "x.read": ["Devices Read"] }), ["x.read"]);
    const [permission = ""] = Object.keys(declared);
    assert.deepEqual(rules.idle(operations, { ...declared, [permission]: [] }), [permission]);
  });

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
