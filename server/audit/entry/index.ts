export { type Heads, recordDone, recordRefused } from "./record.ts";
export { type Desk, makeRefusals, type Refusals } from "./refusals.ts";
export { findBreak } from "./verify.ts";
