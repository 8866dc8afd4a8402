/** Says which groups somebody in this process is at work on at this moment, be it several at a time. */
export interface UnderWay {
  has(groupId: string): boolean;
  /** Does some work on a group; answers, or rejects, as it does. */
  during<T>(groupId: string, work: () => Promise<T>): Promise<T>;
}

/** Nobody is at work at first. */
export function makeUnderWay(): UnderWay {
  const works = new Map<string, number>();
  return {
    has: (groupId) => works.has(groupId),
    async during(groupId, work) {
      works.set(groupId, (works.get(groupId) ?? 0) + 1);
      try {
        return await work();
      } finally {
        const left = (works.get(groupId) ?? 1) - 1;
        if (left > 0) works.set(groupId, left);
        else works.delete(groupId);
      }
    },
  };
}
