import { first } from "../server.ts";
import { type Row, refuses } from "./table.ts";

const register = "/api/v1/devices/register";
const many = (count: number, prefix: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix} ${index}`, "x"]));

refuses("devices", async ({ running, other }) => {
  const { ask } = running;
  const known = { device_identifier: "known", labels: many(60, "old"), metadata: many(250, "old") };
  await ask("POST", register, { body: known });
  const wrong = (what: string, body: unknown, pointer: string, query = ""): Row => ({
    what,
    method: "POST",
    path: register + query,
    body,
    wanted: { status: 400, pointer },
  });
  const foreign = { method: "POST", body: { org_id: other.orgId, device_identifier: "x" } };
  return [
    wrong("no identifier", { platform: "linux" }, "/device_identifier"),
    ...["register", "heartbeat", "profiles"].map((word) =>
      wrong(`the reserved word ${word}`, { device_identifier: word }, "/device_identifier"),
    ),
    wrong("more labels than fit beside the old ones", { ...known, labels: many(5, "new") }, "/labels"),
    wrong("more metadata than fits beside the old", { ...known, metadata: many(7, "new") }, "/metadata"),
    wrong("an empty organization", { device_identifier: "x", org_id: " " }, "/org_id"),
    wrong(
      "one organization in the body and another in the query",
      { device_identifier: "x", org_id: other.orgId },
      "/org_id",
      `?org_id=${first.orgId}`,
    ),
    {
      what: "an organization in which one has no place",
      path: register,
      ...foreign,
      wanted: { status: 403 },
    },
    {
      what: "the same in the query",
      method: "POST",
      path: `${register}?org_id=${other.orgId}`,
      body: { device_identifier: "x" },
      wanted: { status: 403 },
    },
    {
      what: "an identifier that is known, by the field that allows no second time",
      method: "POST",
      path: register,
      body: { device_id: "known", platform: "linux" },
      wanted: { status: 409 },
    },
    {
      what: "a list without an organization",
      method: "GET",
      path: "/api/v1/devices",
      wanted: { status: 400, pointer: "/org_id" },
    },
    {
      what: "a list of an organization that there is not",
      method: "GET",
      path: "/api/v1/devices?org_id=org_none",
      wanted: { status: 403 },
    },
  ];
});
