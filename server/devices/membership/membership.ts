/** That a device is in a device group, since when, and by whose word. */
export type Membership = {
  readonly groupId: string;
  readonly deviceId: string;
  readonly type: "manual" | "dynamic";
  /** Microseconds since the epoch. */
  readonly addedAt: number;
  /** The label that the caller gave; it says nothing about who really called. */
  readonly addedBy: string | null;
};

/** Members that one statement adds or removes; more would hold the writer for too long. */
export const batchMax = 10_000;

/** Groups of one device that one answer shows. */
export const shownMax = 1000;
