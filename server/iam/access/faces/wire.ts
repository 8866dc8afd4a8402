import Type, { type Static } from "typebox";
import { oneOf } from "../../../operation/text.ts";
import type { Held } from "../../holding.ts";
import { throughOf } from "../../rights-change.ts";
import type { Effective } from "../effective.ts";
import type { NamedHeld } from "../naming.ts";
import type { Able, Answered } from "../operations.ts";

const closed = { additionalProperties: false } as const;

const shownPolicy = Type.Object(
  {
    id: Type.String(),
    access: oneOf("allow", "deny"),
    from: Type.Object(
      {
        type: oneOf("member", "user_group", "token", "hypothetical"),
        id: Type.Optional(Type.String()),
        name: Type.Optional(Type.String()),
      },
      closed,
    ),
  },
  closed,
);

const reason = oneOf(
  "other_permission",
  "other_resource",
  "overruled_by_deny",
  "agrees_with_decider",
  "not_enough_alone",
);

/** An explanation as it is answered. */
export const explanation = Type.Object(
  {
    permission: Type.String(),
    resource: Type.String(),
    decision: oneOf("allowed", "denied"),
    decided_by: oneOf("allow", "deny", "no-allow"),
    policy: Type.Union([shownPolicy, Type.Null()]),
    others: Type.Array(Type.Object({ policy: shownPolicy, reason }, closed)),
    /** The scope keys that were looked at. */
    chain: Type.Array(Type.String()),
    accepted_permissions: Type.Array(Type.String()),
  },
  closed,
);

/** Somebody who may, as it is answered. */
export const able = Type.Object(
  {
    member: Type.Optional(Type.Object({ id: Type.String(), email: Type.String() }, closed)),
    token: Type.Optional(Type.Object({ id: Type.String(), name: Type.String() }, closed)),
    policy: shownPolicy,
  },
  closed,
);

/** A line of what a member may and may not do, as it is answered. */
export const effective = Type.Object(
  { permission: Type.String(), resource: Type.String(), access: oneOf("allow", "deny"), policy: shownPolicy },
  closed,
);

/** Writes an explanation. */
export function explanationToWire(answered: Answered): Static<typeof explanation> {
  const { permission, resource, explained, chain, acceptedPermissions, names } = answered;
  return {
    permission,
    resource,
    decision: explained.allowed ? "allowed" : "denied",
    decided_by: explained.decidedBy,
    policy: explained.decider && policyToWire(explained.decider, names),
    others: explained.others.map(({ held, why }) => ({
      policy: policyToWire(held, names),
      reason: why.replaceAll("-", "_") as Static<typeof reason>,
    })),
    chain: [...chain],
    accepted_permissions: [...acceptedPermissions],
  };
}

/** Writes somebody who may. */
export function ableToWire({ type, id, name, through, names }: Able): Static<typeof able> {
  const who = type === "member" ? { member: { id, email: name } } : { token: { id, name } };
  return { ...who, policy: policyToWire(through, names) };
}

/** Writes a line of what a member may and may not do. */
export function effectiveToWire(line: Effective & { names: NamedHeld }): Static<typeof effective> {
  const { permission, resource, access, through, names } = line;
  return { permission, resource, access, policy: policyToWire(through, names) };
}

function policyToWire(held: Held, names: NamedHeld): Static<typeof shownPolicy> {
  const { policy_id: id, access, from } = throughOf(held);
  if (from.id === "") return { id, access, from: { type: "hypothetical" } };
  const name = names.get(from.id);
  if (from.type === "user_group" && name === undefined) return { id, access, from: { type: from.type } };
  return { id, access, from: { ...from, ...(name !== undefined && { name }) } };
}
