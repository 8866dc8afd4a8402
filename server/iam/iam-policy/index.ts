export {
  type Access,
  type Draft,
  essenceOf,
  type IamPolicy,
  identify,
  member,
  type NamedResources,
  type Owner,
  policiesMax,
  type Resources,
  resourceGroupsIn,
  scopeKeysMax,
  sortedResources,
} from "./iam-policy.ts";
export { ofResourceGroups } from "./reference.ts";
export {
  ownersHolding,
  ownersNaming,
  policiesOf,
  policiesOfAll,
  policyIdsAmong,
  replacePolicies,
} from "./store.ts";
