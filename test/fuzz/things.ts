import { first } from "../server.ts";

/** How to make a thing of a kind, and where to look whether it is there. */
export type Maker = {
  readonly path: string;
  at(id: string): string;
  body(number: number): unknown;
  /** Whether it is the owner's own, and not the account's. */
  readonly ofOwner?: true;
};

const account = `/client/v4/accounts/${first.accountId}`;
const zoneRead = "c8fed203ed3043cba015a93ad1616f1f";
const wholeAccount = `com.cloudflare.api.account.${first.accountId}`;

function maker(path: string, body: Maker["body"]): Maker {
  return { path, at: (id) => `${path}/${id}`, body };
}

/** The things that are made anew when they are gone, by what requests call them. */
export const makers: Readonly<Record<string, Maker>> = {
  device: {
    path: "/api/v1/devices/register",
    at: (id) => `/api/v1/devices/${id}`,
    body: (number) => ({
      device_identifier: `made ${number}`,
      labels: { ring: "canary" },
      battery_pct: 12.5,
    }),
  },
  group: maker("/api/v1/device-groups", (number) => ({
    org_id: first.orgId,
    name: `Made ${number}`,
    tags: ["a"],
    group_type: number % 2 === 0 ? "hybrid" : "static",
  })),
  deployment: maker(`${account}/devices/deployment-groups`, () => ({
    name: "Ring",
    version_config: [{ target_environment: "macos", version: "1" }],
  })),
  policy: maker(`${account}/devices/policy`, (number) => ({
    name: `Made ${number}`,
    match: 'identity.email == "one@example.com" or any(device.groups[*] in {"One"})',
    // Far from those that requests take.
    precedence: 500_000_000 + number,
  })),
  enrolment_token: maker("/api/v1/enrolment-tokens", () => ({
    org_id: first.orgId,
    name: "Made",
    fixed: { labels: { site: "berlin" }, platform: "linux", user: { email: "one@example.com" } },
  })),
  token: maker(`${account}/tokens`, () => ({ name: "Made", policies: [policy(zoneRead, first.accountId)] })),
  user_token: {
    ...maker("/client/v4/user/tokens", () => ({
      name: "Made",
      policies: [policy(zoneRead, first.accountId)],
    })),
    ofOwner: true,
  },
  resource_group: maker(`${account}/iam/resource_groups`, () => ({
    name: "Made",
    scope: { key: wholeAccount, objects: [{ key: "*" }] },
  })),
  user_group: maker(`${account}/iam/user_groups`, (number) => ({
    name: `Made ${number}`,
    policies: [peoplesPolicy({ id: first.resourceGroupId }), peoplesPolicy({ scope: inlineScope(number) })],
  })),
  member: maker(`${account}/members`, (number) => ({
    email: `made-${number}@example.com`,
    status: number % 2 === 0 ? "accepted" : "pending",
    policies: [peoplesPolicy({ id: first.resourceGroupId })],
  })),
};

/** A policy of a token that allows a permission group on a whole account. */
export function policy(permissionGroup: string, accountId: string) {
  return {
    effect: "allow",
    permission_groups: [{ id: permissionGroup }],
    resources: { [`com.cloudflare.api.account.${accountId}`]: "*" },
  };
}

function peoplesPolicy(resourceGroup: object) {
  return { access: "allow", permission_groups: [{ id: zoneRead }], resource_groups: [resourceGroup] };
}

function inlineScope(number: number) {
  return { key: wholeAccount, objects: [{ key: `com.cloudflare.api.account.device.made-${number}` }] };
}
