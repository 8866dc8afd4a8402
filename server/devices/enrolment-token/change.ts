import { Failure, invalid } from "../../failure.ts";
import { grantRefusal } from "../../iam/grant.ts";
import { grant } from "../../iam/permission-group/index.ts";
import { chainOfKind } from "../../iam/scope.ts";
import type { Context } from "../../operation/operation.ts";
import { blankDevice, brought, kind as deviceKind, permission as ofDevice } from "../device/index.ts";
import type { EnrolmentToken, Fixed } from "./enrolment-token.ts";

/** What makes a token; in an edit, an absent member stays as it is. */
export type Wanted = {
  readonly name?: string;
  readonly disabled?: boolean;
  /** Microseconds since the epoch. */
  readonly expiresAt?: number | null;
  readonly fixed?: Fixed;
};

/**
 * The token that is wanted; what is not said stays as it was.
 *
 * @throws Failure `invalid` where more is fixed than one device can have; `forbidden` where the caller may register no
 *   devices itself and yet would let somebody do it who could not before
 */
export function changed(context: Context, before: EnrolmentToken | null, wanted: EnrolmentToken) {
  checkFits(wanted.fixed);
  if (before === null || isWider(before, wanted)) checkMayGive(context, wanted);
  return wanted;
}

/** What every device that enrols would be refused for is refused at once. */
function checkFits(fixed: Fixed): void {
  try {
    brought(blankDevice("", "", 0), fixed, "enrolment");
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw invalid(`/fixed${error.details.pointer}`, `fixed${error.details.pointer}: ${wordsOf(error)}`);
  }
}

function wordsOf({ message }: Failure): string {
  return message.slice(message.indexOf(": ") + 2);
}

/** May the token be usable when it was not before? */
function isWider(before: EnrolmentToken, after: EnrolmentToken): boolean {
  const ever = Number.POSITIVE_INFINITY;
  return (before.disabled && !after.disabled) || (after.expiresAt ?? ever) > (before.expiresAt ?? ever);
}

/** Nobody lets others do more than it may do itself, but for those who may give any rights. */
function checkMayGive({ account, groupsContaining }: Context, { name }: EnrolmentToken): void {
  const devices = chainOfKind(account.accountId, deviceKind);
  const whole = chainOfKind(account.accountId, "account");
  if (account.authorize(ofDevice.register, devices).allowed || account.authorize(grant, whole).allowed)
    return;
  const excess = { permission: ofDevice.register, scope: devices[1] as string };
  throw grantRefusal(`the enrolment token ${name}`, excess, groupsContaining);
}
