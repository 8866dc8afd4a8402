import type { DialectAccent } from "../dialect.ts";
import { envelopeOf, failureEnvelope, success, successByCursor, successPage } from "./envelope.ts";
import { bugBody, wordFailure } from "./failures.ts";
import { pageOf, pagingQuery } from "./paging.ts";

/** Cloudflare's v4 API: everything in an envelope, pages by number or by cursor. */
export const v4: DialectAccent = {
  prefix: "/client/v4",
  pagingQuery,
  page: pageOf,
  statusOf: () => 200,
  one(face, output, reply) {
    const result = face.write(output, reply);
    return success(result, face.path.endsWith("/tokens/verify") ? [verified(result)] : []);
  },
  list(face, listed, reply, page) {
    const items = listed.items.map((item) => face.write(item, reply));
    return "cursor" in listed
      ? successByCursor(items, listed, page)
      : successPage(items, listed, page, face.paging?.summary);
  },
  bodySchema: envelopeOf,
  failureSchema: failureEnvelope,
  failure: wordFailure,
  bug: () => ({ status: 500, body: bugBody }),
  limitHeaders: ({ limit, remaining, resetS, windowS }) => ({
    ratelimit: `"default";r=${remaining};t=${resetS}`,
    "ratelimit-policy": `"default";q=${limit};w=${windowS}`,
  }),
};

function verified(result: unknown) {
  const { status } = result as { status: string };
  const state = status === "active" ? "valid and active" : status;
  return { code: 10000, message: `This API Token is ${state}` };
}
