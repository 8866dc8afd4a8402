/** Text that is HTML already: what `html` makes, and nothing else. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: texts and numbers are escaped, lists are put one after the other. */
export type Part = Html | string | number | readonly Part[];

/** Makes HTML out of a template; whatever is put into it and is not HTML yet is escaped. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, index) => text + written(parts[index] ?? "")).join(""));
}

/** Nothing. */
export const none: Html = new Html("");

/** Puts a separator between pieces of HTML. */
export function joined(pieces: readonly Html[], separator: string): Html {
  return html`${pieces.map((piece, index) => (index === 0 ? piece : html`${separator}${piece}`))}`;
}

/** An address within the page. */
export function linkTo(id: string): string {
  return `#${encodeURIComponent(id.toWellFormed())}`;
}

function written(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(written).join("");
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
