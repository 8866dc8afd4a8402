import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Failure } from "../failure.ts";

/** Milliseconds that a client has to send a body. */
const bodyMs = 15_000;

/**
 * Cuts off clients that drip their bodies, whether or not their request was answered meanwhile: Node has one
 * limit for all routes, and looks at it only now and then.
 */
export function guardBodies(app: FastifyInstance, limitMs = bodyMs): void {
  app.addHook("onRequest", (request, reply, done) => {
    const { raw } = request;
    const { "content-length": length, "transfer-encoding": encoding } = raw.headers;
    if ((length && length !== "0") || encoding) {
      // Whoever reads a body as it arrives looks at the time by itself, until it is answered.
      if (request.routeOptions.config.face?.takes) return leaveSoon(request, reply, limitMs, done);
      const timer = setTimeout(() => {
        if (reply.sent) return raw.destroy();
        reply.raw.once("finish", () => raw.destroy());
        reply
          .header("connection", "close")
          .send(new Failure("too-slow", `the body did not arrive within ${limitMs / 1000} seconds`));
      }, limitMs).unref();
      raw.once("close", () => clearTimeout(timer));
    }
    done();
  });
}

/** A client that goes on sending after it was answered may do so for a while, to read its answer. */
function leaveSoon({ raw }: FastifyRequest, reply: FastifyReply, limitMs: number, done: () => void): void {
  reply.raw.once("finish", () => {
    if (raw.readableEnded || raw.destroyed) return;
    const timer = setTimeout(() => raw.destroy(), limitMs).unref();
    raw.once("close", () => clearTimeout(timer));
    raw.resume();
  });
  done();
}
