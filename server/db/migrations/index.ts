// Every change of the schema there ever was, in order. Lines are added at the end and never altered.
export * as "0000-value-lists" from "./0000-value-lists.ts";
export * as "0001-foundation" from "./0001-foundation.ts";
export * as "0002-people" from "./0002-people.ts";
export * as "0003-device-policies" from "./0003-device-policies.ts";
export * as "0004-device-plane" from "./0004-device-plane.ts";
