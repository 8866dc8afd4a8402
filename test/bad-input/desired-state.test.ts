import { type Row, refuses } from "./table.ts";

/** What a device tells wrongly when it asks what it should run. */
const bodies: readonly (readonly [what: string, body: unknown, pointer: string])[] = [
  ["an attempt at nothing", { client: { state: "failed" } }, "/client/version"],
  ["an attempt without a state", { client: { version: "1" } }, "/client/state"],
  ["a state that there is not", { client: { version: "1", state: "done" } }, "/client/state"],
  ["an attempt that is a text", { client: "failed" }, "/client"],
  ["an empty version", { client_version: "" }, "/client_version"],
  ["a version with a line end", { client_version: "1\n2" }, "/client_version"],
  ["a platform that is no slug", { platform: "iOS 17" }, "/platform"],
  ["a charge of more than everything", { battery_pct: 101 }, "/battery_pct"],
  ["a label that is a number", { labels: { a: 1 } }, "/labels/a"],
  ["metadata of too many bytes", { metadata: { a: "x".repeat(17_000) } }, "/metadata"],
  ["a list", [], ""],
];

const revisions = [-1, 0.5, "1", null, 2 ** 53];

refuses("what devices should run", async ({ running, things }) => {
  const { own, foreign, missing } = things.device ?? {};
  const { body: revoked } = await running.ask("POST", "/api/v1/devices/register", {
    body: { device_identifier: "revoked" },
  });
  await running.ask("POST", `/api/v1/devices/${revoked.id}/revoke`);
  const at = (id: string | undefined, what: string) => `/api/v1/devices/${id}/${what}`;
  const wrong = (what: string, path: string, body: unknown, pointer: string): Row => ({
    ...{ what: `${what}, at ${path}`, method: "POST", path, body },
    wanted: { status: 400, pointer },
  });
  return [
    ...["desired-state", "sync"].flatMap((asking) => [
      ...bodies.map(([what, body, pointer]) => wrong(what, at(own?.id, asking), body, pointer)),
      ...[foreign?.id, missing?.id, "nobody", "%00"].map((id) => ({
        ...{ what: `${asking} of ${id}`, method: "POST", path: at(id, asking), body: {} },
        wanted: { status: 404 },
      })),
      {
        ...{
          what: `${asking} of one that is revoked`,
          method: "POST",
          path: at(revoked.id, asking),
          body: {},
        },
        wanted: { status: 403 },
      },
    ]),
    ...revisions.map((known_revision) =>
      wrong(`the revision ${known_revision}`, at(own?.id, "sync"), { known_revision }, "/known_revision"),
    ),
    ...["", "yes", "1", "true&explain=true"].map((explain) => ({
      ...{
        what: `explain=${explain}`,
        method: "GET",
        path: `${at(own?.id, "desired-state")}?explain=${explain}`,
      },
      wanted: { status: 400, pointer: "/explain" },
    })),
    ...[foreign?.id, missing?.id, "nobody"].map((id) => ({
      ...{
        what: `what ${id} should run`,
        method: "GET",
        path: at(id, "desired-state"),
        wanted: { status: 404 },
      },
    })),
  ];
});
