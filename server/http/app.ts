import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from "fastify";
import { makeCrowd } from "./crowd.ts";
import { answerFailures, failEarly } from "./failing.ts";
import { serveHealth } from "./health.ts";
import { guardIdle } from "./idle.ts";
import { countRequests } from "./metrics.ts";
import type { AppParts } from "./parts.ts";
import { serveReference } from "./reference.ts";
import { addRoutes } from "./routes.ts";
import { guardBodies } from "./slow-body.ts";

/** Milliseconds. Headers within 10 s, an idle connection kept for 30 s; bodies have a limit for each request. */
const limits = { headers: 10_000, keepAlive: 30_000, idle: 30_000, look: 1_000 };

/** Builds the HTTP side of the server; it listens only when told to. */
export function makeApp(parts: AppParts): FastifyInstance {
  const app = Fastify(optionsOf(parts));
  // A logger for each request costs as much as its routing; only those that log every request want one.
  if (!logsRequests(parts.config.logLevel)) app.log.child = () => app.log;
  let draining = false;
  app.addHook("preClose", async () => {
    draining = true;
  });
  // A connection kept alive would hold the closing server open until its client goes away.
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (draining) reply.header("connection", "close");
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  guardBodies(app);
  guardIdle(app);
  answerFailures(app);
  countRequests(app);
  serveHealth(app, parts.alive, () => draining);
  serveReference(app, parts);
  addRoutes(app, parts, makeCrowd(parts.config.maxInFlight));
  return app;
}

function optionsOf({ config }: AppParts): FastifyServerOptions {
  return {
    logger: { level: config.logLevel },
    logController: new LogController({
      disableRequestLogging: !logsRequests(config.logLevel),
    }),
    bodyLimit: config.bodyLimit.default,
    keepAliveTimeout: limits.keepAlive,
    connectionTimeout: limits.idle,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    http: {
      headersTimeout: limits.headers,
      requestTimeout: 0,
      connectionsCheckingInterval: limits.look,
    },
    routerOptions: {
      maxParamLength: 1024,
      ignoreTrailingSlash: true,
      // Queries are read where they are checked, by the schema of their face.
      querystringParser: (text) => ({ text }),
    },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      failEarly(error, request, reply);
    },
    genReqId: () => `req_${processStamp}${(requestNumber++).toString(36)}`,
  } as FastifyServerOptions;
}

function logsRequests(level: string): boolean {
  return level === "trace" || level === "debug";
}

/** Request ids are unique over restarts: they begin with when this process began. */
const processStamp = `${Date.now().toString(36)}_`;
let requestNumber = 0;
