import type { Reference } from "../../operation/reference.ts";
import { kind } from "./deployment-group.ts";
import { dropPolicies, holdersOf, updateDeploymentGroup } from "./store.ts";

/** Deployment groups hold device policies: a policy that is deleted leaves its group. */
export const ofDevicePolicies: Reference = {
  to: "device-policy",
  from: kind,
  columns: ["deployment_group.policy_ids", "deployment_group_policy.device_policy_id"],
  async find(db, accountId, ids) {
    const held = await holdersOf(db, accountId, ids);
    return held.map(({ policyId, group }) => ({ kind, id: group.id, name: group.name, refersTo: policyId }));
  },
  async release(db, accountId, id, now) {
    const [held] = await holdersOf(db, accountId, [id]);
    if (!held) return [];
    const before = held.group;
    const policyIds = (before.policyIds ?? []).filter((policyId) => policyId !== id);
    const after = { ...before, policyIds, updatedAt: now, assignedAt: now };
    await dropPolicies(db, accountId, [id]);
    await updateDeploymentGroup(db, accountId, after);
    return [{ resource: { kind, id: after.id, name: after.name }, before, after }];
  },
};
