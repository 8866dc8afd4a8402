import Type, { type Static } from "typebox";
import { invalid } from "../../../failure.ts";
import { face, listFace } from "../../../operation/face.ts";
import { instant } from "../../../operation/text.ts";
import { member } from "../device-group.ts";
import {
  createDeviceGroup,
  deleteDeviceGroup,
  type Edit,
  getDeviceGroup,
  listDeviceGroups,
  updateDeviceGroup,
} from "../operations.ts";
import { groupToWire, rulesIn, shownGroup } from "./wire.ts";

const groups = "/device-groups";
const one = `${groups}/{group_id}`;

const rules = Type.Optional(Type.Union([member.rules, Type.Null()]));

const list = listFace(listDeviceGroups, {
  dialect: "rest",
  method: "GET",
  path: groups,
  account: "query",
  query: Type.Object({
    group_type: Type.Optional(member.type),
    tag: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 20 })),
    search: Type.Optional(Type.String({ maxLength: 255 })),
  }),
  paging: { default: 100, max: 1000, items: "groups" },
  answer: shownGroup,
  read: ({ query }) => ({
    filter: {
      tags: query.tag ?? [],
      ...(query.group_type && { type: query.group_type }),
      ...(query.search !== undefined && { search: query.search }),
    },
  }),
  write: (group, { org }) => groupToWire(group, org),
});

const get = face(getDeviceGroup, {
  dialect: "rest",
  method: "GET",
  path: one,
  account: "object",
  answer: shownGroup,
  read: () => ({}),
  write: (group, { org }) => groupToWire(group, org),
});

const create = face(createDeviceGroup, {
  dialect: "rest",
  method: "POST",
  path: groups,
  account: "body",
  accountRequired: true,
  body: Type.Object({
    org_id: Type.Optional(Type.String()),
    name: member.name,
    description: Type.Optional(member.description),
    group_type: Type.Optional(member.type),
    tags: Type.Optional(Type.Union([member.tags, Type.Null()])),
    auto_assignment_rules: rules,
  }),
  answer: shownGroup,
  outcome: "created",
  read({ body }) {
    const { group_type: type = "static", description = null, tags, auto_assignment_rules: sent } = body;
    return {
      ...{ name: body.name.trim(), description, type, tags: tags ?? [] },
      rules: sent ? rulesIn(sent) : null,
    };
  },
  write: (group, { org }) => groupToWire(group, org),
  location: ({ id }) => `${groups}/${id}`,
});

const editable = Type.Object({
  name: Type.Optional(member.name),
  description: Type.Optional(member.description),
  tags: Type.Optional(Type.Union([member.tags, Type.Null()])),
  is_active: Type.Optional(member.isActive),
  auto_assignment_rules: rules,
  id: Type.Optional(Type.String()),
  org_id: Type.Optional(Type.String()),
  group_type: Type.Optional(member.type),
  created_at: Type.Optional(instant()),
});

const edit = (method: "PUT" | "PATCH") =>
  face(updateDeviceGroup, {
    dialect: "rest",
    method,
    path: one,
    account: "object",
    query: Type.Object({ force: Type.Optional(Type.Boolean()) }),
    body: editable,
    answer: shownGroup,
    read: ({ query, body }) => ({ ...editOf(body), force: query.force ?? false }),
    write: (group, { org }) => groupToWire(group, org),
  });

const remove = face(deleteDeviceGroup, {
  dialect: "rest",
  method: "DELETE",
  path: one,
  account: "object",
  query: Type.Object({ force: Type.Optional(Type.Boolean()) }),
  answer: shownGroup,
  outcome: "gone",
  read: ({ query }) => ({ force: query.force ?? false }),
  write: (group, { org }) => groupToWire(group, org),
});

/** The faces of device groups on `/api/v1`, but for who is in them. */
export const rest = [list, get, create, edit("PUT"), edit("PATCH"), remove];

/** Absent means unchanged. What can't be changed may be sent back as it is: the operation compares. */
function editOf(body: Static<typeof editable>): Edit {
  const { auto_assignment_rules: sent } = body;
  const edit = {
    ...(body.name !== undefined && { name: body.name.trim() }),
    ...(body.description !== undefined && { description: body.description }),
    ...(body.tags !== undefined && { tags: body.tags ?? [] }),
    ...(body.is_active !== undefined && { isActive: body.is_active }),
    ...(sent !== undefined && { rules: sent && rulesIn(sent) }),
  };
  if (Object.keys(edit).length === 0)
    throw invalid("", "expected at least one of name, description, tags, is_active, auto_assignment_rules");
  const fixed = {
    ...(body.id !== undefined && { id: body.id }),
    ...(body.org_id !== undefined && { org_id: body.org_id }),
    ...(body.group_type !== undefined && { group_type: body.group_type }),
    ...(body.created_at !== undefined && { created_at: body.created_at }),
  };
  return { ...edit, fixed };
}
