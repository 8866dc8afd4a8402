import { drawnFrom } from "./device-lines.ts";

type Rules = {
  readonly rules?: readonly object[];
  readonly matchLabels?: Record<string, string>;
  readonly expression?: string;
};

const { regions, manufacturers, locales } = drawnFrom;
const nth = (items: readonly string[], index: number) => items[index % items.length] as string;

/** The kinds of rules of the fleet, each for one in so many groups; what they select is a share of the fleet. */
const kinds: readonly ((index: number) => Rules)[] = [
  // 0.5 %
  (index) => ({ matchLabels: { site: `site-${index % drawnFrom.sites}` } }),
  // 2 %
  (index) => ({ matchLabels: { team: `team-${index % drawnFrom.teams}` } }),
  // 1.9 %
  (index) => ({
    rules: [
      { field: "platform", operator: "eq", value: "windows" },
      { field: "region", operator: "in", value: [nth(regions, index), nth(regions, index + 3)] },
      { field: "os_version", operator: "gte", value: `16.${index % 9}` },
    ],
  }),
  // 1 %
  (index) => ({ expression: `device.bucket >= ${index % 99} and device.bucket < ${(index % 99) + 1}` }),
  // 1.2 %
  (index) => ({
    expression: `os.name == "macos" and device.client_version >= "2026.${1 + (index % 4)}.${35}" and device.client_version < "2026.${2 + (index % 4)}"`,
  }),
  // 1.2 %
  (index) => ({
    rules: [
      { field: "manufacturer", operator: "eq", value: nth(manufacturers, index) },
      { field: "ram_gb", operator: "gte", value: 16 },
      { field: "locale", operator: "in", value: [nth(locales, index), nth(locales, index + 1)] },
      { field: "gpu_available", operator: "eq", value: true },
    ],
  }),
  // 0.8 %
  (index) => ({
    expression: `device.labels["team"] in {"team-${index % 50}" "team-${(index + 7) % 50}"} and not (os.name in {"ios" "android" "windows"})`,
  }),
  // 0.2 %
  (index) => ({
    expression: `any(identity.groups.name[*] == "Crew ${index % drawnFrom.userGroups}")`,
  }),
];

/** What makes devices members of a dynamic group, by the group's number from 0. */
export function rulesOf(index: number): Rules {
  // A sticky tenth of the fleet: one group is larger than the others.
  if (index === 0) return { expression: "device.bucket < 10" };
  const kind = kinds[index % kinds.length] as (index: number) => Rules;
  return kind(Math.floor(index / kinds.length) + index);
}

/** The name of a dynamic group by its number from 0. */
export function nameOf(index: number): string {
  return `By rule ${String(index).padStart(4, "0")}`;
}

/** The matches of the fleet's device policies, in the order that they are tried; most devices match none of them. */
export const matches: readonly string[] = [
  `any(device.groups[*] == "${nameOf(1)}")`,
  `any(device.groups[*] in {"${nameOf(2)}" "${nameOf(3)}"}) and os.name == "windows"`,
  'device.labels["ring"] == "pilot"',
  'os.name == "linux" and device.labels["team"] == "team-3"',
  'os.name == "macos" and os.version < "11.2"',
  'os.name == "windows" and os.version >= "17.8"',
  'device.labels["site"] in {"site-1" "site-2" "site-3" "site-4"}',
  'device.region == "eu-north" and device.ram_gb >= 32',
  'device.client_version < "2026.0.5"',
  'device.manufacturer == "zebra" and os.name in {"android" "ios"}',
  'any(identity.groups.name[*] in {"Crew 1" "Crew 2" "Crew 3"})',
  'device.sdk_version >= "5.9.20" and not (os.name == "windows")',
  'identity.email == "person-7@example.com"',
  "device.bucket < 5",
  'device.labels["team"] in {"team-10" "team-11"} and device.gpu_available == true',
  'device.locale == "ja-jp" or device.locale == "pt-br"',
  'os.name == "android" and os.version < "12"',
  'device.model == "Model 7" and device.bucket >= 50',
  'device.app_version < "3.1"',
  'os.name in {"ios" "linux"} and device.region in {"us-east" "us-west"}',
];
