import type { Face } from "../../server/operation/face.ts";
import type { Operation } from "../../server/operation/operation.ts";

/** Permissions as rooms declare them, each with its permission groups. */
export type Declared = Readonly<Record<string, readonly string[]>>;

/** No page is longer, whatever its face says. */
const pageMax = 1000;

/** Operations that declare neither a permission nor why they take none. */
export function withoutReason(operations: readonly Operation[]): string[] {
  return operations
    .filter(({ access }) => ("to" in access ? access.reason.length < 10 : access.permission === ""))
    .map(({ name }) => name);
}

/** Operations that take no permission. */
export function withoutPermission(operations: readonly Operation[]): string[] {
  return operations.filter(({ access }) => "to" in access).map(({ name }) => name);
}

/** What operations take or see by and no room declared, as `operation: permission`. */
export function undeclared(operations: readonly Operation[], declared: Declared): string[] {
  return operations.flatMap(({ name, access, ...rest }) => {
    const taken = "permission" in access ? [access.permission] : [];
    const seen = "sees" in rest && rest.sees !== "" ? [rest.sees] : [];
    return [...taken, ...seen].filter((each) => !(each in declared)).map((each) => `${name}: ${each}`);
  });
}

/** Permissions that no permission group contains, or that no operation takes or sees by. */
export function idle(operations: readonly Operation[], declared: Declared): string[] {
  const used = new Set(
    operations.flatMap(({ access, ...rest }) => [
      "permission" in access ? access.permission : "",
      "sees" in rest ? rest.sees : "",
    ]),
  );
  return Object.entries(declared)
    .filter(([permission, groups]) => groups.length === 0 || !used.has(permission))
    .map(([permission]) => permission);
}

/** Faces whose pages may have any length. */
export function unlimited(faces: readonly Face[]): string[] {
  return faces
    .filter(({ operation, paging }) => {
      if (!paging) return operation.kind === "list";
      return !(paging.default >= 1 && paging.default <= paging.max && paging.max <= pageMax);
    })
    .map(({ operation }) => operation.name);
}

/** Arrays in what faces take that may have any length, as `operation: where`. */
export function endlessArrays(faces: readonly Face[]): string[] {
  return faces.flatMap(({ operation, body, query }) =>
    [...arraysIn(body, "body"), ...arraysIn(query, "query")].map((where) => `${operation.name}: ${where}`),
  );
}

function arraysIn(schema: unknown, where: string): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const endless = "type" in schema && schema.type === "array" && !("maxItems" in schema);
  const inside = Object.entries(schema).flatMap(([name, part]) => arraysIn(part, `${where}/${name}`));
  return endless ? [where, ...inside] : inside;
}
