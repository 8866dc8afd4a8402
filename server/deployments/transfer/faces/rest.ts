import Type, { type Static } from "typebox";
import { face, streamFace } from "../../../operation/face.ts";
import { printInstant } from "../../../operation/instant.ts";
import { line, oneOf, textMap, wholeNumber } from "../../../operation/text.ts";
import { exportLines } from "../export.ts";
import { type Imported, importLines, listImports } from "../import.ts";
import type { Job } from "../import-job.ts";
import { lineTypes } from "../line.ts";
import type { Tally } from "../tally.ts";

const closed = { additionalProperties: false } as const;

/** The greatest number of a line: the one behind it can be told, too. */
const linesMax = Number.MAX_SAFE_INTEGER - 1;

/** Columns that one table can be read by. */
const columnsMax = 600;

const count = Type.Object(
  {
    ...{ new: Type.Integer(), changed: Type.Integer(), unchanged: Type.Integer() },
    ...{ bad: Type.Integer(), duplicate: Type.Integer() },
  },
  closed,
);

const told = {
  atomic: Type.Boolean(),
  lines: Type.Integer(),
  next_line: Type.Integer({ description: "Everything before it is applied." }),
  counts: Type.Object(
    { ...Object.fromEntries(lineTypes.map((type) => [type, Type.Optional(count)])), total: count },
    closed,
  ),
  errors: Type.Array(
    Type.Object({ line: Type.Integer(), field: Type.String(), message: Type.String() }, closed),
  ),
  errors_total: Type.Integer(),
};

const answer = Type.Object(
  {
    job_id: Type.Union([Type.String(), Type.Null()]),
    state: oneOf("done", "refused"),
    dry_run: Type.Boolean(),
    ...told,
  },
  closed,
);

const bring = streamFace(importLines, {
  dialect: "rest",
  method: "POST",
  path: "/import",
  account: "query",
  takes: ["ndjson", "csv"],
  query: Type.Object({
    format: Type.Optional(oneOf("ndjson", "csv")),
    atomic: Type.Optional(Type.Boolean({ description: "Where any line is bad, nothing is applied." })),
    from_line: Type.Optional(wholeNumber(1, linesMax, { description: "Lines before it are not looked at." })),
    kind: Type.Optional(oneOf("device", "membership")),
    column: Type.Optional(
      textMap({
        max: columnsMax,
        key: line({ min: 1, max: 300 }),
        item: line({ min: 1, max: 300 }),
        description: "`column[member]=Column`: which column of a table says what.",
      }),
    ),
    group: Type.Optional(line({ min: 1, max: 255, description: "The group of all rows, by id or name." })),
  }),
  answer,
  read: ({ query, format }) => ({
    ...{ atomic: query.atomic ?? false, fromLine: query.from_line ?? 1 },
    ...{ format: query.format ?? format ?? "ndjson", kind: query.kind ?? "device" },
    columns: query.column ?? {},
    ...(query.group !== undefined && { group: query.group }),
  }),
  write: (imported) => importedToWire(imported as Imported),
});

const time = Type.String({ format: "date-time" });

const jobs = face(listImports, {
  dialect: "rest",
  method: "GET",
  path: "/import",
  account: "query",
  answer: Type.Object(
    {
      imports: Type.Array(
        Type.Object(
          {
            job_id: Type.String(),
            state: oneOf("running", "done", "refused", "interrupted"),
            ...told,
            ...{ started_at: time, updated_at: time },
          },
          closed,
        ),
      ),
    },
    closed,
  ),
  read: () => ({}),
  write: (those) => ({ imports: those.map(jobToWire) }),
});

const give = streamFace(exportLines, {
  dialect: "rest",
  method: "GET",
  path: "/export",
  account: "query",
  gives: "ndjson",
  query: Type.Object({
    types: Type.Optional(line({ min: 1, max: 255, description: `Some of ${lineTypes.join(",")}.` })),
  }),
  answer: Type.Object({ type: oneOf("export", ...lineTypes) }, { additionalProperties: true }),
  read: ({ query: { types } }) => (types === undefined ? {} : { types: types.split(",") }),
  write: (given) => given,
});

/** The faces of imports and exports on `/api/v1`. */
export const rest = [bring, jobs, give];

function talliedToWire({ lines, counts, faults, faultsTotal }: Tally) {
  return { lines, counts, errors: [...faults], errors_total: faultsTotal };
}

function importedToWire({
  jobId,
  state,
  rehearsed,
  atomic,
  nextLine,
  tally,
}: Imported): Static<typeof answer> {
  return {
    ...{ job_id: jobId, state, dry_run: rehearsed, atomic, next_line: nextLine },
    ...talliedToWire(tally),
  } as Static<typeof answer>;
}

function jobToWire({ id, state, options, nextLine, tally, startedAt, updatedAt }: Job) {
  return {
    ...{ job_id: id, state, atomic: options.atomic, next_line: nextLine },
    ...talliedToWire(tally),
    started_at: printInstant(startedAt, "seconds"),
    updated_at: printInstant(updatedAt, "seconds"),
  };
}
