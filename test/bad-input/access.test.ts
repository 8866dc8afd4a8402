import { first } from "../server.ts";
import { none, peopleIn, policy, wholeAccount } from "./people.ts";
import { type Row, refuses } from "./table.ts";
import { wrongPolicies } from "./wrong-policies.ts";

const explain = "/api/v1/access/explain";

refuses("who may do what", async (system) => {
  const people = await peopleIn(system);
  const right = { permission: "device.read", resource: wholeAccount };
  const wrong = (what: string, more: object, pointer: string): Row => ({
    what,
    method: "POST",
    path: explain,
    body: { ...right, ...more },
    wanted: { status: 400, pointer },
  });
  const long = "x".repeat(65);
  return [
    ...["", long, "\u0000", "a\n", 5, null].flatMap((id) =>
      ["member_id", "token_id"].map((name) =>
        wrong(`${JSON.stringify(id)} as ${name}`, { caller: { [name]: id } }, `/caller/${name}`),
      ),
    ),
    ...["", "a\u0000", "x".repeat(129), null, 5].map((permission) =>
      wrong(`the permission ${JSON.stringify(permission)}`, { permission }, "/permission"),
    ),
    ...["", "a\u0000", "x".repeat(513), null, 5].map((resource) =>
      wrong(`the resource ${JSON.stringify(resource)}`, { resource }, "/resource"),
    ),
    ...wrongPolicies(people).map(([what, policies, pointer]) => wrong(what, { policies }, pointer)),
    ...[
      ["", "/permission"],
      ["permission=device.read", "/resource"],
      [`resource=${wholeAccount}`, "/permission"],
    ].map(([query, pointer = ""]) => ({
      what: `asking who may with ${query || "nothing"}`,
      method: "GET",
      path: `/api/v1/access/who-can?${query}`,
      wanted: { status: 400, pointer },
    })),
    wrong(
      "a policy of nobody",
      { policies: [policy(none, { id: first.resourceGroupId })] },
      "/policies/0/permission_groups/0/id",
    ),
  ];
});
