import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Scratch } from "./scratch.ts";

describe("scratch", () => {
  it("finds what was put last under each key, in memory and put aside", () => {
    const scratch = new Scratch(64);
    const wanted = new Map<string, number>();
    for (let index = 0; index < 5000; index++) {
      // Some keys come again, long after they were put aside.
      const key = `key ${(index * 7919) % 3000}`;
      const number = index % 3 === 0 ? index * 2 ** 33 : index;
      scratch.put(key, number);
      wanted.set(key, number);
    }
    for (const [key, number] of wanted) assert.equal(scratch.get(key), number, key);
    for (let index = 0; index < 3000; index++) assert.equal(scratch.get(`none ${index}`), undefined);
    scratch.close();
  });

  it("keeps the greatest whole number, and nothing", () => {
    const scratch = new Scratch(8);
    scratch.put("most", Number.MAX_SAFE_INTEGER);
    scratch.put("least", 0);
    for (let index = 0; index < 20; index++) scratch.put(`${index}`, index);
    assert.deepEqual([scratch.get("most"), scratch.get("least")], [Number.MAX_SAFE_INTEGER, 0]);
    scratch.close();
  });
});
