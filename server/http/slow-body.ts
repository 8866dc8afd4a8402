import type { FastifyInstance } from "fastify";
import { Failure } from "../failure.ts";

/** Milliseconds that a client has to send a body. */
const bodyMs = 15_000;

/** Cuts off clients that drip their bodies: Node has one limit for all routes, and looks at it only now and then. */
export function guardBodies(app: FastifyInstance, limitMs = bodyMs): void {
  app.addHook("preParsing", (request, reply, payload, done) => {
    const { raw } = request;
    if (raw.complete || (!raw.headers["content-length"] && !raw.headers["transfer-encoding"])) return done(null, payload);
    const timer = setTimeout(() => {
      reply.raw.once("finish", () => raw.destroy());
      reply
        .header("connection", "close")
        .send(new Failure("too-slow", `the body did not arrive within ${limitMs / 1000} seconds`));
    }, limitMs);
    raw.once("end", () => clearTimeout(timer));
    raw.once("close", () => clearTimeout(timer));
    done(null, payload);
  });
}
