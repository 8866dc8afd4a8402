import { invalid } from "../../failure.ts";
import { admit } from "../../operation/admit.ts";
import { type Context, read } from "../../operation/operation.ts";
import type { Listed, Page } from "../../operation/page.ts";
import { allTokens, findToken, permission as ofToken, kind as tokenKind } from "../api-token/index.ts";
import { draftsFrom, type SentPolicy } from "../drafts.ts";
import { asHeld, type Held, heldBy, heldByOne } from "../holding.ts";
import { identify } from "../iam-policy/index.ts";
import {
  acceptedMembers,
  findMemberByEmail,
  findMemberOfUser,
  findMembers,
  type MemberWithPolicies,
  kind as memberKind,
  memberTarget,
  permission as ofMember,
} from "../member/index.ts";
import { chainOf, chainOfKind } from "../scope.ts";
import { findUserToken } from "../user-token/index.ts";
import { type Effective, effectiveOf } from "./effective.ts";
import { type Explained, explain, makeDecider } from "./explain.ts";
import { type NamedHeld, named } from "./naming.ts";
import { type Asked, questionOf } from "./question.ts";

/** About whom: a member, an account's token, somebody with these policies; oneself where nothing is said. */
export type About = {
  readonly memberId?: string;
  /** A member by its e-mail address. */
  readonly email?: string;
  readonly tokenId?: string;
  readonly iamPolicies?: readonly SentPolicy[];
};

/** An explanation and everything it speaks of, by name. */
export type Answered = Asked & {
  readonly explained: Explained;
  readonly chain: readonly string[];
  readonly acceptedPermissions: readonly string[];
  readonly names: NamedHeld;
};

/** Somebody who may, and the policy that lets them. */
export type Able = {
  readonly type: "member" | "token";
  readonly id: string;
  readonly name: string;
  readonly through: Held;
  readonly names: NamedHeld;
};

/** Members that are looked up at once. */
const membersAtOnce = 1000;

/** Says whether somebody may do something, which policy decided, and why every other didn't. */
export const explainAccess = read<About & Asked, Answered>({
  name: "access.explain",
  summary: "Explain whether somebody may use a permission on a resource",
  access: {
    to: "everyone",
    reason: "whoever calls may ask about itself; about others it takes the permission to see them",
  },
  resource: memberKind,
  sees: ofMember.read,
  async run(context, { permission, resource, ...about }) {
    const question = await questionOf(context, { permission, resource });
    const { held, owner } = await policiesOfWhom(context, about);
    const { account, groupsContaining, permissionsIn } = context;
    const explained = explain(question, held, owner, account.accountId, permissionsIn);
    const names = await named(context, [...held, ...(owner ?? [])]);
    const chain = [...new Set([...question.chain, ...(question.sight?.chain ?? [])])];
    return {
      permission,
      resource,
      explained,
      chain,
      names,
      acceptedPermissions: groupsContaining(permission),
    };
  },
});

/** Lists the members and the account's tokens that may use a permission on a resource. */
export const whoCan = read<Asked & { page: Page }, Listed<Able>>({
  name: "access.who-can",
  summary: "List who may use a permission on a resource",
  access: { permission: ofMember.read },
  resource: memberKind,
  sees: ofMember.read,
  async run(context, { permission, resource, page }) {
    const { account, permissionsIn } = context;
    const question = await questionOf(context, { permission, resource });
    const lets = makeDecider(question, account.accountId, permissionsIn);
    const able = [...(await ableMembers(context, lets)), ...(await ableTokens(context, lets))];
    const items = able.slice(page.offset, page.offset + page.limit);
    const names = await named(
      context,
      items.map(({ through }) => through),
    );
    return { items: items.map((item) => ({ ...item, names })), total: able.length, next: null };
  },
});

/** Lists what a member may and may not do, on what, and by which policy: its own and its user groups'. */
export const effectivePermissions = read<
  { page: Page },
  Listed<Effective & { names: NamedHeld }>,
  MemberWithPolicies
>({
  name: "member.effective-permissions",
  summary: "List a member's effective permissions",
  access: { permission: ofMember.read },
  resource: memberKind,
  sees: ofMember.read,
  target: memberTarget,
  async run(context, { page }, { id }) {
    const { db, account, permissionsIn } = context;
    const held = await heldByOne(db, account.accountId, id);
    const { lines, total } = effectiveOf(held, account.accountId, permissionsIn, page);
    const names = await named(context, held);
    return { items: lines.map((line) => ({ ...line, names })), total, next: null };
  },
});

