/** A thing that changed: how it was and how it is, `null` where it did not or does not exist. */
export type Change = {
  readonly resource: { readonly kind: string; readonly id: string; readonly name?: string };
  readonly before: unknown;
  readonly after: unknown;
  /** Long lists of ids that belong to the change; kept beside the entry when there are more than 100. */
  readonly ids?: Readonly<Record<string, readonly string[]>>;
};
