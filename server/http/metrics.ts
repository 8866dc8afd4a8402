import type { FastifyInstance, onResponseHookHandler } from "fastify";
import { collectDefaultMetrics, Registry } from "prom-client";
import { Histogram } from "./histogram.ts";

/** Counts and times requests by route and status, and serves the figures at `/metrics`. Routes come after it. */
export function countRequests(app: FastifyInstance): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram(
    "http_request_duration_seconds",
    "Time from a request's arrival to the end of its answer",
  );
  app.addHook("onRoute", (route) => {
    route.onResponse = timing(seconds, route.url);
  });
  const elsewhere = timing(seconds, "none");
  app.addHook("onResponse", function (request, reply, done) {
    if (request.is404) elsewhere.call(this, request, reply, done);
    else done();
  });
  app.get("/metrics", async (_request, reply) => {
    reply.header("content-type", registry.contentType);
    return (await registry.metrics()) + seconds.text();
  });
}

/** Times the answers of one route. */
function timing(seconds: Histogram, route: string): onResponseHookHandler {
  const observers = new Map<string, (seconds: number) => void>();
  return ({ method }, reply, done) => {
    const { statusCode: status } = reply;
    const key = `${method} ${status}`;
    let observe = observers.get(key);
    if (!observe) {
      observe = seconds.series({ method, route, status });
      observers.set(key, observe);
    }
    observe(reply.elapsedTime / 1000);
    done();
  };
}
