import Type, { type Static } from "typebox";
import {
  allDevicePolicies,
  type BroughtPolicy,
  type DevicePolicy,
  defaultWithBrought,
  devicePoliciesMax,
  keepDevicePolicy,
  kind,
  member,
  permission,
  sentSettings,
  settingsIn,
  withBrought,
} from "../../devices/device-policy/index.ts";
import { conflict, invalid } from "../../failure.ts";
import { chainOf } from "../../iam/scope.ts";
import type { Context } from "../../operation/operation.ts";
import { instant, parseInstant } from "../../operation/text.ts";
import { holdersAmong } from "../deployment-group/index.ts";
import { mayChange, mayMake } from "./allowed.ts";
import {
  type Applied,
  duplicate,
  type Judged,
  judgeLater,
  type Line,
  type LineKind,
  type Pass,
} from "./line.ts";
import { uuidId } from "./shapes.ts";

const schema = Type.Object({
  id: Type.Optional(uuidId),
  name: Type.Optional(member.name),
  description: Type.Optional(member.description),
  match: Type.Optional(member.match),
  precedence: Type.Optional(member.precedence),
  enabled: Type.Optional(member.enabled),
  default: Type.Optional(Type.Boolean({ description: "It is for devices that no other matches." })),
  settings: Type.Optional(Type.Object(sentSettings)),
  created_at: Type.Optional(instant()),
});

type PolicyLine = Static<typeof schema>;

const demand = { access: { permission: permission.write }, sees: permission.read, resource: kind } as const;

/** Lines about device policies. */
export const devicePolicyLines: LineKind<PolicyLine> = {
  type: "device_policy",
  takes: [{ permission: permission.write, resource: kind }],
  share: 1 / 20,
  schema,
  async apply(context, pass, lines): Promise<Applied> {
    const judged: Judged[] = [];
    for (const line of lines) judged.push(await judgeLater(() => one(context, pass, line)));
    return { judged };
  },
};

async function one(context: Context, pass: Pass, line: Line<PolicyLine>): Promise<Judged> {
  const { db, account, now } = context;
  if (pass.keys.has(`policy-line ${line.value.id ?? line.value.name}`)) return duplicate;
  const all = await allDevicePolicies(db, account.accountId);
  const { before, after } = line.value.default
    ? await standard(context, all, line.value)
    : await custom(context, pass, all, line);
  if (pass.keys.has(`policy# ${before?.id ?? after.id}`)) return duplicate;
  remember(pass, line, before, after);
  if (before && JSON.stringify(before) === JSON.stringify(after)) return { verdict: "unchanged" };
  if (pass.writes) await keepDevicePolicy(db, account.accountId, before, { ...after, updatedAt: now });
  return { verdict: before ? "changed" : "new" };
}

type Change = { readonly before: DevicePolicy | null; readonly after: DevicePolicy };

/** Every account has a default one: it takes over the id of the one that comes, unless something names it already. */
async function standard(context: Context, all: readonly DevicePolicy[], value: PolicyLine): Promise<Change> {
  const { db, account } = context;
  const before = all.find(({ isDefault }) => isDefault) as DevicePolicy;
  mayChange(context, demand, { noun: before, chain: chainOf(account.accountId, kind, before.id) });
  const named = (await holdersAmong(db, account.accountId, [before.id])).size > 0;
  const taken = value.id !== before.id && all.some(({ id }) => id === value.id);
  return { before, after: defaultWithBrought(before, broughtIn(value), !named && !taken) };
}

async function custom(
  context: Context,
  pass: Pass,
  all: readonly DevicePolicy[],
  { value }: Line<PolicyLine>,
): Promise<Change> {
  const { account } = context;
  const before = meant(all, value);
  if (before)
    mayChange(context, demand, { noun: before, chain: chainOf(account.accountId, kind, before.id) });
  else mayMake(context, demand);
  if (before?.isDefault)
    throw invalid("/default", "default: expected true, because it is the account's default device policy");
  const brought = pass.writes ? 0 : (pass.keys.get("policies") ?? 0);
  if (!before && all.length + brought >= devicePoliciesMax)
    throw conflict(`an account can have ${devicePoliciesMax} device policies`, "too-many");
  const after = withBrought(context, before, broughtIn(value));
  if (after.precedence !== before?.precedence) checkPrecedence(pass, all, after);
  return { before, after };
}

function meant(all: readonly DevicePolicy[], { id, name }: PolicyLine): DevicePolicy | null {
  if (id !== undefined) return all.find((each) => each.id === id) ?? null;
  const those = all.filter((each) => each.name === name && !each.isDefault);
  if (those.length > 1) throw invalid("/id", "id: required, because several device policies have this name");
  return those[0] ?? null;
}

/** What earlier lines took or freed counts before what is there. */
function checkPrecedence({ keys, writes }: Pass, all: readonly DevicePolicy[], after: DevicePolicy): void {
  const said = writes ? undefined : keys.get(`precedence ${after.precedence}`);
  const there = all.some(({ id, precedence }) => precedence === after.precedence && id !== after.id);
  if (said === undefined ? there : said > 0)
    throw invalid(
      "/precedence",
      `precedence: expected one that no other device policy has; ${after.precedence} is taken`,
    );
}

function remember(
  { keys }: Pass,
  { number, value }: Line<PolicyLine>,
  before: DevicePolicy | null,
  after: DevicePolicy,
) {
  keys.put(`policy# ${before?.id ?? after.id}`, number);
  keys.put(`policy# ${after.id}`, number);
  keys.put(`policy-line ${value.id ?? value.name}`, number);
  // Groups that follow may name the default one by the id that it has elsewhere.
  if (value.default && value.id !== undefined) keys.put(`default-policy# ${value.id}`, number);
  if (before && before.precedence !== after.precedence) keys.put(`precedence ${before.precedence}`, 0);
  keys.put(`precedence ${after.precedence}`, number);
  if (!before) keys.put("policies", (keys.get("policies") ?? 0) + 1);
}

function broughtIn(value: PolicyLine): BroughtPolicy {
  const { id, name, description, match, precedence, enabled, settings, created_at: created } = value;
  return {
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(match !== undefined && { match }),
    ...(precedence !== undefined && { precedence }),
    ...(enabled !== undefined && { enabled }),
    ...(settings !== undefined && { settings: settingsIn(settings) }),
    ...(created !== undefined && { createdAt: parseInstant(created) }),
  };
}
