import Type, { type TString } from "typebox";

const digit = "[0-9a-hjkmnp-tv-z]";

/** An id of ours, as an import may bring it: of a prefix and 26 digits. */
export function prefixedId(prefix: "dev" | "grp"): TString {
  return Type.String({
    pattern: `^${prefix}_[0-7]${digit}{25}$`,
    expected: `an id of the form ${prefix}_ and 26 characters of Crockford's base32`,
  });
}

/** A UUID in lower case. */
export const uuidId = Type.String({
  pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
  expected: "a UUID in lower case",
});

/** 32 hex digits in lower case. */
export const hexId = Type.String({ pattern: "^[0-9a-f]{32}$", expected: "32 hex digits in lower case" });
