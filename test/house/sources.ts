import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of the project: its path from the root, with `/`, and its text. */
export type Source = { readonly path: string; readonly text: string };

const root = fileURLToPath(new URL("../../", import.meta.url));

/** All TypeScript files below a folder of the project. */
export function sourcesIn(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => posix.join(entry.parentPath.slice(root.length).replaceAll("\\", "/"), entry.name))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** The files of the project that a file imports, types included, by their paths from the root. */
export function importsOf({ path, text }: Source): string[] {
  const named = text.matchAll(/^(?:import|export)\s[^;]*?from\s+"(\.[^"]+)"/gms);
  const bare = text.matchAll(/(?:^import\s+|import\()"(\.[^"]+)"/gm);
  const found = [...named, ...bare].map(([, target = ""]) => posix.join(posix.dirname(path), target));
  return [...new Set(found)];
}

/** The packages that a file imports, types included: `kysely` for `kysely/migration` too. */
export function packagesOf({ text }: Source): string[] {
  const named = text.matchAll(/^(?:import|export)\s[^;]*?from\s+"([^."][^"]*)"/gms);
  const bare = text.matchAll(/(?:^import\s+|import\()"([^."][^"]*)"/gm);
  const found = [...named, ...bare].map(([, name = ""]) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
  return [...new Set(found)];
}

/** A text without its comments, with as many lines as before. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*.*?\*\//gs, (comment) => comment.replace(/[^\n]/g, ""))
    .replace(/(?<!:)\/\/.*$/gm, "");
}

/** The code of a file without comments and without what stands in quotes; of templates what is put into them. */
export function codeOf({ text }: Source): string {
  return withoutComments(text)
    .replace(/`(?:[^`\\]|\\.)*`/g, (template) => (template.match(/\$\{[^}]*\}/g) ?? []).join(" "))
    .replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""');
}

/** Whether a file is a test. */
export function isTest({ path }: Source): boolean {
  return path.endsWith(".test.ts");
}
