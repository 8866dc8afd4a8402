import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import { Failure } from "../failure.ts";
import type { Caller } from "../operation/caller.ts";
import { conforms } from "../operation/check.ts";
import type { Face, Reply } from "../operation/face.ts";
import type { Impact } from "../operation/impact.ts";
import type { Listed, Page } from "../operation/page.ts";
import { hasCredentials, readCredentials, strangerFrom } from "./credentials.ts";
import type { Crowd } from "./crowd.ts";
import type { Answer, DialectAccent } from "./dialect.ts";
import { dialects, send, sendText } from "./failing.ts";
import { beginWork } from "./idle.ts";
import { bytesOf, sendLines } from "./lines.ts";
import type { AppParts } from "./parts.ts";
import { makeRateLimit } from "./rate-limit.ts";
import { makeStormLimit } from "./storm.ts";
import { type Arrived, makeWireReader, type WireReader } from "./wire.ts";

declare module "fastify" {
  interface FastifyRequest {
    caller: Caller | null;
  }
}

/** Makes a route of every face. A request says who it is, is counted, passes the crowd, and goes to the hall. */
export function addRoutes(app: FastifyInstance, parts: AppParts, crowd: Crowd): void {
  app.decorateRequest("caller", null);
  const limit = limiter(parts);
  for (const face of parts.faces) {
    const accent = dialects[face.dialect];
    const reader = makeWireReader(face, accent);
    const accepted = acceptedBy(face, parts);
    const handler = handlerOf(face, accent, reader, parts);
    const route: RouteOptions = {
      method: face.method,
      url: accent.prefix + face.path.replace(/\{(\w+)\}/g, ":$1"),
      bodyLimit: face.bodyLimit ? parts.config.bodyLimit[face.bodyLimit] : parts.config.bodyLimit.default,
      config: { face },
      onRequest: async (request, reply) => {
        const caller = await callerOf(request, face, parts);
        request.caller = caller;
        if (accepted !== "") reply.header("x-accepted-permissions", accepted);
        limit(caller, face, reply);
      },
      // Only whoever has sent its body takes a place: else dripping it would keep everybody else out.
      preHandler: async (request, reply) => {
        beginWork(request, reply);
        const leave = await crowd.enter();
        if (!reply.raw.closed) reply.raw.once("close", leave);
        else {
          leave();
          reply.hijack();
        }
      },
      handler,
    };
    if (face.takes) app.register(async (apart) => addStreaming(apart, route));
    else app.route(route);
  }
}

/** A route that reads its body as it arrives: nobody collects it first, and it may be of any length. */
function addStreaming(app: FastifyInstance, route: RouteOptions): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _body, done) => done(null));
  app.route(route);
}

/** A face for strangers knows who calls only where that is said. */
async function callerOf(
  { headers, ip }: FastifyRequest,
  { operation: { access } }: Face,
  { identify }: AppParts,
): Promise<Caller> {
  const open = "to" in access && access.to === "strangers";
  return open && !hasCredentials(headers) ? strangerFrom(ip) : identify(readCredentials(headers), ip);
}

/** Whoever calls as a device, or to enrol one, is counted apart: a fleet leaves people the limits that they have. */
function limiter({ config: { rateLimits }, nowMs, random }: AppParts) {
  const { v4, rest, device, enrolment } = rateLimits;
  const standings = {
    v4: v4 && makeRateLimit(v4, nowMs),
    rest: rest && makeRateLimit(rest, nowMs),
    device: device && makeRateLimit(device, nowMs),
    enrolment: enrolment && makeStormLimit(enrolment, nowMs, random),
  };
  return ({ type, id }: Caller, { dialect }: Face, reply: FastifyReply) => {
    const standing = standings[type === "device" || type === "enrolment" ? type : dialect]?.(id);
    if (!standing) return;
    reply.headers(dialects[dialect].limitHeaders(standing));
    const { limit, windowS, retryAfterS, exceeded } = standing;
    if (exceeded)
      throw new Failure(
        "rate-limited",
        `More than ${limit} requests per ${windowS} seconds reached. Please wait and consider throttling your request speed`,
        { retryAfterS },
      );
  };
}

function acceptedBy({ operation: { access } }: Face, { groupsContaining }: AppParts): string {
  return "permission" in access ? groupsContaining(access.permission).join(", ") : "";
}

function handlerOf(face: Face, accent: DialectAccent, reader: WireReader, parts: AppParts) {
  const { operation } = face;
  const check = parts.checkAnswers ? conforms(accent.bodySchema(face)) : undefined;
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const arrived = arrivedIn(request);
    const { account, dryRun } = reader.envelope(arrived);
    let input: ReturnType<WireReader["input"]> | undefined;
    const performed = await parts.hall.perform(operation, {
      caller: request.caller as Caller,
      path: arrived.path,
      ...(account !== undefined && { account }),
      dryRun,
      ...(face.takes && { body: bytesOf(request) }),
      again: () => callerOf(request, face, parts),
      input() {
        input ??= reader.input(arrived);
        return input;
      },
    });
    const wire = input?.wire ?? { path: arrived.path, query: {}, body: undefined };
    const written = { ...wire, org: performed.account?.orgId ?? "" };
    if (face.gives) {
      const output = performed.output as AsyncIterable<unknown>;
      return sendLines(reply, face.gives, linesOf(face, output, written, check));
    }
    const text = check ? undefined : face.text?.(performed.output);
    if (text !== undefined) return sendText(reply, text);
    const answer = withImpact(
      answerOf(face, accent, performed.output, written, input?.page, dryRun),
      performed.impact,
    );
    const mismatch = answer.body === undefined ? null : check?.(answer.body);
    if (mismatch)
      throw new Error(`${operation.name} answered what its schema does not describe: ${mismatch}`);
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

/** A NUL can't be part of any id, and not every engine can even compare with it: it stands for no object. */
function arrivedIn(request: FastifyRequest): Arrived {
  const params = request.params as Record<string, string>;
  return {
    path: request.url.includes("%00") ? withoutNul(params) : params,
    queryText: (request.query as { text?: string }).text ?? "",
    contentType: request.headers["content-type"],
    body: request.body as Uint8Array | undefined,
  };
}

function withoutNul(params: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, value.includes("\0") ? "" : value]),
  );
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
