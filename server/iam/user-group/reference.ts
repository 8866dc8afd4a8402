import type { Reference } from "../../operation/reference.ts";
import { groupsOfMembers, removeMember } from "../membership/index.ts";
import { userGroupNames } from "./store.ts";
import { kind } from "./user-group.ts";

/** User groups hold members: a member that is removed leaves them. */
export const ofMembers: Reference = {
  to: "member",
  from: kind,
  columns: ["user_group_member.member_id"],
  async find(db, accountId, ids) {
    const held = await groupsOfMembers(db, accountId, ids);
    const pairs = [...held].flatMap(([refersTo, groups]) => groups.map((id) => ({ refersTo, id })));
    const names = await userGroupNames(
      db,
      accountId,
      pairs.map(({ id }) => id),
    );
    return pairs.map(({ refersTo, id }) => ({ kind, id, refersTo, name: names.get(id) ?? id }));
  },
  async release(db, accountId, id) {
    const left = (await groupsOfMembers(db, accountId, [id])).get(id) ?? [];
    if (left.length === 0) return [];
    await removeMember(db, accountId, id);
    return [{ resource: { kind: "member", id }, before: null, after: { left: left.length }, ids: { left } }];
  },
};
