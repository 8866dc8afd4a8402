import { dialects } from "./failing.ts";
import type { Document } from "./openapi.ts";
import { curlOf } from "./reference-example.ts";
import { type Html, html, joined, linkTo, none } from "./reference-html.ts";
import { memberList, type Schema, schemaPage } from "./reference-schema.ts";
import { style } from "./reference-style.ts";

type Content = Readonly<Record<string, { readonly schema?: Schema } | undefined>>;
type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
};
type Answer = { readonly description?: string; readonly content?: Content };

/** An operation as a document describes it. */
type Operation = {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly "x-permission"?: string | null;
  readonly "x-accepted-permissions"?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content?: Content };
  readonly responses?: Readonly<Record<string, Answer>>;
};

/** One operation and its address. */
type Entry = { readonly method: string; readonly path: string; readonly operation: Operation };

/** The operations of a dialect by the resource that they are about. */
type Part = {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly resources: ReadonlyMap<string, readonly Entry[]>;
};

/** The reference as one page of HTML: no script, nothing loaded from elsewhere. */
export function page(document: Document): string {
  const parts = partsOf(document);
  const { title, version } = document.info;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: reference</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${title}: reference</h1>
<p class="dim">Version ${version}. As OpenAPI ${document.openapi}: ${documentLinks()}</p>
</header>
<div class="page">
<nav>${parts.map(contents)}</nav>
<main>
${introduction(document)}
${parts.map(partSection)}
</main>
</div>
</body>
</html>
`.text;
}

const abouts = {
  v4: {
    title: "Cloudflare v4",
    about: "Answers stand in an envelope as result; lists come in pages by number, with result_info.",
  },
  rest: {
    title: "REST",
    about:
      "Answers are plain bodies; lists come in pages by limit and offset, or by cursor: the next_cursor before.",
  },
};

function partsOf({ paths }: Document): Part[] {
  const entries = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation: operation as Operation,
    })),
  );
  const names = ["v4", "rest"] as const;
  const dialectOf = ({ path }: Entry) => names.find((name) => path.startsWith(`${dialects[name].prefix}/`));
  const rest = {
    id: "other",
    title: "Other",
    about: "",
    resources: byResource(entries.filter((entry) => !dialectOf(entry))),
  };
  const parts = names.map((name) => ({
    id: name,
    title: `${abouts[name].title}, ${dialects[name].prefix}`,
    about: abouts[name].about,
    resources: byResource(entries.filter((entry) => dialectOf(entry) === name)),
  }));
  return [...parts, rest].filter(({ resources }) => resources.size > 0);
}

function byResource(entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  return Map.groupBy(entries, ({ operation }) => operation.tags?.[0] ?? "other");
}

function documentLinks(): Html {
  const urls = ["/openapi.json", ...Object.values(dialects).map(({ prefix }) => `${prefix}/openapi.json`)];
  return joined(
    urls.map((url) => html`<a href="${url}">${url}</a>`),
    ", ",
  );
}

const variables = `FLOTILLA=http://127.0.0.1:8080
TOKEN=$(sed -n 's/.*"api_token": "\\(.*\\)".*/\\1/p' data/credentials.json)
ACCOUNT_ID=$(sed -n 's/.*"account_id": "\\(.*\\)".*/\\1/p' data/credentials.json)
ORG_ID=$(sed -n 's/.*"org_id": "\\(.*\\)".*/\\1/p' data/credentials.json)`;

function introduction(document: Document): Html {
  return html`${credentials(document)}
<p>The examples are for a POSIX shell with these variables, and those of the path:</p>
<pre><code>${variables}</code></pre>
<p>Members and parameters that are not described here are ignored. With <code>dry_run=true</code> a write is checked
and answered as if it were done, and nothing is kept.</p>`;
}

function credentials({ components, security }: Document): Html {
  const { securitySchemes = {} } = components as { securitySchemes?: Record<string, { name?: string }> };
  const headerOf = (name: string) =>
    html`<code>${securitySchemes[name]?.name ?? "Authorization: Bearer"}</code>`;
  const ways = security.map((way) => joined(Object.keys(way).map(headerOf), " with "));
  return html`<p>Every operation takes a credential in a header: ${joined(ways, ", or ")}.</p>`;
}

function contents({ id, title, resources }: Part): Html {
  return html`<h2><a href="${linkTo(id)}">${title}</a></h2>
${[...resources].map(
  ([resource, entries]) =>
    html`<details open><summary>${resource}</summary><ul>${entries.map(
      ({
        method,
        path,
        operation,
      }) => html`<li><a href="${linkTo(operation.operationId)}">${operation.summary ?? path}</a>
<span class="method">${method}</span></li>`,
    )}</ul></details>`,
)}`;
}

function partSection({ id, title, about, resources }: Part): Html {
  const entries = [...resources.values()].flat();
  const failure = entries[0]?.operation.responses?.default;
  return html`<section><h2 id="${id}">${title}</h2><p>${about}</p>
${failure ? html`<h4 id="${failureId(id)}">When something went wrong</h4>${answerSchema(failure)}` : none}
${[...resources].map(
  ([resource, ofResource]) =>
    html`<h3>${resource}</h3>${ofResource.map((entry) => article(entry, id, failure))}`,
)}</section>`;
}

function failureId(part: string): string {
  return `${part}-failure`;
}

function article({ method, path, operation }: Entry, part: string, failure: Answer | undefined): Html {
  const { operationId, summary, description, parameters = [], requestBody } = operation;
  const body = schemaIn(requestBody?.content);
  const sent = requestBody?.content?.["application/json"]?.schema;
  return html`<article id="${operationId}">
<h4>${summary ?? operationId}</h4>
<p class="route"><span class="method">${method}</span><code>${breakable(path)}</code></p>
${description === undefined ? none : html`<p>${description}</p>`}
${rights(operation)}
${parameters.length > 0 ? html`<h5>Parameters</h5>${parameterList(parameters)}` : none}
${body ? html`<h5>Body${requestBody?.required ? "" : ", which may be left out"}</h5>${schemaPage(body, "sent")}` : none}
<h5>Answers</h5>${answers(operation, part, failure)}
<h5>Example</h5><pre><code>${example({ method, path, operation }, sent)}</code></pre>
</article>`;
}

/** A long address, which may break behind each slash. */
function breakable(path: string): Html {
  return html`${path.split(/(?<=\/)(?=.)/).map((piece) => html`${piece}<wbr>`)}`;
}

function rights(operation: Operation): Html {
  const { "x-permission": permission, "x-accepted-permissions": groups = [] } = operation;
  if (!permission) return html`<p class="rights">No permission decides this.</p>`;
  return html`<p class="rights">Needs <code>${permission}</code>, which is in ${groups.join(", ") || "no permission group"}.</p>`;
}

function parameterList(parameters: readonly Parameter[]): Html {
  const members = parameters.map(({ name, in: place, required = false, schema = {} }) => ({
    name,
    place,
    required,
    schema,
  }));
  return memberList(members, "sent");
}

/** The failures of a dialect look alike: they stand at its head, and here only where one is another. */
function answers({ responses = {} }: Operation, part: string, failure: Answer | undefined): Html {
  return html`${Object.entries(responses).map(([status, answer]) => {
    if (status === "default" && JSON.stringify(answer) === JSON.stringify(failure))
      return html`<p>Any other status: <a href="${linkTo(failureId(part))}">what went wrong</a></p>`;
    if (!schemaIn(answer.content))
      return html`<p><code>${status}</code> ${answer.description ?? ""}, without a body</p>`;
    return html`<details><summary><code>${status}</code> ${answer.description ?? ""}</summary>${answerSchema(answer)}</details>`;
  })}`;
}

function answerSchema({ content }: Answer): Html {
  const schema = schemaIn(content);
  return schema ? schemaPage(schema, "answered") : none;
}

/** Of lines, the schema of one. */
function schemaIn(content: Content = {}): Schema | undefined {
  return (content["application/json"] ?? Object.values(content)[0])?.schema;
}

/** The organization is named where it has to be, and where the body could name it too. */
function example({ method, path, operation }: Entry, body: Schema | undefined): string {
  const shown = ({ name, in: place, required }: Parameter) =>
    place === "query" && (required || (name === "org_id" && body?.properties?.org_id !== undefined));
  const query = (operation.parameters ?? []).filter(shown).map(({ name }) => name);
  return curlOf({ method, path, query, ...(body && { body }) });
}
