import { chainOfKind } from "../../iam/scope.ts";
import { admit, admitToKind, type Demand, forbidden } from "../../operation/admit.ts";
import type { Context, StreamContext, Target } from "../../operation/operation.ts";
import type { LineKind } from "./line.ts";

type Asking = Pick<Context, "account" | "groupsContaining">;

/** Lets a caller pass to a kind as a whole, to make a new one of it. Throws Failure `forbidden`. */
export function mayMake({ account, groupsContaining }: Asking, { access, resource }: Demand): void {
  admitToKind({ chainOfKind, groupsContaining }, account, access, resource);
}

/** Lets a caller pass to what there is, and answers it. Throws Failure `missing` or `forbidden`, as a path would. */
export function mayChange<Noun>(
  { account, groupsContaining }: Asking,
  demand: Demand,
  target: Target<Noun>,
): Noun {
  return admit({ chainOfKind, groupsContaining }, account, demand, target);
}

type Takes = Pick<LineKind<any>, "takes">;

/** Whether a caller may bring any line of a kind. */
export function holdsAny({ account }: Pick<Asking, "account">, { takes }: Takes): boolean {
  return takes.some(({ permission, resource }) => account.holds(permission, resource));
}

/** Throws Failure `forbidden` for a caller that may bring no line of any kind. */
export function checkHoldsSome(
  context: Pick<StreamContext, "account" | "groupsContaining">,
  kinds: readonly Takes[],
): void {
  if (kinds.some((kind) => holdsAny(context, kind))) return;
  const [{ permission = "" } = {}] = kinds.flatMap(({ takes }) => takes);
  throw forbidden({ chainOfKind, groupsContaining: context.groupsContaining }, permission, "no-allow");
}
