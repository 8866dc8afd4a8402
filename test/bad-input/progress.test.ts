import { first } from "../server.ts";
import { type Row, refuses } from "./table.ts";

const devices = `/api/v1/devices?org_id=${first.orgId}`;
const v4 = `/client/v4/accounts/${first.accountId}/devices/deployment-groups`;

const wrongQueries: readonly (readonly [query: string, pointer: string])[] = [
  ["state=", "/state"],
  ["state=done", "/state"],
  ["state=BEHIND", "/state"],
  ["state=behind&state=ahead", "/state"],
];

const wrongFilters: readonly (readonly [query: string, pointer: string])[] = [
  ...wrongQueries,
  ["group_by=reason", "/state"],
  ["state=behind&group_by=platform", "/group_by"],
  ["state=behind&group_by=", "/group_by"],
  ["status=gone", "/status"],
  ["seen_after=yesterday", "/seen_after"],
  ["seen_before=2026-02-30T00:00:00Z", "/seen_before"],
  ["battery_low=1", "/battery_low"],
  ["label=x", "/label"],
  ["limit=1001", "/limit"],
  [`search=${"x".repeat(256)}`, "/search"],
  [`group_id=${"x".repeat(256)}`, "/group_id"],
];

refuses("how far devices are", async ({ things }) => {
  const { own, foreign, missing } = things["deployment-group"] ?? {};
  const wrong = (path: string, pointer: string): Row => ({
    what: `${pointer} of ${path}`,
    method: "GET",
    path,
    wanted: { status: 400, pointer },
  });
  const rest = (id: string | undefined) => `/api/v1/deployment-groups/${id}/devices`;
  return [
    ...wrongFilters.map(([query, pointer]) => wrong(`${devices}&${query}`, pointer)),
    ...wrongQueries.flatMap(([query, pointer]) => [
      wrong(`${rest(own?.id)}?${query}`, pointer),
      wrong(`${v4}/${own?.id}/devices?${query}`, pointer),
    ]),
    ...[foreign?.id, missing?.id, "x", "%00"].flatMap((id) =>
      [rest(id), `${v4}/${id}/devices`].map((path) => ({
        what: `a group that there is not: ${path}`,
        method: "GET",
        path,
        wanted: { status: 404 },
      })),
    ),
  ];
});
