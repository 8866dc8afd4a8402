import Type from "typebox";
import type { Paging } from "../../operation/face.ts";
import { wholeNumber } from "../../operation/text.ts";
import type { DialectAccent } from "../dialect.ts";
import { envelopeOf, failureEnvelope, success, successPage } from "./envelope.ts";
import { bugBody, wordFailure } from "./failures.ts";

const countable = Number.MAX_SAFE_INTEGER;

/** Cloudflare's v4 API: everything in an envelope, pages by number. */
export const v4: DialectAccent = {
  prefix: "/client/v4",
  pagingQuery: ({ default: perPage, max }: Paging) =>
    Type.Object({
      page: Type.Optional(wholeNumber(1, countable, { default: 1 })),
      per_page: Type.Optional(
        wholeNumber(1, countable, {
          default: perPage,
          expected: "a whole number from 1",
          description: `At most ${max}: more is taken for ${max}.`,
        }),
      ),
    }),
  page({ page = 1, per_page }, { default: perPage, max }) {
    const limit = Math.min((per_page as number | undefined) ?? perPage, max);
    return { limit, offset: Math.min(((page as number) - 1) * limit, countable) };
  },
  statusOf: () => 200,
  one(face, output, reply) {
    const result = face.write(output, reply);
    return success(result, face.path.endsWith("/tokens/verify") ? [verified(result)] : []);
  },
  list(face, listed, reply, page) {
    return successPage(
      listed.items.map((item) => face.write(item, reply)),
      listed,
      page,
    );
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
