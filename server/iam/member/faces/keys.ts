import Type from "typebox";
import { member } from "../member.ts";

const closed = { additionalProperties: false } as const;
const bodiless = { method: "POST", body: Type.Object({}), bodyOptional: true, read: () => ({}) } as const;

/** The wire of a key that is issued, the same in both dialects. */
export const issued = {
  ...bodiless,
  answer: Type.Object({ key: member.key }, closed),
  write: (key: string) => ({ key }),
} as const;

/** The wire of an invitation that is made anew, the same in both dialects. */
export const invited = {
  ...bodiless,
  answer: Type.Object({ invitation_token: member.invitation }, closed),
  write: (invitation: string) => ({ invitation_token: invitation }),
} as const;
