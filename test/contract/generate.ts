import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dialects } from "../../server/http/failing.ts";
import { documents } from "../../server/http/reference.ts";
import { fill, permissionGroups } from "../../server/iam/permission-group/index.ts";
import type { Face } from "../../server/operation/face.ts";
import type { Room } from "../../server/operation/room.ts";

/** Permissions as rooms declare them, each with the permission groups that contain it. */
type Declared = Readonly<Record<string, readonly string[]>>;

/** The texts of the files under `contract/` that follow from the rooms, by file name. */
export function contractOf(rooms: readonly Room[]): Record<string, string> {
  const faces = rooms.flatMap((room) => room.faces);
  const declared: Declared = Object.assign({}, ...rooms.map(({ permissions = {} }) => permissions));
  const { groupsContaining } = fill(declared);
  const { v4, rest } = documents({ faces, groupsContaining });
  return {
    "openapi.v4.json": `${JSON.stringify(v4, null, 2)}\n`,
    "openapi.rest.json": `${JSON.stringify(rest, null, 2)}\n`,
    "operations.txt": operations(faces),
    "permissions.txt": permissions(declared, faces, groupsContaining),
  };
}

/** One line for each address: operation, kind, dialect, method, path, what it takes. */
function operations(faces: readonly Face[]): string {
  const rows = faces.map(({ operation, dialect, method, path }) => {
    const takes =
      "permission" in operation.access ? operation.access.permission : `(${operation.access.reason})`;
    return [operation.name, operation.kind, method, dialects[dialect].prefix + path, takes];
  });
  return table(["operation", "kind", "method", "path", "takes"], rows.sort(byText));
}

/** What each permission is for: the permission groups that contain it, its scope on /api/v1, its operations. */
function permissions(
  declared: Declared,
  faces: readonly Face[],
  groupsContaining: (permission: string) => readonly string[],
): string {
  const blocks = Object.keys(declared)
    .sort()
    .map((permission) => {
      const those = faces.filter(
        ({ operation: { access } }) => "permission" in access && access.permission === permission,
      );
      const names = [...new Set(those.map(({ operation }) => operation.name))].sort();
      const lines = [
        permission,
        `  permission groups: ${groupsContaining(permission).join(", ")}`,
        `  scope on /api/v1:  ${scopeOf(permission, declared)}`,
        `  operations:        ${names.join(", ") || "none by itself"}`,
      ];
      return lines.join("\n");
    });
  return `${blocks.join("\n\n")}\n`;
}

/** The word that clients of /api/v1 have for a permission: `admin` for accounts, people and audit, else `devices`. */
function scopeOf(permission: string, declared: Declared): string {
  const [, verb] = permission.split(".");
  const those = permissionGroups.filter(({ name }) => declared[permission]?.includes(name));
  const administers = those.some(({ category }) => category === "account_and_billing");
  return `${administers ? "admin" : "devices"}:${verb === "read" ? "read" : "write"}`;
}

/** The name and the hash of every migration: one that was released is never changed. */
export function migrationHashes(): string {
  const folder = new URL("../../server/db/migrations/", import.meta.url);
  const names = readdirSync(folder)
    .filter((name) => /^\d{4}-/.test(name))
    .sort();
  const rows = names.map((name) => [
    name,
    createHash("sha256")
      .update(readFileSync(new URL(name, folder)))
      .digest("hex"),
  ]);
  return table(["migration", "sha256"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

function byText(a: readonly string[], b: readonly string[]): number {
  return a.join(" ") < b.join(" ") ? -1 : 1;
}
