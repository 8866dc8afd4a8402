import { first } from "../server.ts";
import { type Row, refuses } from "./table.ts";

const devices = `/client/v4/accounts/${first.accountId}/devices`;
const physical = `${devices}/physical-devices`;
const registrations = `${devices}/registrations`;

const cursorOf = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
const rowsOf = (path: string, wrong: readonly (readonly [query: string, member: string])[]): Row[] =>
  wrong.map(([query, member]) => ({
    what: `${path} with ${query.slice(0, 80)}`,
    method: "GET",
    path: `${path}?${query}`,
    wanted: { status: 400, pointer: `/${member}` },
  }));

/** What both lists refuse. */
const shared = [
  ...["sort_by=", "sort_by=color", "sort_by=NAME", "sort_by=d.id", "sort_by=id,name"].map(
    (query) => [query, "sort_by"] as const,
  ),
  ...["sort_order=", "sort_order=up", "sort_order=DESC"].map((query) => [query, "sort_order"] as const),
  ...["", "yesterday", "2026-01-01", "2026-02-30T00:00:00Z", "1", "2026-01-01T00:00:00"].flatMap((text) => [
    [`seen_after=${text}`, "seen_after"] as const,
    [`seen_before=${text}`, "seen_before"] as const,
  ]),
  ...["-1", "1.5", "x", ""].map((text) => [`per_page=${text}`, "per_page"] as const),
  ...["color", "policy,color", "POLICY", "last_seen_registration"].map(
    (text) => [`include=${text}`, "include"] as const,
  ),
  [`search=${"x".repeat(256)}`, "search"],
  ["search=%0A", "search"],
  [`id=a&id=${"x".repeat(256)}`, "id/1"],
  ["id=%00", "id"],
  [`id=${"a&id=".repeat(1000)}a`, "id"],
] as const;

/** Cursors that nobody answered, or that are of another order than the usual one. */
const cursors = [
  "%20",
  "x",
  "=",
  "a.b",
  cursorOf(),
  cursorOf("created_at"),
  cursorOf("created_at", false, 1),
  cursorOf("created_at", false, "1", "dev_a"),
  cursorOf("created_at", false, null, "dev_a"),
  cursorOf("created_at", false, 1.5, "dev_a"),
  cursorOf("created_at", false, 2 ** 60, "dev_a"),
  cursorOf("created_at", false, 1, 1),
  cursorOf("created_at", false, 1, "a\0"),
  cursorOf("created_at", false, 1, "\ud800"),
  cursorOf("created_at", false, [1], "dev_a"),
  cursorOf("created_at", true, 1, "dev_a"),
  cursorOf("created_at", 0, 1, "dev_a"),
  cursorOf("id", false, "dev_a", "dev_a"),
  cursorOf("constructor", false, "dev_a", "dev_a"),
  cursorOf("__proto__", false, "dev_a", "dev_a"),
  "x".repeat(4097),
].map((cursor) => [`cursor=${cursor}`, "cursor"] as const);

refuses("physical devices and registrations", async ({ things }) => {
  const { own, foreign, missing } = things.device ?? {};
  return [
    ...[physical, registrations].flatMap((path) => rowsOf(path, [...shared, ...cursors])),
    ...rowsOf(physical, [
      ...["", "all", "true"].map((text) => [`active_registrations=${text}`, "active_registrations"] as const),
      ...["", "WARP"].map((text) => [`has_registration_type=${text}`, "has_registration_type"] as const),
      ...["", "ring", ":", ":0"].map((text) => [`tag=${text}`, "tag/0"] as const),
      ["tag=a:b&tag=c", "tag/1"],
      [`tag=${"a:b&tag=".repeat(64)}a:b`, "tag"],
      ["include=policy", "include"],
      ["last_seen_user.email=a&last_seen_user.email=b", "last_seen_user.email"],
      ["sort_by=user.email", "sort_by"],
      [`sort_by=name&cursor=${cursorOf("name", false, null, "dev_a")}`, "cursor"],
      [`sort_by=name&cursor=${cursorOf("name", false, 1, "dev_a")}`, "cursor"],
      [`sort_by=name&cursor=${cursorOf("name", false, "a\0", "dev_a")}`, "cursor"],
      [`sort_by=name&cursor=${cursorOf("user_name", false, "a", "dev_a")}`, "cursor"],
      [`sort_by=active_registrations&cursor=${cursorOf("active", false, "1", "dev_a")}`, "cursor"],
    ]),
    ...rowsOf(registrations, [
      ...["", "only", "ACTIVE"].map((text) => [`status=${text}`, "status"] as const),
      ["sort_by=name", "sort_by"],
      ["registration_type=x", "registration_type"],
      ["include=last_seen_registration.policy", "include"],
      [`user.id=${"x".repeat(256)}`, "user.id/0"],
      ["policy.id=a&policy.id=b", "policy.id"],
    ]),
    ...rowsOf(`${physical}/${own?.id}`, [["include=policy", "include"]]),
    ...rowsOf(`${registrations}/${own?.id}`, [["include=color", "include"]]),
    ...[foreign?.id, missing?.id, "%00", "revoke"].flatMap((id): Row[] => [
      { what: `the device ${id}`, method: "GET", path: `${physical}/${id}`, wanted: { status: 404 } },
      { what: `deleting ${id}`, method: "DELETE", path: `${physical}/${id}`, wanted: { status: 404 } },
      { what: `revoking ${id}`, method: "POST", path: `${physical}/${id}/revoke`, wanted: { status: 404 } },
      { what: `registration ${id}`, method: "GET", path: `${registrations}/${id}`, wanted: { status: 404 } },
    ]),
  ];
});
