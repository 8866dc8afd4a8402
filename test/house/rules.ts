import { codeOf, isTest, type Source, withoutComments } from "./sources.ts";

/** What a rule found wrong, each as `path: what`. */
type Findings = string[];

const each = (sources: readonly Source[], find: (source: Source) => readonly string[]): Findings =>
  sources.flatMap((source) => find(source).map((what) => `${source.path}: ${what}`));

/** Engines are named only where they are made; `schema.*.sql` and the list of engines that tests run on excepted. */
export function engineWords(sources: readonly Source[]): Findings {
  const elsewhere = sources.filter(({ path }) => !path.startsWith("server/db/engine/"));
  return each(elsewhere, ({ text }) =>
    (withoutComments(text).match(/sqlite|postgres(?!ql)/gi) ?? []).map((word) => `names ${word}`),
  );
}

/** Statuses, headers and numeric codes of the wire stand only under `http/`. */
export function wireWords(sources: readonly Source[]): Findings {
  const outside = sources.filter((source) => !source.path.startsWith("server/http/") && !isTest(source));
  return each(outside, (source) => {
    const code = withoutComments(source.text);
    return [
      ...(code.match(/\b(?:status(?:_?code)?|statusCode)\s*[:=(]\s*[1-5]\d\d\b/gi) ?? []),
      ...(code.match(
        /"(?:retry-after|x-[a-z]+-[a-z-]+|content-type|location|www-authenticate|authorization)"/gi,
      ) ?? []),
      ...(code.match(/\bcode\s*[:=]\s*\d{4,5}\b/g) ?? []),
    ];
  });
}

/** Files have the name of a thing, and are short. */
export function fileNames(sources: readonly Source[]): Findings {
  return each(sources, ({ path, text }) => {
    const name = path.split("/").at(-1) ?? "";
    const lines = text.split("\n").length - 1;
    return [
      ...(/(^|[-.])(utils?|helpers?|common|misc|managers?)\b/.test(name) ? ["is named after nothing"] : []),
      ...(/^[a-z0-9-]+(\.[a-z]+)*\.ts$/.test(name) ? [] : ["is not in kebab-case"]),
      ...(lines > 300 ? [`has ${lines} lines, at most 300`] : []),
    ];
  });
}

/** Functions that are declared at the beginning of a line have at most 70 lines. */
export function longFunctions(sources: readonly Source[]): Findings {
  return each(sources, ({ text }) => {
    const lines = text.split("\n");
    return lines.flatMap((line, start) => {
      const [, indent, name] = /^(\s*)(?:export )?(?:async )?function (\w+)/.exec(line) ?? [];
      if (name === undefined) return [];
      const length = lines.slice(start).indexOf(`${indent}}`) + 1;
      return length > 70 ? [`${name} has ${length} lines, at most 70`] : [];
    });
  });
}

/** Everything that a file of the server exports says what it means. */
export function undocumented(sources: readonly Source[]): Findings {
  return each(
    sources.filter((source) => !isTest(source)),
    ({ text }) => {
      const lines = text.split("\n");
      return lines.flatMap((line, at) => {
        const [, name] = /^export (?:async )?(?:function|class|interface|type|const) (\w+)/.exec(line) ?? [];
        const above = lines[at - 1]?.trim() ?? "";
        const told = above.endsWith("*/") || above.startsWith("// biome-ignore");
        const derived = /^export type \w+ = Static</.test(line) || /^export function \w+.*;$/.test(line);
        return name && !told && !derived ? [`${name} has no docstring`] : [];
      });
    },
  );
}

/** There are two kinds of policy, so neither is ever only `policy`. */
export function loneNames(sources: readonly Source[]): Findings {
  const declared = /\b(?:const|let|function|type|interface|class) (?:policy|policies)\b/gi;
  const taken = /[({,]\s*(?:policy|policies)(?=\s*[,)}])/gi;
  return each(sources, (source) => [
    ...(codeOf(source).match(declared) ?? []),
    ...(codeOf(source).match(taken) ?? []),
  ]);
}

/** Tests that open a store do so on every engine. */
export function testsOnOneEngine(sources: readonly Source[]): Findings {
  return each(sources.filter(isTest), ({ text }) =>
    /\bstartServer\(|\.open\(\)/.test(text) && !/\bengines\b/.test(text)
      ? ["opens a store without going through the engines"]
      : [],
  );
}
