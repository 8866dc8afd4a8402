import type { Handle } from "../../db/database.ts";
import { once } from "../../db/once.ts";
import { putRows } from "../../db/put-rows.ts";
import type { DeviceGroup } from "./device-group.ts";

declare module "../../db/database.ts" {
  interface Rooms {
    device_group_rule: {
      account_id: string;
      group_id: string;
      rules: string;
      revision: number;
      evaluating: number;
      evaluated_at: number | null;
    };
  }
}

/** A group's rules as they are read beside it. */
export type RuleColumns = {
  rules: string | null;
  rules_revision: number | null;
  evaluating: number | null;
  evaluated_at: number | null;
};

/** The columns of rules that are joined as `r`. */
export const ruleColumns = [
  "r.rules",
  "r.revision as rules_revision",
  "r.evaluating",
  "r.evaluated_at",
] as const;

/** A group that fills itself, by its kept rules. */
export type RuledGroup = { readonly groupId: string; readonly rules: string; readonly revision: number };

const ofAccount = once((db, accountId: string) =>
  db
    .selectFrom("device_group_rule")
    .select(["group_id as groupId", "rules", "revision"])
    .where("account_id", "=", accountId)
    .orderBy("group_id"),
);

/** All groups of an account that have rules, in the order of their ids. */
export async function ruledGroups(db: Handle, accountId: string): Promise<RuledGroup[]> {
  return ofAccount(db, accountId);
}

/** The groups of all accounts whose members are not in line with their rules yet. */
export async function unsettledGroups(
  db: Handle,
): Promise<{ accountId: string; groupId: string; rules: string; revision: number }[]> {
  return db
    .selectFrom("device_group_rule")
    .select(["account_id as accountId", "group_id as groupId", "rules", "revision"])
    .where("evaluating", "=", 1)
    .execute();
}

/** The revision that a group's rules are at, or undefined where it has none. */
export async function revisionOf(
  db: Handle,
  accountId: string,
  groupId: string,
): Promise<number | undefined> {
  const row = await db
    .selectFrom("device_group_rule")
    .select("revision")
    .where("account_id", "=", accountId)
    .where("group_id", "=", groupId)
    .executeTakeFirst();
  return row?.revision;
}

/** Keeps a group's rules; nothing is kept for a group that never had any. */
export async function putRules(db: Handle, accountId: string, group: DeviceGroup): Promise<void> {
  const { id, rules, rulesRevision, evaluating, evaluatedAt } = group;
  if (rules === null && rulesRevision === 0) return;
  await putRows(
    db,
    "device_group_rule",
    ["account_id", "group_id"],
    [
      {
        ...{ account_id: accountId, group_id: id, rules: JSON.stringify(rules) },
        ...{ revision: rulesRevision, evaluating: evaluating ? 1 : 0, evaluated_at: evaluatedAt },
      },
    ],
  );
}

/** Notes that a group's members are in line with its rules. */
export async function settleRules(
  db: Handle,
  accountId: string,
  groupId: string,
  revision: number,
  now: number,
): Promise<void> {
  await db
    .updateTable("device_group_rule")
    .set({ evaluating: 0, evaluated_at: now })
    .where("account_id", "=", accountId)
    .where("group_id", "=", groupId)
    .where("revision", "=", revision)
    .execute();
}

/** Forgets a group's rules. */
export async function deleteRules(db: Handle, accountId: string, groupId: string): Promise<void> {
  await db
    .deleteFrom("device_group_rule")
    .where("account_id", "=", accountId)
    .where("group_id", "=", groupId)
    .execute();
}
