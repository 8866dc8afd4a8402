import type { Source } from "./sources.ts";

/** What a rule found wrong, each as `path: what`. */
export type Findings = string[];

/** What is found in each of some files. */
export function each(sources: readonly Source[], find: (source: Source) => readonly string[]): Findings {
  return sources.flatMap((source) => find(source).map((what) => `${source.path}: ${what}`));
}
