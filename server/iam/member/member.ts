/** A user in one account, with policies of its own. */
export type Member = {
  readonly id: string;
  readonly accountId: string;
  readonly userId: string;
  readonly email: string;
  readonly status: "accepted" | "pending";
  /** Microseconds since the epoch. */
  readonly createdAt: number;
};
