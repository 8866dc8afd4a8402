import { each, type Findings } from "./findings.ts";
import { codeOf, isTest, type Source } from "./sources.ts";

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

/** The head of a function: declared, kept in a constant, handed to a call, or a method. */
const functionHead =
  /^(?:export )?(?:(?:async )?function\b.*|.*=> \{|(?:static |async |get |set )*#?\w+(?:<.*>)?\(.*\)(?:: .*)? \{)$/;
/** `describe` is a chapter of functions and no function; the others only look like methods. */
const noFunction = /^(?:describe|if|for|while|switch)\b/;

/** Functions have at most 70 lines, whichever way they are written. */
export function longFunctions(sources: readonly Source[]): Findings {
  return each(sources, ({ text }) => {
    const lines = text.split("\n");
    return lines.flatMap((line, start) => {
      const head = line.trim();
      if (!functionHead.test(head) || noFunction.test(head)) return [];
      const indent = line.slice(0, line.length - line.trimStart().length);
      // After a signature of several lines comes `): Answer {`, which closes nothing.
      const end = lines.findIndex(
        (other, at) => at > start && other.startsWith(`${indent}}`) && !other.endsWith("{"),
      );
      return end - start >= 70 ? [`${head} has ${end - start + 1} lines, at most 70`] : [];
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
        const above = lines.slice(0, at).findLast((each) => !each.startsWith("// biome-ignore")) ?? "";
        const told = above.trim().endsWith("*/");
        const derived = /^export type \w+ = Static</.test(line) || /^export function \w+.*;$/.test(line);
        return name && !told && !derived ? [`${name} has no docstring`] : [];
      });
    },
  );
}

const opensStore = /\bstartServer\(|\bopenStore\(|\bopen(?:Sqlite|Postgres)\(|\.(?:open|place)\(/;
/** Files of tests that open a store outside a loop over the engines, and why. */
const oneEngine = new Map([
  ["test/engines.ts", "the list of engines"],
  ["test/global.ts", "migrates what tests copy"],
  ["test/server.ts", "is given the store"],
  ["server/http/transport.test.ts", "ends before anything reaches a store"],
]);

/** Tests that open a store do so on every engine. */
export function testsOnOneEngine(sources: readonly Source[]): Findings {
  const those = sources.filter((source) => isTest(source) || source.path.startsWith("test/"));
  return each(those, (source) => {
    // What is special to one engine is tested beside it.
    if (oneEngine.has(source.path) || source.path.startsWith("server/db/engine/")) return [];
    return opensStore.test(codeOf(source)) && !/\bof engines\b/.test(source.text)
      ? ["opens a store without going through the engines"]
      : [];
  });
}
