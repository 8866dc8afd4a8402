/** How many characters of a member's name a pointer repeats: a name of a megabyte must not come back. */
const longestName = 80;

/** The JSON pointer (RFC 6901) of a member or an item of what `parent` points at; long names are cut. */
export function pointerUnder(parent: string, name: string | number): string {
  const text = String(name).toWellFormed();
  const short = text.length > longestName ? `${text.slice(0, longestName).toWellFormed()}…` : text;
  return `${parent}/${short.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** A message about what a pointer points at: `version_config/0: required`; the whole document has no name. */
export function aboutMember(pointer: string, problem: string): string {
  return pointer === "" ? problem : `${pointer.slice(1)}: ${problem}`;
}
