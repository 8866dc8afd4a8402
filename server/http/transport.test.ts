import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, describe, it } from "node:test";
import Fastify from "fastify";
import { engines } from "../../test/engines.ts";
import { first, type Running, startServer } from "../../test/server.ts";
import { Failure } from "../failure.ts";
import { makeCrowd } from "./crowd.ts";
import { answerFailures } from "./failing.ts";
import { makeRateLimit } from "./rate-limit.ts";
import { guardBodies } from "./slow-body.ts";

const [engine] = engines;

/** Sends bytes and answers what comes back until the other side closes. */
async function raw(url: string, text: string): Promise<string> {
  const socket = await open(url);
  socket.write(text);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
}

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  return socket;
}

describe("a crowd", () => {
  it("lets so many in, keeps as many waiting in order, and turns the rest away", async () => {
    const crowd = makeCrowd(1);
    const order: string[] = [];
    const leaveFirst = await crowd.enter();
    const second = Promise.resolve(crowd.enter()).then((leave) => {
      order.push("second");
      leave();
    });
    await assert.rejects(async () => crowd.enter(), { kind: "unavailable" });
    order.push("first leaves");
    leaveFirst();
    leaveFirst();
    await second;
    assert.deepEqual(order, ["first leaves", "second"]);
    (await crowd.enter())();
  });
});

describe("a rate limit", () => {
  it("counts each credential in its own window, which begins with its first request", () => {
    let now = 0;
    const standingOf = makeRateLimit({ requests: 2, windowS: 10 }, () => now);
    assert.deepEqual(
      [standingOf("a"), standingOf("a"), standingOf("a")].map(({ remaining, exceeded }) => [
        remaining,
        exceeded,
      ]),
      [
        [1, false],
        [0, false],
        [0, true],
      ],
    );
    assert.equal(standingOf("b").exceeded, false);
    now = 9_999;
    assert.deepEqual([standingOf("a").exceeded, standingOf("a").resetS], [true, 1]);
    now = 10_000;
    assert.equal(standingOf("a").exceeded, false);
  });
});

describe("a slow body", () => {
  it("is cut off with an answer in the dialect of the address", async () => {
    const app = Fastify();
    guardBodies(app, 50);
    answerFailures(app);
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    app.post("/client/v4/x", async () => ({}));
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    const head =
      "POST /client/v4/x HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{";
    const answer = await raw(url, head);
    assert.match(answer, /^HTTP\/1\.1 408 /);
    assert.match(answer, /"code":1408/);
    assert.match(answer, /connection: close/i);
    await app.close();
  });

  it("does not outlive the answer that it was refused with", async () => {
    const app = Fastify();
    guardBodies(app, 50);
    app.addHook("preParsing", async () => {
      throw new Failure("unauthenticated", "who are you?", { reason: "no-credential" });
    });
    answerFailures(app);
    app.post("/api/v1/x", async () => ({}));
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    const answer = await raw(url, "POST /api/v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{");
    assert.match(answer, /^HTTP\/1\.1 401 /);
    await app.close();
  });
});

describe("the server's transport", () => {
  const started: Running[] = [];
  const start = async (config: Record<string, unknown> = {}) => {
    const running = await startServer(await (engine as NonNullable<typeof engine>).open(), { config });
    started.push(running);
    return running;
  };
  after(async () => {
    for (const running of started) await running.stop();
  });

  it("answers too many requests in each dialect's own way, and leaves health alone", async () => {
    const limit = { requests: 2, windowS: 60 };
    const { ask } = await start({ rateLimits: { v4: limit, rest: limit } });
    const many = async (path: string) => {
      const told = [];
      for (let index = 0; index < 3; index++) told.push(await ask("GET", path));
      return told;
    };
    const [allowed, , v4] = await many("/client/v4/accounts");
    assert.match(allowed?.headers.get("ratelimit") ?? "", /^"default";r=1;t=\d+$/);
    assert.equal(allowed?.headers.get("ratelimit-policy"), '"default";q=2;w=60');
    assert.deepEqual([v4?.status, v4?.body.errors[0].code], [429, 10429]);
    assert.match(v4?.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
    const [, , rest] = await many(`/api/v1/devices?org_id=${first.orgId}`);
    assert.deepEqual([rest?.status, rest?.body.error], [429, "rate_limited"]);
    assert.equal(rest?.headers.get("x-ratelimit-remaining"), "0");
    for (const { status } of [...(await many("/healthz")), ...(await many("/readyz"))])
      assert.equal(status, 200);
  });

  it("knows what it has and what it has not", async () => {
    const { ask } = await start();
    const put = await ask("PUT", `/client/v4/accounts/${first.accountId}/devices/deployment-groups`);
    assert.deepEqual(
      [put.status, put.headers.get("allow"), put.body.errors[0].code],
      [405, "GET, POST", 1405],
    );
    const unknown = await ask("GET", "/client/v4/nothing/here");
    assert.deepEqual([unknown.status, unknown.body.errors[0].code], [404, 7003]);
    assert.deepEqual(
      [(await ask("GET", "/api/v1/nothing")).body.error, (await ask("GET", "/")).status],
      ["not_found", 404],
    );
    const type = await ask("POST", "/api/v1/device-groups", {
      text: "a=b",
      headers: { "content-type": "text/plain" },
    });
    assert.deepEqual([type.status, type.body.error], [415, "bad_request"]);
    const big = await ask("POST", "/api/v1/device-groups", { text: "x".repeat(1024 * 1024 + 1) });
    assert.deepEqual([big.status, big.body.code], [413, "payload_too_large"]);
  });

  it("ends requests in flight when it closes, and keeps no connection", async () => {
    const running = await start();
    const body = JSON.stringify({ org_id: first.orgId, name: "In flight" });
    const socket = await open(running.url);
    const head = [
      "POST /api/v1/device-groups HTTP/1.1",
      "host: x",
      `authorization: Bearer ${first.apiToken}`,
    ];
    const more = ["content-type: application/json", `content-length: ${body.length}`, "", ""];
    const idle = await open(running.url);
    const arrived = once(running.server.app.server, "request");
    socket.write([...head, ...more].join("\r\n"));
    await arrived;
    const closed = running.server.app.close();
    socket.write(body);
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    assert.match(answer, /^HTTP\/1\.1 201 /);
    assert.match(answer, /connection: close/i);
    await closed;
    idle.destroy();
  });
});
