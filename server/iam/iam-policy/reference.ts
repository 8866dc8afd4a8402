import type { Reference } from "../../operation/reference.ts";
import { ownersNaming } from "./store.ts";

/** Policies of people name resource groups; one that is named can't be deleted, so nothing is ever released. */
export const ofResourceGroups: Reference = {
  to: "resource-group",
  from: "iam-policy",
  columns: ["iam_policy_resource_group.resource_group_id"],
  async find(db, accountId, ids) {
    const named = await ownersNaming(db, accountId, ids);
    return named.map(({ owner, resourceGroupId }) => ({
      ...owner,
      name: owner.id,
      refersTo: resourceGroupId,
    }));
  },
  release: async () => [],
};
