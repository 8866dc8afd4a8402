import type { Document } from "./openapi.ts";

/** The reference as one page of HTML: no script, nothing loaded from elsewhere. */
export function page(document: Document): string {
  return `<!doctype html><title>${document.info.title}</title>`;
}
