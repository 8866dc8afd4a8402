import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * Ends connections on which nothing happens for `connectionTimeout`, but for those whose request is being worked on: a
 * change of a whole fleet may take longer than that, and says nothing meanwhile.
 */
export function guardIdle(app: FastifyInstance): void {
  const working = new WeakSet<Socket>();
  app.addHook("preHandler", (request, _reply, done) => {
    working.add(request.raw.socket);
    done();
  });
  // From here on it depends on the client: one that does not read its answer is idle.
  app.addHook("onSend", (request, _reply, _payload, done) => {
    working.delete(request.raw.socket);
    done();
  });
  app.server.on("timeout", (socket: Socket) => {
    if (!working.has(socket)) socket.destroy();
  });
}
