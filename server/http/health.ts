import type { FastifyInstance } from "fastify";

/** Serves what a supervisor asks: is the process up, and can it serve? Neither takes a credential or is limited. */
export function serveHealth(app: FastifyInstance, alive: () => Promise<void>, draining: () => boolean): void {
  const up = async () => ({ status: "ok" });
  app.get("/healthz", up);
  app.get("/health", up);
  app.get("/readyz", async (_request, reply) => {
    if (draining()) return reply.code(503).send({ status: "draining" });
    try {
      await alive();
      return { status: "ready" };
    } catch {
      return reply.code(503).header("retry-after", "1").send({ status: "the store does not answer" });
    }
  });
}
