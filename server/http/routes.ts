import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import { Failure } from "../failure.ts";
import type { Caller } from "../operation/caller.ts";
import type { Face } from "../operation/face.ts";
import type { Performed } from "../operation/hall.ts";
import { type Soon, when } from "../soon.ts";
import { makeAnswering } from "./answering.ts";
import { hasCredentials, readCredentials, strangerFrom } from "./credentials.ts";
import type { Crowd } from "./crowd.ts";
import type { DialectAccent } from "./dialect.ts";
import { dialects } from "./failing.ts";
import { beginWork } from "./idle.ts";
import { bytesOf } from "./lines.ts";
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
      onRequest: hook((request, reply) =>
        when(callerOf(request, face, parts), (caller) => {
          request.caller = caller;
          if (accepted !== "") reply.header("x-accepted-permissions", accepted);
          limit(caller, face, reply);
        }),
      ),
      // Only whoever has sent its body takes a place: else dripping it would keep everybody else out.
      preHandler: hook((request, reply) => {
        beginWork(request, reply);
        return when(crowd.enter(), (leave) => {
          if (!reply.raw.closed) return void reply.raw.once("close", leave);
          leave();
          reply.hijack();
        });
      }),
      handler,
    };
    if (face.takes) app.register(async (apart) => addStreaming(apart, route));
    else app.route(route);
  }
}

/** Fastify waits a turn of the queue for every promise of a hook: one that has nothing to wait for makes none. */
function hook(act: (request: FastifyRequest, reply: FastifyReply) => Soon<void>) {
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const acted = act(request, reply);
    if (acted instanceof Promise) acted.then(() => done(), done);
    else done();
  };
}

/** A route that reads its body as it arrives: nobody collects it first, and it may be of any length. */
function addStreaming(app: FastifyInstance, route: RouteOptions): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _body, done) => done(null));
  app.route(route);
}

/** A face for strangers knows who calls only where that is said. */
function callerOf(
  { headers, ip }: FastifyRequest,
  { operation: { access } }: Face,
  { identify }: AppParts,
): Soon<Caller> {
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
  const answer = makeAnswering(face, accent, parts);
  return (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> | undefined => {
    const arrived = arrivedIn(request);
    const { account, dryRun } = reader.envelope(arrived);
    let input: ReturnType<WireReader["input"]> | undefined;
    const performed = parts.hall.perform(operation, {
      caller: request.caller as Caller,
      path: arrived.path,
      ...(account !== undefined && { account }),
      dryRun,
      ...(face.takes && { body: bytesOf(request) }),
      again: async () => callerOf(request, face, parts),
      input() {
        input ??= reader.input(arrived);
        return input;
      },
    });
    const said = (done: Performed) => {
      const wire = input?.wire ?? { path: arrived.path, query: {}, body: undefined };
      return answer(reply, done, { wire, page: input?.page, dryRun });
    };
    if (performed instanceof Promise) return performed.then(said);
    said(performed);
    return undefined;
  };
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
