import { importsOf, isTest, packagesOf, type Source } from "./sources.ts";

/** Files directly under `server/`: the composition, which may know everything below it. */
const composition = /^server\/[\w-]+\.ts$/;
const wings = ["accounts", "iam", "devices", "deployments"];
/** What each part of the house may import, beside itself and what everybody may. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  composition: ["http", "clock", "rooms", "audit", "operation", "selector", "db", "config"],
  engine: ["db"],
  db: ["engine", "migration"],
  operation: ["db"],
  selector: ["operation", "db"],
  clock: ["operation", "db"],
  // What the URL of a server looks like.
  config: ["engine"],
  http: ["operation", "config"],
  audit: ["operation", "db", "selector"],
  rooms: ["operation", "db", "selector"],
};

/** Where SQL is written: under `db/`, what turns rights and selectors into conditions, and files of rooms that say so. */
const speaksSql = new RegExp(
  `^server/(db/|operation/seen\\.ts$|selector/sql\\.ts$|` +
    `(${[...wings, "audit"].join("|")})/[\\w-]+/(store|[\\w-]+-store|[\\w-]+-sql|sql-[\\w-]+)\\.ts$)`,
);

/** Packages that only some files may know: operations know neither HTTP nor SQL nor the engine. */
const packages: Readonly<Record<string, RegExp>> = {
  fastify: /^server\/(http\/|server\.ts$)/,
  "prom-client": /^server\/http\//,
  "node:http": /^server\/http\//,
  kysely: speaksSql,
  postgres: /^server\/db\/engine\//,
  "node:sqlite": /^server\/db\/engine\//,
};

type Place = { part: string; wing?: string; room?: string };

function placeOf(path: string): Place {
  if (/^server\/(failure|soon)\.ts$/.test(path)) return { part: "ground" };
  if (path === "server/config.ts") return { part: "config" };
  if (path.startsWith("server/db/engine/")) return { part: "engine" };
  // What a migration does must never change, so it knows nothing that does.
  if (/^server\/db\/migrations\/\d/.test(path)) return { part: "migration" };
  if (composition.test(path)) return { part: "composition" };
  const [, part = "", room = ""] = path.split("/");
  if (part === "audit") return { part, room };
  if (!wings.includes(part)) return { part };
  return { part: "rooms", wing: part, room: room.endsWith(".ts") ? "" : room };
}

/** The imports that go against the direction in which they must flow, each as `from → to: why`. */
export function wrongImports(sources: readonly Source[]): string[] {
  return sources
    .filter((source) => !isTest(source))
    .flatMap((source) =>
      importsOf(source).flatMap((target) => {
        const why = wrong(placeOf(source.path), placeOf(target), target);
        return why ? [`${source.path} → ${target}: ${why}`] : [];
      }),
    );
}

function wrong(from: Place, to: Place, target: string): string | null {
  if (from.part === "migration")
    return target === "server/db/columns.ts" ? null : "a migration imports nothing but db/columns.ts";
  if (to.part === "ground") return null;
  if (from.part === "ground") return "what everybody may import imports nothing";
  if (
    from.part === "rooms" &&
    to.part === "rooms" &&
    wings.indexOf(from.wing ?? "") < wings.indexOf(to.wing ?? "")
  )
    return "wings know only wings to their left";
  if (from.part !== to.part && !allowed[from.part]?.includes(to.part))
    return `${from.part} must not import ${to.part}`;
  const elsewhere = from.wing !== to.wing || from.room !== to.room;
  if (elsewhere && to.room && !target.endsWith("/index.ts")) return "a room is entered through its index.ts";
  return null;
}

/** The packages that are used where they must not be known, each as `from → package`. */
export function wrongPackages(sources: readonly Source[]): string[] {
  return sources
    .filter((source) => !isTest(source))
    .flatMap((source) =>
      packagesOf(source)
        .filter((name) => packages[name]?.test(source.path) === false)
        .map((name) => `${source.path} → ${name}`),
    );
}

/** The room or the part of the house that a file belongs to; files directly in a wing stand for themselves. */
export function roomOf(path: string): string {
  const { part, wing, room } = placeOf(path);
  if (part === "composition" || room === "") return path;
  // The two know each other's types; what matters is that nobody else knows the engines.
  if (part === "engine" || part === "migration") return "db";
  return wing ? `${wing}/${room}` : part;
}

/**
 * The first circle of imports that there is, as the files on the way, or null. With `roomOf` the rooms on the
 * way: two rooms may know each other through files of which each alone is innocent.
 */
export function circle(sources: readonly Source[], nameOf = (path: string) => path): string[] | null {
  const imports = new Map<string, Set<string>>();
  for (const source of sources.filter((each) => !isTest(each))) {
    const from = nameOf(source.path);
    const targets = new Set(importsOf(source).map(nameOf));
    targets.delete(from);
    imports.set(from, targets.union(imports.get(from) ?? new Set()));
  }
  return firstCircle(imports);
}

function firstCircle(imports: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const done = new Set<string>();
  const walk = (path: string, way: readonly string[]): string[] | null => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return null;
    for (const next of imports.get(path) ?? []) {
      const found = walk(next, [...way, path]);
      if (found) return found;
    }
    done.add(path);
    return null;
  };
  for (const path of imports.keys()) {
    const found = walk(path, []);
    if (found) return found;
  }
  return null;
}
