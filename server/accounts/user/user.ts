/** A person of the installation, with a global key that works in every account the person is a member of. */
export type User = {
  readonly id: string;
  readonly email: string;
  /** True only for the user of the first start, who may create accounts. */
  readonly ownsInstallation: boolean;
  /** False for somebody who was accepted by a super administrator and was not given a key yet. */
  readonly hasKey: boolean;
  /** Microseconds since the epoch. */
  readonly createdAt: number;
};

/** The kind by which other rooms name users; they belong to no account, so policies can't. */
export const kind = "user";

/** The key by which e-mail addresses are the same: without the case of ASCII letters, and of no others. */
export function emailKey(email: string): string {
  return email.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
