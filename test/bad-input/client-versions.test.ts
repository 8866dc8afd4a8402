import { first } from "../server.ts";
import { type Row, refuses } from "./table.ts";

const devices = `/client/v4/accounts/${first.accountId}/devices`;
const versions = `${devices}/client-versions`;
const groups = `${devices}/deployment-groups`;

/** What a new client version or a change of one gets wrong, beside what every body can. */
const bodies: readonly (readonly [what: string, body: object, pointer: string])[] = [
  ...["rc", "GA", "", 1, ["ga"]].map(
    (release_track) =>
      [`the track ${JSON.stringify(release_track)}`, { release_track }, "/release_track"] as const,
  ),
  ...[
    "yesterday",
    "2026-02-30T00:00:00Z",
    "2026-01-01",
    "2026-01-01T00:00:00",
    "1600-01-01T00:00:00Z",
    1,
    "",
  ].map(
    (release_date) =>
      [`the date ${JSON.stringify(release_date)}`, { release_date }, "/release_date"] as const,
  ),
  ...[-1, 0.5, "1", 2 ** 53].map(
    (package_size) =>
      [`the size ${JSON.stringify(package_size)}`, { package_size }, "/package_size"] as const,
  ),
  ...["", 5, "two\nlines", "a\u0000b", "x".repeat(2049)].map(
    (package_url) =>
      [`the URL ${JSON.stringify(package_url).slice(0, 30)}`, { package_url }, "/package_url"] as const,
  ),
  ...[5, "\u001b[2J", "a\u0000b", "x".repeat(10_001)].map(
    (release_notes) =>
      [
        `the notes ${JSON.stringify(release_notes).slice(0, 30)}`,
        { release_notes },
        "/release_notes",
      ] as const,
  ),
];

refuses("client versions", async ({ running, things }) => {
  const { own, foreign, missing } = things["client-version"] ?? {};
  const put = (what: string, path: string, pointer: string, body: object = {}): Row => ({
    what,
    method: "PUT",
    path: `${versions}/${path}`,
    body,
    wanted: { status: 400, pointer },
  });
  const group = await running.ask("POST", groups, {
    body: { name: "Ring", version_config: [{ target_environment: "linux", version: "1" }] },
  });
  const version_config = [
    { target_environment: "linux", version: "2" },
    { target_environment: "Windows", version: "2026.9.0.0" },
  ];
  const unlisted = { status: 400, pointer: "/version_config/1/version" };
  return [
    ...bodies.flatMap(([what, body, pointer]) => [
      put(`${what}, in a new one`, "windows/5", pointer, body),
      put(`${what}, in a change`, `${own?.id}`, pointer, body),
    ]),
    ...["latest", "%D9%A3", "%20", "%00", "1%00", "1%0A", "1".repeat(256)].map((version) =>
      put(`the version ${version.slice(0, 20)}`, `windows/${version}`, "/version"),
    ),
    ...["%00", "%20", "%C2%A0", "a%2Fb", "a%0A", "a".repeat(65), "%F0%9F%98%80".repeat(65)].map(
      (environment) => put(`the environment ${environment.slice(0, 20)}`, `${environment}/1`, "/environment"),
    ),
    ...["GET", "DELETE"].flatMap((method) =>
      [foreign?.id, missing?.id, "windows/2026.1", "macos/2026.1.0.0", "windows/%00", "%00/1"].map(
        (id): Row => ({
          what: `${method} of ${id}`,
          method,
          path: `${versions}/${id}`,
          wanted: { status: 404 },
        }),
      ),
    ),
    {
      what: "a new group with a version that is not in the catalogue",
      method: "POST",
      path: groups,
      body: { name: "New", version_config },
      wanted: unlisted,
    },
    {
      what: "a change of a group to a version that is not in the catalogue",
      method: "PATCH",
      path: `${groups}/${group.body.result.id}`,
      body: { version_config },
      wanted: unlisted,
    },
  ];
});
