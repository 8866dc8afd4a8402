import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Failure } from "../failure.ts";
import type { Face } from "../operation/face.ts";
import type { Answer, DialectAccent } from "./dialect.ts";
import { rest } from "./rest/index.ts";
import { v4 } from "./v4/index.ts";

/** The dialects, by name. */
export const dialects = { v4, rest } as const;

declare module "fastify" {
  interface FastifyContextConfig {
    face?: Face;
  }
}

/** The dialect that an address belongs to; what belongs to none is answered in plain REST. */
function accentFor(url: string): DialectAccent {
  return url === v4.prefix || url.startsWith(`${v4.prefix}/`) ? v4 : rest;
}

/** Turns whatever was thrown on the way into an answer in the dialect of the address. */
export function answerFailures(app: FastifyInstance): void {
  const verbsOf = verbsOfRoutes(app);
  app.setErrorHandler((error: FastifyError | Failure, request, reply) => {
    const failed = { face: request.routeOptions?.config?.face, url: pathOf(request), requestId: request.id };
    const accent = accentFor(failed.url);
    const failure = asFailure(error);
    // People who report a failure can name it, and it can be found in the log.
    reply.header("x-request-id", request.id);
    if (failure) return send(reply, accent.failure(failure, failed));
    request.log.error({ err: error, reqId: request.id }, "a request failed unexpectedly");
    return send(reply, accent.bug(failed));
  });
  app.setNotFoundHandler((request) => {
    const allow = verbsOf(pathOf(request));
    if (allow.length > 0)
      throw new Failure(
        "wrong-verb",
        `${request.method} is not available here; expected ${allow.join(", ")}`,
        {
          allow,
        },
      );
    throw new Failure("no-route", `there is nothing at ${pathOf(request)}`);
  });
}

/** Answers an address that the router can't even read: badly encoded, or with an identifier that is too long. */
export function failEarly(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const failed = { face: undefined, url: pathOf(request), requestId: request.id };
  send(reply, accentFor(failed.url).failure(new Failure("no-route", error.message), failed));
}

/** Sends an answer of a dialect. */
export function send(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  reply.code(status);
  if (headers) reply.headers(headers);
  if (body === undefined) return reply.send();
  return sendText(reply, JSON.stringify(body));
}

/** Sends an answer that is JSON already. */
export function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.header("content-type", "application/json; charset=utf-8").send(text);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? "";
}

function asFailure(error: FastifyError | Failure): Failure | undefined {
  if (error instanceof Failure) return error;
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") return new Failure("too-large", "the body is too large");
  const { statusCode = 500 } = error;
  if (statusCode === 415) return new Failure("not-json", "expected content of the type application/json");
  return statusCode < 500 ? new Failure("invalid", error.message, { pointer: "" }) : undefined;
}

/** Keeps count of the routes that are added from now on; answers which verbs those have that a path fits. */
function verbsOfRoutes(app: FastifyInstance): (path: string) => string[] {
  const routes: { pattern: RegExp; method: string }[] = [];
  app.addHook("onRoute", ({ url, method }) => {
    const pattern = new RegExp(`^${url.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}/?$`);
    for (const verb of [method].flat()) routes.push({ pattern, method: verb });
  });
  return (path) => {
    const fitting = routes.filter(({ pattern, method }) => method !== "HEAD" && pattern.test(path));
    return [...new Set(fitting.map(({ method }) => method))].sort();
  };
}
