import Type, { type Static } from "typebox";
import { allDevicePolicies } from "../../devices/device-policy/index.ts";
import { conflict, invalid } from "../../failure.ts";
import { chainOf } from "../../iam/scope.ts";
import type { Context } from "../../operation/operation.ts";
import { instant, parseInstant } from "../../operation/text.ts";
import {
  checkBrought,
  type DeploymentGroup,
  deploymentGroupsNamed,
  findDeploymentGroup,
  holdersAmong,
  keepDeploymentGroup,
  kind,
  member,
  permission,
  withBrought,
} from "../deployment-group/index.ts";
import { mayChange, mayMake } from "./allowed.ts";
import { duplicate, type Judged, judgeLater, type Line, type LineKind, type Pass } from "./line.ts";
import { uuidId } from "./shapes.ts";

const schema = Type.Object({
  id: Type.Optional(uuidId),
  name: Type.Optional(member.name),
  version_config: Type.Optional(member.versionConfig),
  policy_ids: Type.Optional(Type.Union([member.policyIds, Type.Null()])),
  created_at: Type.Optional(instant()),
});

type GroupLine = Static<typeof schema>;

const demand = { access: { permission: permission.write }, sees: permission.read, resource: kind } as const;

/** Lines about deployment groups. */
export const deploymentGroupLines: LineKind<GroupLine> = {
  type: "deployment_group",
  takes: [{ permission: permission.write, resource: kind }],
  share: 1 / 20,
  schema,
  async apply(context, pass, lines) {
    const judged: Judged[] = [];
    for (const line of lines) judged.push(await judgeLater(() => one(context, pass, line)));
    return { judged };
  },
};

async function one(context: Context, pass: Pass, line: Line<GroupLine>): Promise<Judged> {
  const { db, account, now } = context;
  const { accountId } = account;
  const { value } = line;
  const lineKey = `deployment-line ${value.id ?? value.name}`;
  if (pass.keys.has(lineKey)) return duplicate;
  const before = await meant(context, value);
  if (before) mayChange(context, demand, { noun: before, chain: chainOf(accountId, kind, before.id) });
  else mayMake(context, demand);
  if (before && pass.keys.has(`deployment# ${before.id}`)) return duplicate;
  const after = withBrought(context, before, await broughtIn(context, pass, value));
  await checkBrought(context, before, after, (id) => !pass.writes && pass.keys.has(`policy# ${id}`));
  await checkFree(context, pass, before, after);
  pass.keys.put(lineKey, line.number);
  pass.keys.put(`deployment# ${after.id}`, line.number);
  for (const id of before?.policyIds ?? []) pass.keys.put(`held ${id}`, 0);
  for (const id of after.policyIds ?? []) pass.keys.put(`held ${id}`, line.number);
  if (before && JSON.stringify(before) === JSON.stringify(after)) return { verdict: "unchanged" };
  if (pass.writes) await keepDeploymentGroup(db, accountId, before, { ...after, updatedAt: now });
  return { verdict: before ? "changed" : "new" };
}

async function meant({ db, account }: Context, { id, name }: GroupLine): Promise<DeploymentGroup | null> {
  if (id !== undefined) return (await findDeploymentGroup(db, account.accountId, id)) ?? null;
  const [only, other] = await deploymentGroupsNamed(db, account.accountId, name ?? "");
  if (other) throw invalid("/id", "id: required, because several deployment groups have this name");
  return only ?? null;
}

/** A policy can be in one group only; what earlier lines took or let go counts before what is there. */
async function checkFree(
  { db, account }: Context,
  { keys, writes }: Pass,
  before: DeploymentGroup | null,
  after: DeploymentGroup,
): Promise<void> {
  const own = new Set(before?.policyIds);
  const added = (after.policyIds ?? []).filter((id) => !own.has(id));
  const holders = await holdersAmong(db, account.accountId, added);
  const taken = added.find((id) => {
    const said = writes ? undefined : keys.get(`held ${id}`);
    return said === undefined ? holders.has(id) && holders.get(id) !== after.id : said > 0;
  });
  if (taken !== undefined)
    throw conflict(
      `a policy can be in one deployment group only; already taken: ${taken}`,
      "policy-id-taken",
      "/policy_ids",
    );
}

async function broughtIn(context: Context, pass: Pass, value: GroupLine) {
  const { id, name, version_config: versionConfig, policy_ids: policyIds, created_at: created } = value;
  return {
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    ...(versionConfig !== undefined && { versionConfig }),
    ...(policyIds !== undefined && { policyIds: policyIds && (await ownIds(context, pass, policyIds)) }),
    ...(created !== undefined && { createdAt: parseInstant(created) }),
  };
}

/** The account's own default policy stands for the one that an earlier line brought, where that could not give it its id. */
async function ownIds(
  { db, account }: Context,
  { keys }: Pass,
  policyIds: readonly string[],
): Promise<readonly string[]> {
  if (!policyIds.some((id) => keys.has(`default-policy# ${id}`))) return policyIds;
  const all = await allDevicePolicies(db, account.accountId);
  const known = new Set(all.map(({ id }) => id));
  const own = all.find(({ isDefault }) => isDefault)?.id;
  return policyIds.map((id) =>
    own !== undefined && !known.has(id) && keys.has(`default-policy# ${id}`) ? own : id,
  );
}
