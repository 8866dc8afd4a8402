import { first } from "../server.ts";
import { type Row, refuses } from "./table.ts";

const groups = "/api/v1/device-groups";

refuses("device groups", async ({ running, things, other }) => {
  const { own, hidden } = things["device-group"] ?? {};
  const at = `${groups}/${own?.id}`;
  await running.ask("POST", groups, { body: { org_id: first.orgId, name: "Café Straße" } });
  const wrong = (what: string, method: string, path: string, body: unknown, pointer: string): Row => ({
    what,
    method,
    path,
    body,
    wanted: { status: 400, pointer },
  });
  const create = (what: string, more: object, pointer: string) =>
    wrong(what, "POST", groups, { org_id: first.orgId, name: "New", ...more }, pointer);
  const taken = ["own", " OWN ", "oWn\u2003", "cafe\u0301 strasse", "CAFÉ STRASSE", "Café Straẞe"];
  return [
    create("a type that there is not", { group_type: "manual" }, "/group_type"),
    create("rules for a static group", { auto_assignment_rules: { rules: [] } }, "/auto_assignment_rules"),
    create("no organization", { org_id: undefined }, "/org_id"),
    create("an empty organization", { org_id: "" }, "/org_id"),
    ...taken.flatMap((name) => [
      {
        what: `the name ${JSON.stringify(name)}, which is taken`,
        method: "POST",
        path: groups,
        body: { org_id: first.orgId, name },
        wanted: { status: 409, pointer: "/name" },
      },
      {
        what: `a change to ${JSON.stringify(name)}, which is taken`,
        method: "PATCH",
        path: `${groups}/${hidden?.id}`,
        body: { name },
        wanted: { status: 409, pointer: "/name" },
      },
    ]),
    ...["PUT", "PATCH"].flatMap((method) => [
      wrong(`nothing to change by ${method}`, method, at, {}, ""),
      wrong(`nothing known to change by ${method}`, method, at, { colour: "red" }, ""),
      ...Object.entries({
        id: hidden?.id,
        org_id: other.orgId,
        group_type: "static",
        created_at: "2020-01-01T00:00:00Z",
      }).map(([name, value]) =>
        wrong(`another ${name} by ${method}`, method, at, { tags: ["x"], [name]: value }, `/${name}`),
      ),
    ]),
    {
      what: "a list of an organization that there is not",
      method: "GET",
      path: `${groups}?org_id=org_none`,
      wanted: { status: 403 },
    },
  ];
});
