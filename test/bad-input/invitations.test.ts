import { account, none, peopleIn } from "./people.ts";
import { type Row, refuses } from "./table.ts";

const accept = "/api/v1/invitations/accept";

refuses("invitations and keys", async (system) => {
  const { accepted, pending, foreign, userId, userGroup } = await peopleIn(system);
  const email = "replaced@example.com";
  const replaced = (await system.owner("POST", `${account}/members`, { email, policies: [] })).body.result;
  await system.owner("POST", `${account}/members/${replaced.id}/invitation`);
  const used = (await system.owner("POST", `${account}/members`, { email: "used@example.com", policies: [] }))
    .body;
  await system.running.ask("POST", accept, { token: null, body: { token: used.result.invitation_token } });
  const wrong = (what: string, body: unknown, pointer: string): Row[] =>
    [undefined, null].map((token) => ({
      what: `${what}, ${token === null ? "without a credential" : "with a token"}`,
      method: "POST",
      path: accept,
      body,
      ...(token === null && { token }),
      wanted: { status: 400, pointer },
    }));
  const onBoth = (what: string, path: string, status: number): Row[] =>
    [`${account}/members/${path}`, `/api/v1/members/${path}`].map((at) => ({
      what: `${what}: POST ${at}`,
      method: "POST",
      path: at,
      wanted: { status },
    }));
  const texts = ["", "x".repeat(201)];
  const closed = ["fli_", "x", "\u0000", "fli_\u0007", "x".repeat(200), "__proto__", "é", " "];
  return [
    ...wrong("no invitation", {}, "/token"),
    ...[null, 5, true, [], {}].flatMap((token) => wrong(JSON.stringify(token), { token }, "/token")),
    ...[...texts, ...closed].flatMap((token) =>
      wrong(JSON.stringify(token).slice(0, 40), { token }, "/token"),
    ),
    ...wrong("an invitation that was replaced", { token: replaced.invitation_token }, "/token"),
    ...wrong("an invitation that was accepted", { token: used.result.invitation_token }, "/token"),
    ...wrong("a list", [{ token: replaced.invitation_token }], ""),
    ...wrong("null", null, ""),
    ...onBoth("inviting somebody who has accepted", `${accepted}/invitation`, 409),
    ...onBoth("a key for somebody who has not accepted", `${pending}/key`, 409),
    ...[none, foreign.member, userId, userGroup, "%00", "x".repeat(255)].flatMap((id) => [
      ...onBoth("nobody", `${id}/invitation`, 404),
      ...onBoth("nobody", `${id}/key`, 404),
    ]),
    ...["invitation", "key"].flatMap((what) =>
      [`${account}/members/${pending}/${what}`, `/api/v1/members/${pending}/${what}`].map((path) => ({
        what: `a list in the body of POST ${path}`,
        method: "POST",
        path,
        body: [],
        wanted: { status: 400, pointer: "" },
      })),
    ),
  ];
});
