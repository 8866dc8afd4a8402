import type { FastifyReply } from "fastify";
import { conforms } from "../operation/check.ts";
import type { Face, Reply, Wire } from "../operation/face.ts";
import type { Performed } from "../operation/hall.ts";
import type { Impact } from "../operation/impact.ts";
import type { Listed, Page } from "../operation/page.ts";
import type { Answer, DialectAccent } from "./dialect.ts";
import { send, sendText } from "./failing.ts";
import { sendLines } from "./lines.ts";
import type { AppParts } from "./parts.ts";

/** What an answer depends on beside what was done. */
export type Asked = {
  readonly wire: Wire<any, any>;
  readonly page: Page | undefined;
  readonly dryRun: boolean;
};

/**
 * Makes the last part of a route: it sends what an operation did, as its face and its dialect write it. Where answers are
 * checked it throws for one that its schema does not describe.
 */
export function makeAnswering(face: Face, accent: DialectAccent, { checkAnswers }: AppParts) {
  const { name } = face.operation;
  const check = checkAnswers ? conforms(accent.bodySchema(face)) : undefined;
  return (reply: FastifyReply, done: Performed, { wire, page, dryRun }: Asked): FastifyReply => {
    const written = { ...wire, org: done.account?.orgId ?? "" };
    if (face.gives) {
      const output = done.output as AsyncIterable<unknown>;
      return sendLines(reply, face.gives, linesOf(face, output, written, check));
    }
    const text = check ? undefined : face.text?.(done.output);
    if (text !== undefined) return sendText(reply, text);
    const answer = withImpact(answerOf(face, accent, done.output, written, page, dryRun), done.impact);
    const mismatch = answer.body === undefined ? null : check?.(answer.body);
    if (mismatch) throw new Error(`${name} answered what its schema does not describe: ${mismatch}`);
    return send(reply, answer);
  };
}

async function* linesOf(
  { operation, write }: Face,
  output: AsyncIterable<unknown>,
  reply: Reply<any, any>,
  check: ReturnType<typeof conforms> | undefined,
): AsyncGenerator<unknown> {
  for await (const item of output) {
    const line = write(item, reply);
    const mismatch = check?.(line);
    if (mismatch) throw new Error(`${operation.name} gave what its schema does not describe: ${mismatch}`);
    yield line;
  }
}

/** Stands at the top of what answers a dry run, in every dialect. */
function withImpact(answer: Answer, impact: Impact | undefined): Answer {
  return impact ? { ...answer, body: { ...(answer.body as object), impact } } : answer;
}

function answerOf(
  face: Face,
  accent: DialectAccent,
  output: unknown,
  reply: Reply<any, any>,
  page: Page | undefined,
  dryRun: boolean,
): Answer {
  if (page)
    return {
      status: accent.statusOf("done"),
      body: accent.list(face, output as Listed<unknown>, reply, page),
    };
  const outcome = typeof face.outcome === "function" ? face.outcome(output) : face.outcome;
  const said = dryRun && outcome === "gone" ? "done" : outcome;
  const status = accent.statusOf(said);
  const location = outcome === "created" && !dryRun && face.location?.(output);
  const headers = location ? { headers: { location: accent.prefix + location } } : {};
  if (status === accent.statusOf("gone") && said === "gone" && face.dialect === "rest")
    return { status, ...headers };
  return { status, ...headers, body: accent.one(face, output, reply, said) };
}
