import { first } from "../server.ts";
import { type Row, refuses } from "./table.ts";

const tokens = "/api/v1/enrolment-tokens";
const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`label ${index}`, "x"]));

/** What a new enrolment token or a change of one gets wrong, beside what every body can. */
const bodies: readonly (readonly [what: string, body: object, pointer: string])[] = [
  ["a name of blanks", { name: "  " }, "/name"],
  ["a name that is too long", { name: "x".repeat(256) }, "/name"],
  ["a name of two lines", { name: "a\nb" }, "/name"],
  ...["tomorrow", "2026-02-30T00:00:00Z", "2026-01-01", "", 1].map(
    (expires_at) => [`the expiry ${JSON.stringify(expires_at)}`, { expires_at }, "/expires_at"] as const,
  ),
  ["nothing fixed", { fixed: null }, "/fixed"],
  ["a list fixed", { fixed: [] }, "/fixed"],
  ["a platform that is no slug", { fixed: { platform: "iOS 17" } }, "/fixed/platform"],
  ["more labels than one device has", { fixed: { labels: many } }, "/fixed/labels"],
  ["a label taken away", { fixed: { labels: { site: null } } }, "/fixed/labels/site"],
  ["too many bytes", { fixed: { metadata: { a: "x".repeat(17_000) } } }, "/fixed/metadata"],
  [
    "capabilities of too many bytes",
    { fixed: { capabilities: { a: "x".repeat(17_000) } } },
    "/fixed/capabilities",
  ],
  ["a user that is a text", { fixed: { user: "one@example.com" } }, "/fixed/user"],
  ["no user", { fixed: { user: null } }, "/fixed/user"],
  ["a network that is empty", { fixed: { network: "" } }, "/fixed/network"],
];

refuses("enrolment tokens", async ({ things, other }) => {
  const { own, foreign, missing } = things["enrolment-token"] ?? {};
  const wrong = (what: string, method: string, path: string, body: object, pointer: string): Row => ({
    ...{ what, method, path, body },
    wanted: { status: 400, pointer },
  });
  const named = { org_id: first.orgId, name: "New" };
  return [
    ...bodies.flatMap(([what, body, pointer]) => [
      wrong(`${what}, in a new one`, "POST", tokens, { ...named, ...body }, pointer),
      wrong(`${what}, in a change`, "PATCH", `${tokens}/${own?.id}`, body, pointer),
    ]),
    wrong("no name", "POST", tokens, { org_id: first.orgId }, "/name"),
    wrong("no organization", "POST", tokens, { name: "New" }, "/org_id"),
    wrong("disabled by a word", "PATCH", `${tokens}/${own?.id}`, { disabled: "yes" }, "/disabled"),
    {
      what: "an organization in which one has no place",
      method: "POST",
      path: tokens,
      body: { ...named, org_id: other.orgId },
      wanted: { status: 403 },
    },
    {
      what: "a list without an organization",
      method: "GET",
      path: tokens,
      wanted: { status: 400, pointer: "/org_id" },
    },
    ...["GET", "PATCH", "DELETE"].flatMap((method) =>
      [foreign?.id, missing?.id, "New", "%00"].map(
        (id): Row => ({
          what: `${method} of ${id}`,
          method,
          path: `${tokens}/${id}`,
          ...(method === "PATCH" && { body: { name: "Renamed" } }),
          wanted: { status: 404 },
        }),
      ),
    ),
  ];
});
