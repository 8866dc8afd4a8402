export {
  type Access,
  type Draft,
  type IamPolicy,
  identify,
  member,
  type Owner,
  policiesMax,
  type Resources,
  scopeKeysMax,
  sortedResources,
} from "./iam-policy.ts";
export { policiesOf, policiesOfAll, replacePolicies } from "./store.ts";
