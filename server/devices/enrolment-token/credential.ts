import type { Caller, Decision, Membership } from "../../operation/caller.ts";
import { kind as deviceKind, permission as ofDevice } from "../device/index.ts";
import { type EnrolmentToken, standingOf } from "./enrolment-token.ts";

/** What an enrolment token's secret opens. */
export type OpenedToken = {
  readonly accountId: string;
  readonly orgId: string;
  readonly rightsRevision: number;
  readonly token: EnrolmentToken;
};

const yes: Decision = { allowed: true, decidedBy: "allow" };
const no: Decision = { allowed: false, decidedBy: "no-allow" };

/** A device that enrols by a token that many share: it may register, and sees nothing. */
export function callingEnroller(opened: OpenedToken, address: string, now: number): Caller {
  const { id, name: label, fixed } = opened.token;
  const who = { type: "enrolment", id, label, address, fixed } as const;
  const standing = standingOf(opened.token, now);
  return { ...who, ownsInstallation: false, standing, memberships: [placeOf(opened)] };
}

function placeOf({ accountId, orgId, rightsRevision: revision }: OpenedToken): Membership {
  const nothing = { groups: [], exceptGroups: [] } as const;
  const nobody = [{ every: false, ids: [], except: [], through: nothing }];
  return {
    ...{ accountId, orgId, revision, rights: {} },
    authorize: (asked) => (asked === ofDevice.register ? yes : no),
    visible: () => nobody,
    notDenied: () => [],
    holds: (permitted, of) => of === deviceKind && permitted === ofDevice.register,
  };
}
