import { fold } from "../operation/text.ts";

/** Names that different clients have for the same environment, by their one name here. */
const aliases = new Map([
  ["mac", "macos"],
  ["darwin", "macos"],
]);

/** The key by which environments, platforms and operating systems compare: without case, and by one name each. */
export function environmentKey(name: string): string {
  const folded = fold(name);
  return aliases.get(folded) ?? folded;
}
