/** How large a fleet is. */
export type FleetSize = {
  readonly devices: number;
  readonly groups: number;
  /** So many of the groups fill themselves. */
  readonly dynamic: number;
  /** By hand, those of the group that holds every device among them. */
  readonly memberships: number;
};

/** The fleet of DESIGN.md 5, and a fiftieth of it. */
export const fleetSizes: { readonly full: FleetSize; readonly quick: FleetSize } = {
  full: { devices: 1_000_000, groups: 10_000, dynamic: 200, memberships: 5_000_000 },
  quick: { devices: 20_000, groups: 200, dynamic: 20, memberships: 100_000 },
};
