import { each, type Findings } from "./findings.ts";
import { codeOf, isTest, type Source, withoutComments } from "./sources.ts";

/** Where engines may be named: where they are made, and where the tests are told which there are. */
const mayNameEngines = [
  /^server\/db\/engine\//,
  /^test\/(engines|global)\.ts$/,
  // The rules themselves, and their planted violations.
  /^test\/house\//,
  // What only one of them promises: several processes on a server, one on a folder.
  /^test\/start\.test\.ts$/,
];

/** Engines are named only where they are made, in code and in comments, and nobody asks which one it has. */
export function engineWords(sources: readonly Source[]): Findings {
  const elsewhere = sources.filter(({ path }) => !mayNameEngines.some((those) => those.test(path)));
  return each(elsewhere, (source) => [
    ...(source.text.match(/sqlite|postgres(?!ql\b)/gi) ?? []),
    ...(codeOf(source).match(/\binstanceof \w*(?:Adapter|Dialect)\b|\bengine\.name [!=]==/g) ?? []),
  ]);
}

const headerNames =
  /"(?:accept|authorization|connection|content-(?:length|type)|etag|if-(?:none-)?match|location|retry-after|www-authenticate|x-[a-z]+-[a-z-]+)"/gi;

/** Statuses, headers and numeric codes of the wire stand only under `http/`. */
export function wireWords(sources: readonly Source[]): Findings {
  const outside = sources.filter((source) => !source.path.startsWith("server/http/") && !isTest(source));
  return each(outside, (source) => [
    ...(withoutComments(source.text).match(headerNames) ?? []),
    ...(codeOf(source).match(/\bheaders?\b|\bstatus_?code\b/gi) ?? []),
    ...(codeOf(source).match(/\bstatus\b\W{1,5}[1-5]\d\d\b/gi) ?? []),
    ...(codeOf(source).match(/\bcode\b\W{1,5}\d{3,5}\b/gi) ?? []),
  ]);
}

/** There are two kinds of policy, so neither is ever only `policy`. */
export function loneNames(sources: readonly Source[]): Findings {
  const declared = /\b(?:const|let|function|type|interface|class) (?:policy|policies)\b/gi;
  const taken = /[({,]\s*(?:policy|policies)(?=\s*[,)}])|\(\s*(?:policy|policies)\??:/gi;
  return each(sources, (source) => [
    ...(codeOf(source).match(declared) ?? []),
    ...(codeOf(source).match(taken) ?? []),
  ]);
}

/** One word for each thing: what a dialect calls otherwise is called so only where the dialect is spoken. */
export function otherWords(sources: readonly Source[]): Findings {
  const spoken = /\/faces\/|^server\/http\/|^server\/operation\/face\.ts$/;
  return each(sources, (source) => [
    ...(codeOf(source).match(/\b(?:cohorts?|tenants?)\b|\b(?:cohort|tenant)[A-Z]\w*/g) ?? []),
    ...(spoken.test(source.path) ? [] : (codeOf(source).match(/\b(?:org|orgs|organi[sz]ations?)\b/g) ?? [])),
  ]);
}
