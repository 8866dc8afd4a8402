import type { Handle } from "../db/database.ts";
import type { Parts } from "./hall.ts";
import type { Steps } from "./operation.ts";

/** The steps by which work goes on in an account beside the requests: each holds the account for itself. */
export function stepsIn(
  { scan, write, lock, now }: Pick<Parts, "scan" | "write" | "lock" | "now">,
  accountId: string,
  rehearsing: boolean,
): Steps {
  return {
    rehearsing,
    scan,
    write: (work) =>
      write(async (db: Handle) => {
        await lock(db, accountId);
        return work(db, now());
      }),
  };
}
