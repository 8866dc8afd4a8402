import assert from "node:assert/strict";
import { it, mock } from "node:test";
import { ConflictError, RateLimitError } from "cloudflare";
import { first } from "../server.ts";
import { fails, last, type Setting, withClient } from "./recorded.ts";

const account_id = first.accountId;
const windowS = 37;
const limited = { is: RateLimitError, status: 429, code: 10429, says: /More than 3 requests per 37 seconds/ };

/** Each test begins with a window in which nothing was asked yet. */
const rested = (at: Setting) => at.clock.advance(windowS * 1_000_000);
const listed = (at: Setting, options: { maxRetries: number }) => at.client.accounts.list({}, options);

withClient(
  "the official client under a rate limit",
  (at) => {
    saying(at);
    retrying(at);
    counting(at);
  },
  { config: { rateLimits: { v4: { requests: 3, windowS }, rest: null } } },
);

withClient("the official client and a conflict", conflicting);

withClient("the official client without a rate limit", (at) => {
  it("is told of none", async () => {
    await at.client.accounts.list();
    for (const header of ["ratelimit", "ratelimit-policy", "retry-after"])
      assert.equal(last(at.wire).headers.get(header), null);
  });
});

function saying(at: Setting): void {
  it("is told with every answer what is left of the window and when it ends", async () => {
    rested(at);
    const said = () => ["ratelimit", "ratelimit-policy"].map((header) => last(at.wire).headers.get(header));
    for (const remaining of [2, 1]) {
      await listed(at, { maxRetries: 0 });
      assert.deepEqual(said(), [`"default";r=${remaining};t=${windowS}`, `"default";q=3;w=${windowS}`]);
    }
    at.clock.advance(30_500_000);
    await assert.rejects(at.client.accounts.get({ account_id: "elsewhere" }), { status: 403 });
    assert.deepEqual(said(), ['"default";r=0;t=7', `"default";q=3;w=${windowS}`]);
    await fails(listed(at, { maxRetries: 0 }), limited);
    assert.deepEqual(said(), ['"default";r=0;t=7', `"default";q=3;w=${windowS}`]);
    assert.equal(last(at.wire).headers.get("retry-after"), "7");
    assert.equal(last(at.wire).headers.get("x-should-retry"), null);
  });

  it("is refused until the window ends, and then served", async () => {
    rested(at);
    for (let request = 0; request < 3; request += 1) await listed(at, { maxRetries: 0 });
    const requests = at.wire.length;
    await fails(listed(at, { maxRetries: 0 }), limited);
    assert.equal(at.wire.length, requests + 1);
    at.clock.advance((windowS - 1) * 1_000_000);
    await fails(listed(at, { maxRetries: 0 }), limited);
    assert.equal(last(at.wire).headers.get("retry-after"), "1");
    at.clock.advance(1_000_000);
    await listed(at, { maxRetries: 0 });
  });
}

/** Lets the client's waits of so many milliseconds pass at once, and answers what ends that and how many there were. */
function passing(waitMs: number, clock: Setting["clock"]): () => number {
  const real = globalThis.setTimeout;
  let waits = 0;
  const timer = mock.method(globalThis, "setTimeout", (act: () => void, ms?: number, ...more: any[]) => {
    if (ms !== waitMs) return real(act, ms, ...(more as []));
    waits += 1;
    clock.advance(ms * 1000);
    return real(act, 0);
  });
  return () => {
    timer.mock.restore();
    return waits;
  };
}

function retrying(at: Setting): void {
  it("waits as many seconds as it is told to, and then gets what it asked for", async () => {
    rested(at);
    for (let request = 0; request < 3; request += 1) await listed(at, { maxRetries: 0 });
    const requests = at.wire.length;
    const passed = passing(windowS * 1000, at.clock);
    const { result } = await listed(at, { maxRetries: 2 }).finally(() => assert.equal(passed(), 1));
    assert.equal(result[0]?.id, account_id);
    const exchanges = at.wire.slice(requests);
    assert.deepEqual(
      exchanges.map(({ status, sent }) => [status, sent.get("x-stainless-retry-count")]),
      [
        [429, "0"],
        [200, "1"],
      ],
    );
    assert.match(exchanges[0]?.headers.get("retry-after") ?? "", /^\d+$/);
  });
}

function counting(at: Setting): void {
  it("is counted by its credential, and takes nothing from another", async () => {
    rested(at);
    for (let request = 0; request < 3; request += 1) await listed(at, { maxRetries: 0 });
    await fails(listed(at, { maxRetries: 0 }), limited);
    const other = at.with({ apiEmail: first.email, apiKey: first.apiKey });
    await other.client.accounts.list();
    assert.match(last(other.wire).headers.get("ratelimit") ?? "", /r=2;/);
  });
}

function conflicting(at: Setting): void {
  const version_config = [{ target_environment: "macos", version: "2026.6.836.0" }];
  const wanted = { account_id, name: "Ring", version_config, policy_ids: ["one"] };

  it("is told not to try a conflict again, and does not", async () => {
    const groups = at.client.zeroTrust.devices.deploymentGroups;
    const { id } = await groups.create(wanted);
    const other = await groups.create({ ...wanted, policy_ids: [] });
    const requests = at.wire.length;
    const expected = { is: ConflictError, status: 409, code: 1409, pointer: "/policy_ids" };
    await fails(groups.create(wanted, { maxRetries: 10 }), expected);
    await fails(groups.edit(other.id, { account_id, policy_ids: ["one"] }, { maxRetries: 10 }), expected);
    const exchanges = at.wire.slice(requests);
    assert.deepEqual(
      exchanges.map(({ status, headers }) => [
        status,
        headers.get("x-should-retry"),
        headers.get("retry-after"),
      ]),
      [
        [409, "false", null],
        [409, "false", null],
      ],
    );
    await groups.delete(id, { account_id });
    await groups.create(wanted);
  });
}
