import { first } from "../server.ts";
import { type Row, refuses } from "./table.ts";

const groups = `/client/v4/accounts/${first.accountId}/devices/deployment-groups`;
const entry = (target_environment: string | null) => ({ target_environment, version: "1" });

refuses("deployment groups", async ({ running, things }) => {
  const at = `${groups}/${things["deployment-group"]?.own.id}`;
  const right = { name: "Ring", version_config: [entry("macos")] };
  await running.ask("POST", groups, { body: { ...right, name: "Owner", policy_ids: ["one", "two"] } });
  const both = (what: string, more: object, status: number, pointer: string): Row[] =>
    [
      { what: `${what}, in a new one`, method: "POST", path: groups, body: { ...right, ...more } },
      { what: `${what}, in a change`, method: "PATCH", path: at, body: { name: "Renamed", ...more } },
    ].map((row) => ({ ...row, wanted: { status, pointer } }));
  const twice = [
    [null, null],
    ["macos", "mac"],
    ["Darwin", "macOS"],
    ["windows", "Windows"],
    ["ß", "ẞ"],
  ] as const;
  return [
    ...twice.flatMap(([one, other]) =>
      both(
        `${one} beside ${other}`,
        { version_config: [entry("linux"), entry(one), entry(other)] },
        400,
        "/version_config/2/target_environment",
      ),
    ),
    ...both("a policy id twice", { policy_ids: ["a", "b", "a"] }, 400, "/policy_ids/2"),
    ...both("a policy id that another one has", { policy_ids: ["free", "two"] }, 409, "/policy_ids"),
    ...both("all policy ids that another one has", { policy_ids: ["one", "two"] }, 409, "/policy_ids"),
  ];
});
