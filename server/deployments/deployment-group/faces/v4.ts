import Type, { type Static } from "typebox";
import { face, listFace } from "../../../operation/face.ts";
import { printInstant } from "../../../operation/instant.ts";
import { orNull } from "../../../operation/text.ts";
import { type DeploymentGroup, member, type Target, type VersionConfig } from "../deployment-group.ts";
import {
  createDeploymentGroup,
  editDeploymentGroup,
  getDeploymentGroup,
  listAllDeploymentGroups,
  removeDeploymentGroup,
} from "../operations.ts";

const closed = { additionalProperties: false } as const;

const answer = Type.Object(
  {
    id: member.id,
    name: member.name,
    version_config: Type.Array(
      Type.Object(
        { target_environment: Type.Union([Type.String(), Type.Null()]), version: Type.String() },
        closed,
      ),
    ),
    policy_ids: Type.Optional(Type.Array(Type.String())),
    created_at: Type.String({ format: "date-time" }),
    updated_at: Type.String({ format: "date-time" }),
  },
  closed,
);

const where = { dialect: "v4", account: "path", family: "product" } as const;
const groups = "/accounts/{account_id}/devices/deployment-groups";
const one = `${groups}/{group_id}`;

const list = listFace(listAllDeploymentGroups, {
  ...where,
  method: "GET",
  path: groups,
  paging: { default: 50, max: 100 },
  answer,
  read: () => ({}),
  write: toWire,
});

const get = face(getDeploymentGroup, {
  ...where,
  method: "GET",
  path: one,
  answer,
  read: () => ({}),
  write: toWire,
});

const create = face(createDeploymentGroup, {
  ...where,
  method: "POST",
  path: groups,
  body: Type.Object({
    name: member.name,
    version_config: member.versionConfig,
    policy_ids: orNull(member.policyIds),
  }),
  answer,
  outcome: "created",
  read: ({ body }) => ({
    name: body.name,
    targets: targetsOf(body.version_config),
    policyIds: body.policy_ids ?? null,
  }),
  write: toWire,
});

const edit = face(editDeploymentGroup, {
  ...where,
  method: "PATCH",
  path: one,
  body: Type.Object({
    name: Type.Optional(member.name),
    version_config: Type.Optional(member.versionConfig),
    policy_ids: orNull(member.policyIds),
  }),
  answer,
  read: ({ body }) => ({
    ...(body.name !== undefined && { name: body.name }),
    ...(body.version_config && { targets: targetsOf(body.version_config) }),
    ...(body.policy_ids !== undefined && { policyIds: body.policy_ids }),
  }),
  write: toWire,
});

const remove = face(removeDeploymentGroup, {
  ...where,
  method: "DELETE",
  path: one,
  answer: Type.Object({ id: member.id }, closed),
  read: () => ({}),
  write: ({ id }) => ({ id }),
});

/** The faces of deployment groups on `/client/v4`. */
export const v4 = [list, get, create, edit, remove];

/** Reads targets as they are sent. */
export function targetsOf(versionConfig: VersionConfig): Target[] {
  return versionConfig.map(({ target_environment, version }) => ({
    environment: target_environment,
    version,
  }));
}

/** `policy_ids` that were never set are left out: clients tell that from an empty list. */
function toWire(group: DeploymentGroup): Static<typeof answer> {
  return {
    id: group.id,
    name: group.name,
    version_config: group.targets.map(({ environment, version }) => ({
      target_environment: environment,
      version,
    })),
    ...(group.policyIds && { policy_ids: [...group.policyIds] }),
    created_at: printInstant(group.createdAt, "micro"),
    updated_at: printInstant(group.updatedAt, "micro"),
  };
}
