import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "./config.ts";

test("everything has a default", () => {
  assert.deepEqual(readConfig({ FLOTILLA_HOST: " " }), {
    host: "127.0.0.1",
    port: 8080,
    dataFolder: "./data",
    databaseUrl: undefined,
    logLevel: "info",
    rateLimits: {
      v4: { requests: 1200, windowS: 300 },
      rest: { requests: 6000, windowS: 60 },
      device: { requests: 120, windowS: 60 },
      enrolment: { requests: 500, windowS: 1 },
    },
    bodyLimit: { default: 1_048_576, batch: 4_194_304 },
    maxInFlight: 256,
    unknownPolicyIds: "refuse",
    userGroupMembersPerPage: 100,
    bootstrap: {},
  });
});

test("settings are read into their types", () => {
  const config = readConfig({
    FLOTILLA_PORT: "0",
    FLOTILLA_RATE_LIMIT_V4: "off",
    FLOTILLA_RATE_LIMIT_REST: "10/2h",
    FLOTILLA_RATE_LIMIT_DEVICE: "off",
    FLOTILLA_RATE_LIMIT_ENROLMENT: "20/1s",
    FLOTILLA_BODY_LIMIT: "8388608",
    FLOTILLA_BOOTSTRAP_EMAIL: "user@example.com",
    FLOTILLA_BOOTSTRAP_API_KEY: "144c9defac04969c7bfad8efaa8ea194",
  });
  assert.equal(config.port, 0);
  assert.deepEqual(config.rateLimits, {
    ...{ v4: null, rest: { requests: 10, windowS: 7200 } },
    ...{ device: null, enrolment: { requests: 20, windowS: 1 } },
  });
  assert.deepEqual(config.bodyLimit, { default: 8_388_608, batch: 8_388_608 });
  assert.deepEqual(config.bootstrap, {
    email: "user@example.com",
    apiKey: "144c9defac04969c7bfad8efaa8ea194",
  });
});

for (const [name, value] of [
  ["FLOTILLA_PORT", "http"],
  ["FLOTILLA_PORT", "65536"],
  ["FLOTILLA_DATABASE_URL", "mysql://x"],
  ["FLOTILLA_LOG_LEVEL", "loud"],
  ["FLOTILLA_RATE_LIMIT_V4", "1200"],
  ["FLOTILLA_RATE_LIMIT_REST", "0/1m"],
  ["FLOTILLA_RATE_LIMIT_DEVICE", "120"],
  ["FLOTILLA_RATE_LIMIT_ENROLMENT", "500/0s"],
  ["FLOTILLA_BODY_LIMIT", "1"],
  ["FLOTILLA_MAX_IN_FLIGHT", "0"],
  ["FLOTILLA_UNKNOWN_POLICY_IDS", "maybe"],
  ["FLOTILLA_USER_GROUP_MEMBERS_PER_PAGE", "501"],
  ["FLOTILLA_BOOTSTRAP_ACCOUNT_ID", "xyz"],
  ["FLOTILLA_BOOTSTRAP_EMAIL", "nobody"],
  ["FLOTILLA_BOOTSTRAP_API_TOKEN", "short"],
] as const)
  test(`${name}=${value} is refused by name, in one line`, () => {
    assert.throws(
      () => readConfig({ [name]: value }),
      (error: Error) => error.message.startsWith(`${name}: expected `) && !error.message.includes("\n"),
    );
  });
