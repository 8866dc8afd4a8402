import { hash, randomBytes as nodeRandomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/** What a secret begins with says what it opens: `flk` a global key, `fld` a device, and so on. */
export type SecretPrefix = (typeof prefixes)[number];

/** Account token, user token, global key, device, enrolment, invitation. */
const prefixes = ["flat", "flut", "flk", "fld", "fle", "fli"] as const;

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const randomLength = 40;
const checksumLength = 6;

const mintedShape = new RegExp(`^(?:${prefixes.join("|")})_[0-9A-Za-z]{${randomLength + checksumLength}}$`);

/**
 * Makes a new secret: the prefix, `_`, 40 random base62 characters (238 bits) and 6 of a checksum over all of
 * that. It is 50 or 51 characters long, which fits what existing clients demand of a token (40 to 80) and of
 * a global key (37 to 60).
 */
export function mintSecret(
  prefix: SecretPrefix,
  randomBytes: (size: number) => Uint8Array = nodeRandomBytes,
): string {
  const body = `${prefix}_${randomBase62(randomBytes)}`;
  return body + checksumOf(body);
}

/**
 * Has this text the form of a secret that we minted? A secret that was fixed from outside usually has not,
 * and says nothing wrong by that: only `looksMinted` and not `checksumHolds` means a typing error.
 */
export function looksMinted(secret: string): boolean {
  return mintedShape.test(secret);
}

/** Do the last 6 characters match the rest? Means something only for a secret that `looksMinted`. */
export function checksumHolds(secret: string): boolean {
  return secret.slice(-checksumLength) === checksumOf(secret.slice(0, -checksumLength));
}

/** What is stored of a secret, and what it is found by: its SHA-256 as 64 lowercase hex digits. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "hex");
}

/** Throws bytes of 248 and more away: 256 is no multiple of 62, and the first characters would be favoured. */
function randomBase62(randomBytes: (size: number) => Uint8Array): string {
  let text = "";
  while (text.length < randomLength) {
    for (const byte of randomBytes(randomLength + 8)) {
      if (byte < 4 * base62.length && text.length < randomLength) text += base62[byte % base62.length];
    }
  }
  return text;
}

/** CRC-32 as 6 base62 digits, the highest first. */
function checksumOf(body: string): string {
  let rest = crc32(body);
  let digits = "";
  for (let count = 0; count < checksumLength; count += 1) {
    digits = base62[rest % base62.length] + digits;
    rest = Math.floor(rest / base62.length);
  }
  return digits;
}
