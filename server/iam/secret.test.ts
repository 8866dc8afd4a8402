import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { checksumHolds, hashSecret, looksMinted, mintSecret } from "./secret.ts";

const prefixes = ["flat", "flut", "flk", "fld", "fle", "fli"] as const;

describe("mintSecret", () => {
  it("makes secrets that look minted and whose checksum holds", () => {
    for (const prefix of prefixes) {
      const secret = mintSecret(prefix);
      assert.match(secret, new RegExp(`^${prefix}_[0-9A-Za-z]{46}$`));
      assert.ok(looksMinted(secret) && checksumHolds(secret), secret);
    }
    assert.notEqual(mintSecret("flk"), mintSecret("flk"));
  });

  it("makes what existing clients demand of tokens and global keys", () => {
    for (const prefix of ["flat", "flut"] as const)
      assert.match(mintSecret(prefix), /^[0-9A-Za-z\-_]{40,80}$/);
    assert.match(mintSecret("flk"), /^[0-9A-Za-z\-_]{37,60}$/);
  });

  it("favours no character", () => {
    const counts = new Map<string, number>();
    for (let made = 0; made < 5000; made += 1)
      for (const character of mintSecret("fld").slice(4, 44))
        counts.set(character, (counts.get(character) ?? 0) + 1);
    const mean = (5000 * 40) / 62;
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    assert.equal(counts.size, 62);
    // 61 degrees of freedom: by chance above 150 once in some 10^9 runs; taking bytes modulo 62 gives 3 000.
    assert.ok(chiSquare < 150, String(chiSquare));
  });

  it("asks for more randomness when too much of it was thrown away", () => {
    let draws = 0;
    const secret = mintSecret("flk", (size) => new Uint8Array(size).fill(draws++ === 0 ? 255 : 61));
    assert.equal(secret.slice(0, 44), `flk_${"z".repeat(40)}`);
  });
});

describe("looksMinted and checksumHolds", () => {
  it("find every changed character and every swap of neighbours", () => {
    const secret = mintSecret("flut");
    for (let at = 5; at < secret.length; at += 1) {
      const changed = secret.slice(0, at) + (secret[at] === "x" ? "y" : "x") + secret.slice(at + 1);
      assert.ok(looksMinted(changed) && !checksumHolds(changed), changed);
      if (at + 1 === secret.length || secret[at] === secret[at + 1]) continue;
      const swapped = secret.slice(0, at) + secret[at + 1] + secret[at] + secret.slice(at + 2);
      assert.ok(!checksumHolds(swapped), swapped);
    }
    assert.ok(!checksumHolds(secret.replace("flut_", "flat_")));
  });

  it("leave secrets of other making alone", () => {
    const secret = mintSecret("flk");
    for (const other of [
      "",
      "144c9defac04969c7bfad8efaa8ea194",
      "x".repeat(50),
      `${secret}0`,
      secret.slice(1),
      `${secret}\n`,
    ])
      assert.ok(!looksMinted(other), other);
  });
});

describe("hashSecret", () => {
  it("is SHA-256 in hex of the whole secret", () => {
    assert.equal(hashSecret("flk_é"), createHash("sha256").update("flk_é").digest("hex"));
    assert.match(hashSecret(mintSecret("fle")), /^[0-9a-f]{64}$/);
  });
});
