import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { it } from "node:test";
import Fastify from "fastify";
import { beginWork, guardIdle } from "./idle.ts";

it("a connection is ended when nothing happens on it, but not while its request is worked on", async () => {
  const app = Fastify({ connectionTimeout: 50 });
  guardIdle(app);
  const silent = Promise.withResolvers<void>();
  // Ends only once a connection that sent nothing was given up: by then this one was as silent for as long.
  app.get("/slow", async (request, reply) => {
    beginWork(request, reply);
    await silent.promise;
    return "done";
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  try {
    const { port } = app.server.address() as AddressInfo;
    const slow = fetch(`http://127.0.0.1:${port}/slow`).then((answer) => answer.text());
    const idle = connect(port, "127.0.0.1");
    idle.on("error", () => {});
    idle.once("close", () => silent.resolve());
    idle.resume();
    assert.equal(await slow, "done");
  } finally {
    await app.close();
  }
});
