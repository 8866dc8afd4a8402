import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileRights } from "./authorize.ts";
import { type Difference, differences } from "./difference.ts";

const here = "a1";
const key = (tail: string) => `com.cloudflare.api.account.${tail}`;
const line = (access: "allow" | "deny", ...tails: string[]) => ({
  id: "",
  access,
  permissions: ["device.read"],
  scopes: tails.map(key),
});
type Line = ReturnType<typeof line>;
const between = (from: Line[], to: Line[]): string[] =>
  differences(compileRights(from), compileRights(to), here).map(inWords);

function inWords({ permission, scope, gained }: Difference): string {
  return `${gained ? "+" : "-"} ${permission} ${scope.slice(key("").length)}`;
}

describe("what changes between two sets of rights", () => {
  it("is said on the broadest key on which it changes", () => {
    const wide = line("allow", here, "device.*", "device.d1", "device-group.g1");
    assert.deepEqual(between([], [wide]), ["+ device.read a1"]);
    assert.deepEqual(between([wide], []), ["- device.read a1"]);
    assert.deepEqual(between([wide], [wide]), []);
  });

  it("is a loss and a gain where it is both", () => {
    const [one, two] = [line("allow", "device.d1"), line("allow", "device.d2")];
    assert.deepEqual(between([one], [two]), ["- device.read device.d1", "+ device.read device.d2"]);
  });

  it("is nothing on keys that a permission is never decided on", () => {
    assert.deepEqual(between([], [line("allow", "deployment-group.*", "zone.z1")]), []);
  });

  it("is found for devices in several groups, whom no key alone shows", () => {
    const group = line("allow", "device-group.g1");
    const hidden = line("deny", "device-group.g2");
    assert.deepEqual(between([group, hidden], [group]), ["+ device.read device-group.g2"]);
    assert.deepEqual(between([group], [group, hidden]), ["- device.read device-group.g2"]);
  });

  it("is found for devices in several groups beside an excess that doesn't matter", () => {
    const group = line("allow", "device-group.g1");
    const hidden = line("deny", "device-group.g2");
    const inert = line("allow", "deployment-group.*");
    assert.deepEqual(between([group, hidden], [group, inert]), ["+ device.read device-group.g2"]);
  });

  it("is said once of all devices, whichever policy comes first", () => {
    const [devices, groups] = [line("allow", "device.*"), line("allow", "device-group.*")];
    assert.deepEqual(between([], [devices, groups]), ["+ device.read device.*"]);
    assert.deepEqual(between([], [groups, devices]), ["+ device.read device.*"]);
  });

  it("is nothing where a deny on all devices stays", () => {
    const none = line("deny", "device.*");
    assert.deepEqual(between([none], [none, line("allow", "device-group.g1")]), []);
  });

  it("is nothing on the account where all of the permission's own kind stays as it was", () => {
    const [kind, whole] = [line("allow", "device.*"), line("allow", here)];
    assert.deepEqual(between([kind], [kind, whole]), []);
    assert.deepEqual(between([whole, kind], [kind]), []);
    const none = line("deny", "device.*");
    assert.deepEqual(between([none], [none, whole]), []);
    assert.deepEqual(between([whole, line("deny", here)], [whole, none]), []);
  });

  it("is a change of what is decided on the account itself, by the kind of accounts, too", () => {
    const iam = (access: "allow" | "deny", tail: string) => ({
      ...line(access, tail),
      permissions: ["iam.grant"],
    });
    const all = iam("allow", here);
    // Whether the account's key or that of its kind is named is the same to who reads it.
    const said = (found: string[]) => found.map((one) => one.split(" ").slice(0, 2).join(" "));
    assert.deepEqual(said(between([all], [all, iam("deny", "account.*")])), ["- iam.grant"]);
    assert.deepEqual(said(between([], [iam("allow", "account.*")])), ["+ iam.grant"]);
  });
});
