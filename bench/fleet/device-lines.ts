import { pick, randomFrom } from "../random.ts";
import { deviceId, identifier } from "./ids.ts";

/** What the devices of the fleet are drawn from; selectors ask for these. */
export const drawnFrom = {
  platforms: [
    "windows",
    "windows",
    "windows",
    "macos",
    "macos",
    "linux",
    "linux",
    "ios",
    "android",
    "android",
  ],
  manufacturers: ["Dell", "Lenovo", "HP", "Apple", "Samsung", "Acme", "Zebra", "Honeywell"],
  regions: ["eu-west", "eu-north", "us-east", "us-west", "ap-south", "ap-east", "sa-east", "af-south"],
  locales: ["en-US", "en-GB", "de-DE", "fr-FR", "ja-JP", "pt-BR", "hi-IN", "es-MX"],
  memories: [2048, 4096, 8192, 16_384, 16_384, 32_768],
  sites: 200,
  teams: 50,
  userGroups: 100,
  /** The last part of a version is below this. */
  patches: 40,
} as const;

/** The attributes that a device tells with each heartbeat. */
export type Told = {
  readonly os_version: string;
  readonly sdk_version: string;
  readonly battery_pct: number;
};

/** What a device says of itself, by its number from 0. */
export function told(index: number): Told {
  return drawn(index).told;
}

/** The line of one device by its number from 0; each `wave` has it run another version. */
export function deviceLine(index: number, wave = 0): object {
  const { told, random, platform } = drawn(index);
  const day = 1 + (index % 28);
  return {
    ...{ type: "device", id: deviceId(index), device_identifier: identifier(index), platform, ...told },
    ...{ app_version: versionOf(random, 3), app_id: "com.example.agent", cpu_architecture: "arm64" },
    ...{ manufacturer: pick(drawnFrom.manufacturers, random), model: `Model ${Math.floor(random() * 60)}` },
    ...{ region: pick(drawnFrom.regions, random), locale: pick(drawnFrom.locales, random) },
    ...{ total_memory_mb: pick(drawnFrom.memories, random), gpu_available: random() < 0.3 },
    labels: {
      site: `site-${Math.floor(random() * drawnFrom.sites)}`,
      team: `team-${Math.floor(random() * drawnFrom.teams)}`,
      ...(random() < 0.02 && { ring: "pilot" }),
    },
    ...(random() < 0.2 && { user: userOf(index, random) }),
    client_version: `2026.${Math.floor(random() * 6)}.${Math.floor(random() * drawnFrom.patches) + wave * 100}`,
    // Whatever it is, the devices said so themselves, and may say otherwise.
    owners: {},
    created_at: `2026-03-${String(day).padStart(2, "0")}T10:00:00Z`,
    last_seen_at: `2026-04-${String(day).padStart(2, "0")}T10:00:00Z`,
  };
}

function drawn(index: number) {
  const random = randomFrom(0x5eed + index * 2_654_435_761);
  const platform = pick(drawnFrom.platforms, random);
  const told: Told = {
    ...{ os_version: versionOf(random, 10 + Math.floor(random() * 8)), sdk_version: versionOf(random, 5) },
    battery_pct: Math.floor(random() * 101),
  };
  return { told, random, platform };
}

function versionOf(random: () => number, major: number): string {
  return `${major}.${Math.floor(random() * 10)}.${Math.floor(random() * drawnFrom.patches)}`;
}

function userOf(index: number, random: () => number): object {
  const group = Math.floor(random() * drawnFrom.userGroups);
  return { email: `person-${index}@example.com`, groups: [{ id: `idp-${group}`, name: `Crew ${group}` }] };
}