type Whose = { readonly held: readonly Held[]; readonly owner: readonly Held[] | null };

async function policiesOfWhom(context: Context, about: About): Promise<Whose> {
  const { memberId, email, tokenId, iamPolicies: sent } = about;
  if ([memberId, email, tokenId, sent].filter((each) => each !== undefined).length > 1)
    throw invalid("/caller", "caller: expected a member, a token or policies, not several of them");
  if (memberId !== undefined) return { held: await ofMemberNamed(context, memberId), owner: null };
  if (email !== undefined) {
    const member = await findMemberByEmail(context.db, context.account.accountId, email);
    return { held: await ofMemberNamed(context, member?.id ?? ""), owner: null };
  }
  if (tokenId !== undefined) return { held: await ofTokenNamed(context, tokenId), owner: null };
  if (sent === undefined) return ofCaller(context);
  const iamPolicies = identify(await draftsFrom(context, sent, { kept: false }), [], () => context.ids.hex());
  return { held: asHeld({ kind: "member", id: "" }, iamPolicies), owner: null };
}

async function ofMemberNamed(context: Context, id: string): Promise<readonly Held[]> {
  const { db, account } = context;
  const [member] = await findMembers(db, account.accountId, [id]);
  const chain = chainOf(account.accountId, memberKind, id);
  const demand = { access: { permission: ofMember.read }, sees: ofMember.read, resource: memberKind };
  admit(
    { ...context, chainOfKind },
    account,
    demand,
    member ? { chain, noun: member } : { missing: "member" },
  );
  return await heldByOne(db, account.accountId, id);
}

async function ofTokenNamed(context: Context, id: string): Promise<readonly Held[]> {
  const { db, account } = context;
  const token = await findToken(db, account.accountId, id);
  const chain = chainOf(account.accountId, tokenKind, id);
  const demand = { access: { permission: ofToken.read }, sees: ofToken.read, resource: tokenKind };
  admit(
    { ...context, chainOfKind },
    account,
    demand,
    token ? { chain, noun: token } : { missing: "API token" },
  );
  return asHeld({ kind: tokenKind, id }, token?.iamPolicies ?? []);
}

async function ofCaller({ db, account, caller }: Context): Promise<Whose> {
  const { accountId } = account;
  if (caller.userId === undefined) {
    const token = await findToken(db, accountId, caller.id);
    return { held: asHeld({ kind: tokenKind, id: caller.id }, token?.iamPolicies ?? []), owner: null };
  }
  const member = await findMemberOfUser(db, accountId, caller.userId);
  const own = member ? await heldByOne(db, accountId, member.id) : [];
  if (caller.type === "user") return { held: own, owner: null };
  const token = await findUserToken(db, caller.userId, caller.id);
  return { held: asHeld({ kind: tokenKind, id: caller.id }, token?.iamPolicies ?? []), owner: own };
}

type Lets = (held: readonly Held[]) => Held | null;

async function ableMembers({ db, account }: Context, lets: Lets): Promise<Omit<Able, "names">[]> {
  const { accountId } = account;
  const seen = (await acceptedMembers(db, accountId)).filter(
    ({ id }) => account.authorize(ofMember.read, chainOf(accountId, memberKind, id)).allowed,
  );
  const able: Omit<Able, "names">[] = [];
  for (let from = 0; from < seen.length; from += membersAtOnce) {
    const members = seen.slice(from, from + membersAtOnce);
    const held = await heldBy(
      db,
      accountId,
      members.map(({ id }) => id),
    );
    for (const { id, email } of members) {
      const through = lets(held.get(id) ?? []);
      if (through) able.push({ type: "member", id, name: email, through });
    }
  }
  return able;
}

/** Tokens are shown to whoever may see them; for others there are none. */
async function ableTokens({ db, account, now }: Context, lets: Lets): Promise<Omit<Able, "names">[]> {
  const { accountId } = account;
  return (await allTokens(db, accountId, now))
    .filter(({ id }) => account.authorize(ofToken.read, chainOf(accountId, tokenKind, id)).allowed)
    .flatMap(({ id, name, iamPolicies }) => {
      const through = lets(asHeld({ kind: tokenKind, id }, iamPolicies));
      return through ? [{ type: "token" as const, id, name, through }] : [];
    });
}
