import { importsOf, isTest, type Source } from "./sources.ts";

/** Files directly under `server/`: the composition, which may know everything below it. */
const composition = /^server\/[\w-]+\.ts$/;
const wings = ["accounts", "iam", "devices", "deployments"];
/** What each part of the house may import, beside itself and `failure.ts`. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  db: [],
  operation: ["db"],
  selector: ["operation", "db"],
  clock: ["operation", "db"],
  config: ["db"],
  http: ["operation", "config"],
  audit: ["operation", "db", "selector"],
  rooms: ["operation", "db", "selector"],
};

type Place = { part: string; wing?: string; room?: string };

function placeOf(path: string): Place {
  if (path === "server/failure.ts") return { part: "failure" };
  if (path === "server/config.ts") return { part: "config" };
  if (composition.test(path)) return { part: "composition" };
  const [, part = "", room = ""] = path.split("/");
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
  if (to.part === "failure" || from.part === "composition") return null;
  if (from.part === "failure") return "failure.ts imports nothing";
  if (from.part === "rooms" && to.part === "rooms") return wrongBetweenRooms(from, to, target);
  if (from.part === to.part || allowed[from.part]?.includes(to.part)) return null;
  return `${from.part} must not import ${to.part}`;
}

function wrongBetweenRooms(from: Place, to: Place, target: string): string | null {
  if (from.wing === to.wing && from.room === to.room) return null;
  if (wings.indexOf(from.wing ?? "") < wings.indexOf(to.wing ?? ""))
    return "wings know only wings to their left";
  if (to.room && !target.endsWith("/index.ts")) return "another room is entered through its index.ts";
  return null;
}

/** The first circle of imports that there is, as the files on the way, or null. */
export function circle(sources: readonly Source[]): string[] | null {
  const imports = new Map(sources.map((source) => [source.path, importsOf(source)]));
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
