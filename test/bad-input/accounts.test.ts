import { first } from "../server.ts";
import { refuses } from "./table.ts";

const account = `/client/v4/accounts/${first.accountId}`;

refuses("accounts", async ({ other }) => [
  {
    what: "another account's id in the body",
    method: "PUT",
    path: account,
    body: { id: other.accountId, name: "Renamed" },
    wanted: { status: 400, pointer: "/id" },
  },
  {
    what: "a new account by somebody who does not own the installation",
    method: "POST",
    path: "/client/v4/accounts",
    body: { name: "Third" },
    wanted: { status: 403, code: 1002 },
  },
]);
