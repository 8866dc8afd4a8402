import Type, { type Static } from "typebox";
import { policiesFromWire, sentPolicies } from "../../iam/policy-wire.ts";
import { accountWide } from "../../iam/resource-group/index.ts";
import { accountKey, chainOf } from "../../iam/scope.ts";
import {
  type BroughtGroup,
  bringGroup,
  groupMeant,
  kind,
  member,
  membersMax,
  permission,
} from "../../iam/user-group/index.ts";
import type { Context } from "../../operation/operation.ts";
import { instant, line as lineOf, parseInstant } from "../../operation/text.ts";
import { mayChange, mayMake } from "./allowed.ts";
import { type Applied, duplicate, type Line, type LineKind } from "./line.ts";
import { hexId } from "./shapes.ts";

/** Stands for the account itself in what is exported, so that another account can take it. */
export const ownAccount = "@account";

const schema = Type.Object({
  id: Type.Optional(hexId),
  name: Type.Optional(member.name),
  policies: Type.Optional(Type.Union([sentPolicies, Type.Null()])),
  members: Type.Optional(Type.Array(lineOf({ min: 1, max: 320 }), { maxItems: membersMax })),
  created_on: Type.Optional(instant()),
});

type GroupLine = Static<typeof schema>;

const demandOf = (needed: string) =>
  ({ access: { permission: needed }, sees: permission.read, resource: kind }) as const;

/** Lines about user groups. Each has a transaction of its own: what is wrong may show only once it is written. */
export const userGroupLines: LineKind<GroupLine> = {
  type: "user_group",
  takes: [
    { permission: permission.write, resource: kind },
    { permission: permission.changeMembers, resource: kind },
  ],
  share: 1,
  movesRights: true,
  schema,
  async apply(context, pass, [line]): Promise<Applied> {
    if (!line) return { judged: [] };
    const { db, account } = context;
    const before = await groupMeant(db, account.accountId, line.value);
    const names = [line.value.id ?? `: ${line.value.name}`, ...(before ? [before.id] : [])];
    if (names.some((name) => pass.keys.has(`user-group ${name}`))) return { judged: [duplicate] };
    const brought = await broughtIn(context, line);
    const chain = before && chainOf(account.accountId, kind, before.id);
    if (chain) {
      if (brought.name !== undefined || brought.iamPolicies !== undefined)
        mayChange(context, demandOf(permission.write), { noun: before, chain });
      if (brought.emails) mayChange(context, demandOf(permission.changeMembers), { noun: before, chain });
    } else {
      mayMake(context, demandOf(permission.write));
      if (brought.emails?.length) mayMake(context, demandOf(permission.changeMembers));
    }
    const changes = await bringGroup(context, before, brought);
    for (const name of names) pass.keys.put(`user-group ${name}`, line.number);
    const verdict = before ? (changes.length > 0 ? "changed" : "unchanged") : "new";
    return { judged: [{ verdict }], changes };
  },
};

async function broughtIn({ db, account }: Context, { value }: Line<GroupLine>): Promise<BroughtGroup> {
  const { id, name, policies: sent, members, created_on: created } = value;
  const whole = (await accountWide(db, account.accountId)).id;
  const own = accountKey(account.accountId);
  const text = (key: string) => (key === accountKey(ownAccount) ? own : key);
  const iamPolicies =
    sent &&
    policiesFromWire(sent).map(({ resources, ...iamPolicy }) => ({
      ...iamPolicy,
      resources: resources.map(({ id: groupId, scope }) => ({
        ...(groupId !== undefined && { id: groupId === ownAccount ? whole : groupId }),
        ...(scope && {
          scope: { key: text(scope.key), objects: scope.objects.map(({ key }) => ({ key: text(key) })) },
        }),
      })),
    }));
  return {
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    ...(iamPolicies !== undefined && { iamPolicies }),
    ...(members && { emails: members }),
    ...(created !== undefined && { createdOn: parseInstant(created) }),
  };
}
