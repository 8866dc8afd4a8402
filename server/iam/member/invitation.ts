import { hash } from "node:crypto";
import { invalid } from "../../failure.ts";
import type { Membership } from "../../operation/caller.ts";
import type { Context } from "../../operation/operation.ts";
import { goesTooFar } from "../grant.ts";
import { heldByOne, iamPoliciesIn } from "../holding.ts";
import { essenceOf, type IamPolicy, policiesOf } from "../iam-policy/index.ts";
import { membershipWith, rightsOf } from "../rights.ts";
import { hashSecret, mintSecret } from "../secret.ts";
import { type Invitation, type Issued, replaceInvitation } from "./invitation-store.ts";
import { invitationLife, type Member } from "./member.ts";
import { findMemberOfUser } from "./store.ts";

/**
 * Makes an invitation for a member who holds these policies; an earlier one opens nothing from then on. It says who
 * made it: whoever passes it on decides who comes.
 */
export async function invite(
  { db, caller, now }: Context,
  member: Pick<Member, "accountId" | "id">,
  held: readonly IamPolicy[],
): Promise<string> {
  const invitation = mintSecret("fli");
  const kind = caller.type === "user" ? "user" : caller.userId === undefined ? "api-token" : "user-token";
  const issued = { by: { kind, id: caller.id }, held: held.map(seal) } as const;
  await replaceInvitation(db, member, hashSecret(invitation), issued, now + invitationLife);
  return invitation;
}

/**
 * An invitation is good for what the member held when it was made. Where others gave it more since, it is good only
 * if whoever made it may give all that: or one would invite, wait, and accept in the place of whom others trust.
 *
 * @throws Failure `invalid` where it is not good any more
 */
export async function checkStillGood(context: Context, invitation: Invitation): Promise<void> {
  const { db, permissionsIn } = context;
  const { accountId, memberId } = invitation;
  const held = iamPoliciesIn(await heldByOne(db, accountId, memberId));
  if (!gainedSince(invitation, held)) return;
  const issuer = await issuerOf(context, invitation);
  if (issuer && !goesTooFar(issuer, rightsOf(accountId, held, permissionsIn))) return;
  throw invalid(
    "/token",
    "token: expected an invitation that is still open; this member was given more since: have it invited again",
  );
}

/** An allow that came, or a deny that went. */
function gainedSince({ held: before }: Issued, held: readonly IamPolicy[]): boolean {
  const [was, is] = [new Set(before), new Set(held.map(seal))];
  const came = [...is].some((each) => !was.has(each) && each.startsWith("allow"));
  return came || [...was].some((each) => !is.has(each) && each.startsWith("deny"));
}

function seal(iamPolicy: IamPolicy): string {
  return `${iamPolicy.access} ${hash("sha256", essenceOf(iamPolicy), "hex")}`;
}

/** The rights that the maker of an invitation has now; a person's own token is not asked for what the person has. */
async function issuerOf(
  { db, permissionsIn }: Context,
  { accountId, by }: Invitation,
): Promise<Membership | undefined> {
  const place = { accountId, orgId: "", rightsRevision: 0 };
  const withPolicies = (held: readonly IamPolicy[]) =>
    membershipWith(place, rightsOf(accountId, held, permissionsIn));
  if (by.kind === "api-token")
    return withPolicies(await policiesOf(db, accountId, { kind: "api-token", id: by.id }));
  const member = by.kind === "user" ? await findMemberOfUser(db, accountId, by.id) : undefined;
  if (!member) return undefined;
  return withPolicies(iamPoliciesIn(await heldByOne(db, accountId, member.id)));
}
