import { first } from "../server.ts";
import { type Row, refuses } from "./table.ts";

const named = "/api/v1/devices/heartbeat";
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`new ${index}`, "x"]));

/** What every report, registration and change of a device gets wrong, beside what every body can. */
const bodies: readonly (readonly [what: string, body: object, pointer: string])[] = [
  ["more labels than one device has", { labels: many(65) }, "/labels"],
  ["more labels than fit beside the old ones", { labels: many(10) }, "/labels"],
  ["a label without a name", { labels: { "": "x" } }, "/labels/"],
  ["a label that is a number", { labels: { a: 1 } }, "/labels/a"],
  ["more metadata than one device has", { metadata: many(257) }, "/metadata"],
  ["metadata of too many bytes", { metadata: { a: "x".repeat(17_000) } }, "/metadata"],
  ["capabilities of too many bytes", { capabilities: { a: "x".repeat(17_000) } }, "/capabilities"],
  ["a version with a line end", { client_version: "1\n2" }, "/client_version"],
  ["an empty version", { client_version: "" }, "/client_version"],
  ["a charge of more than everything", { battery_pct: 100.5 }, "/battery_pct"],
  ["a platform that is no slug", { platform: "iOS 17" }, "/platform"],
  ["a user that is a text", { user: "one@example.com" }, "/user"],
  ["an empty e-mail address", { user: { email: "" } }, "/user/email"],
  ["too many groups", { user: { groups: Array.from({ length: 201 }, () => ({})) } }, "/user/groups"],
];

const attempts: readonly (readonly [what: string, client: unknown, pointer: string])[] = [
  ["an attempt at nothing", { state: "failed" }, "/client/version"],
  ["an attempt without a state", { version: "1" }, "/client/state"],
  ["a state that there is not", { version: "1", state: "done" }, "/client/state"],
  ["an attempt that is a text", "failed", "/client"],
  ["an empty code", { version: "1", state: "failed", error_code: "" }, "/client/error_code"],
  [
    "a detail that is too long",
    { version: "1", state: "failed", detail: "x".repeat(1025) },
    "/client/detail",
  ],
  ["a time that is none", { version: "1", state: "failed", attempted_at: "now" }, "/client/attempted_at"],
];

refuses("what devices report", async ({ running, things }) => {
  const { own, foreign, missing } = things.device ?? {};
  const at = `/api/v1/devices/${own?.id}`;
  const labels = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`old ${index}`, "x"]));
  await running.ask("PATCH", at, { body: { labels } });
  const { body: revoked } = await running.ask("POST", "/api/v1/devices/register", {
    body: { device_identifier: "revoked" },
  });
  await running.ask("POST", `/api/v1/devices/${revoked.id}/revoke`);
  const observed = `${at}/observed-state`;
  const ways: readonly (readonly [method: string, path: string, more?: object])[] = [
    ["POST", `${at}/heartbeat`],
    ["PUT", `${at}/heartbeat`],
    ["POST", named, { device_id: own?.id }],
    ["POST", observed],
    ["PATCH", at],
    ["POST", "/api/v1/devices/register", { device_identifier: "own" }],
  ];
  return [
    ...ways.flatMap(([method, path, more]) =>
      bodies.map(([what, body, pointer]) => {
        const said = `${what}, by ${method} ${path.replace(at, "")}`;
        return wrong(said, method, path, { ...more, ...body }, pointer);
      }),
    ),
    ...attempts.map(([what, client, pointer]) => wrong(what, "POST", observed, { client }, pointer)),
    ...[undefined, {}, { org_id: first.orgId }].map((body) =>
      wrong(`of nobody, by ${JSON.stringify(body)}`, "POST", named, body, "/device_identifier"),
    ),
    ...[foreign?.id, missing?.id, "register", "%00", "nobody"].flatMap((id) => refused(404, id)),
    ...refused(403, revoked.id),
    {
      what: "a heartbeat of one that the body names and that is not there",
      method: "POST",
      path: named,
      body: { device_identifier: missing?.id },
      wanted: { status: 404 },
    },
  ];
});

function wrong(what: string, method: string, path: string, body: unknown, pointer: string): Row {
  return { what, method, path, body, wanted: { status: 400, pointer } };
}

/** Every report of a device. */
function refused(status: number, id: string | undefined): Row[] {
  return ["heartbeat", "observed-state"].map((report) => {
    const path = `/api/v1/devices/${id}/${report}`;
    return { what: `the ${report} of ${id}`, method: "POST", path, body: {}, wanted: { status } };
  });
}
