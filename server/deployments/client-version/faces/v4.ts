import Type, { type Static } from "typebox";
import { checker } from "../../../operation/check.ts";
import { face, listFace } from "../../../operation/face.ts";
import { line, orNull, parseInstant, printInstant } from "../../../operation/text.ts";
import { environmentKey } from "../../../selector/environment.ts";
import { type ClientVersion, environmentsMax, member } from "../client-version.ts";
import {
  getClientVersion,
  listAllClientVersions,
  listAllTargetEnvironments,
  removeClientVersion,
  setClientVersion,
} from "../operations.ts";

const closed = { additionalProperties: false } as const;
const where = { dialect: "v4", account: "path", family: "product" } as const;
const versions = "/accounts/{account_id}/devices/client-versions";
const one = `${versions}/{environment}/{version}`;

const listed = {
  version: Type.String(),
  release_date: Type.String({ format: "date-time" }),
  package_url: Type.Optional(Type.String()),
  package_size: Type.Optional(Type.Integer()),
  release_notes: Type.Optional(Type.String()),
};
const listedAnswer = Type.Object(listed, closed);
const answer = Type.Object(
  { target_environment: Type.String(), release_track: member.releaseTrack, ...listed },
  closed,
);

const list = listFace(listAllClientVersions, {
  ...where,
  method: "GET",
  path: versions,
  query: Type.Object({
    target_environment: line({ min: 1, max: 64, examples: ["windows"] }),
    release_track: Type.Enum(["ga", "beta"], { examples: ["ga"] }),
  }),
  paging: { default: 20, max: 100 },
  answer: listedAnswer,
  read: ({ query }) => ({
    environment: environmentKey(query.target_environment),
    releaseTrack: query.release_track,
  }),
  write: toListed,
});

const listEnvironments = listFace(listAllTargetEnvironments, {
  ...where,
  method: "GET",
  path: `${versions}/target-environments`,
  paging: { default: environmentsMax, max: environmentsMax },
  answer: Type.Object({ target_environment: Type.String(), display_name: Type.String() }, closed),
  read: () => ({}),
  write: ({ environment, displayName }) => ({ target_environment: environment, display_name: displayName }),
});

const get = face(getClientVersion, {
  ...where,
  method: "GET",
  path: one,
  answer,
  read: () => ({}),
  write: toWire,
});

const checkEnvironment = checker(member.environment);
const checkVersion = checker(member.version);

const set = face(setClientVersion, {
  ...where,
  method: "PUT",
  path: one,
  body: Type.Object({
    release_track: orNull(member.releaseTrack),
    release_date: orNull(member.releaseDate),
    package_url: orNull(member.packageUrl),
    package_size: orNull(member.packageSize),
    release_notes: orNull(member.releaseNotes),
  }),
  bodyOptional: true,
  answer,
  read({ path: { environment = "", version = "" }, body = {} }) {
    checkEnvironment(environment, "/environment");
    checkVersion(version, "/version");
    return {
      environment: environmentKey(environment),
      version,
      releaseTrack: body.release_track ?? "ga",
      releaseDate: body.release_date ? parseInstant(body.release_date) : null,
      packageUrl: body.package_url ?? null,
      packageSize: body.package_size ?? null,
      releaseNotes: body.release_notes ?? null,
    };
  },
  write: toWire,
});

const remove = face(removeClientVersion, {
  ...where,
  method: "DELETE",
  path: one,
  answer,
  read: () => ({}),
  write: toWire,
});

/** The faces of client versions on `/client/v4`. */
export const v4 = [list, listEnvironments, get, set, remove];

function toWire(given: ClientVersion): Static<typeof answer> {
  return {
    target_environment: given.environment,
    release_track: given.releaseTrack,
    ...toListed(given),
  };
}

function toListed(given: ClientVersion): Static<typeof listedAnswer> {
  return {
    version: given.version,
    release_date: printInstant(given.releaseDate, "shortest"),
    ...(given.packageUrl !== null && { package_url: given.packageUrl }),
    ...(given.packageSize !== null && { package_size: given.packageSize }),
    ...(given.releaseNotes !== null && { release_notes: given.releaseNotes }),
  };
}
