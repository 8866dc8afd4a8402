import type { Room } from "../../operation/room.ts";
import { exportLines } from "./export.ts";
import { rest } from "./faces/rest.ts";
import { importLines, listImports } from "./import.ts";

/** Imports and exports: all of an account, line by line. */
export const transfer: Room = { operations: [importLines, listImports, exportLines], faces: rest };
