import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** The answers that are being worked on, by their connections. */
const answers = new WeakMap<Socket, ServerResponse>();

/** Says that a request has arrived as a whole and is worked on from now on, until its answer begins. */
export function beginWork({ raw }: FastifyRequest, reply: FastifyReply): void {
  answers.set(raw.socket, reply.raw);
}

/**
 * Ends connections on which nothing happens for `connectionTimeout`, but for those whose request is being worked on: a
 * change of a whole fleet may take longer than that, and says nothing meanwhile. A client that does not read its answer
 * is idle.
 */
export function guardIdle(app: FastifyInstance): void {
  app.server.on("timeout", (socket: Socket) => {
    const answer = answers.get(socket);
    if (!answer || answer.headersSent) socket.destroy();
  });
}
