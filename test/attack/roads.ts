import { first } from "../server.ts";
import { key } from "./rights.ts";
import { type Attempt, at, type Scene } from "./scene.ts";
import { scopeOf } from "./system.ts";

/** A way to come by rights; null where it doesn't lead to the ones that are wanted. */
type Road = (scene: Scene) => Promise<Attempt | null>;
type Roads = Readonly<Record<string, Road>>;

const groups = `${at}/iam/user_groups`;
const areas = `${at}/iam/resource_groups`;
const members = `${at}/members`;
const account = key.account(first.accountId);
const elsewhere = key.kind("zone");
const roles = ["Administrator", "Administrator Read Only", "Super Administrator - All Privileges"];

const editing = ({ groupId }: Scene, ...policies: object[]): Attempt => ({
  method: "PUT",
  path: `${groups}/${groupId}`,
  body: { policies },
});
const joining = ({ groupId }: Scene, method: string, ...ids: string[]): Attempt => ({
  method,
  path: `${groups}/${groupId}/members`,
  body: ids.map((id) => ({ id })),
});
const changing = (id: string, ...policies: object[]): Attempt => ({
  method: "PUT",
  path: `${members}/${id}`,
  body: { policies },
});
const widening = (id: string, covered = account): Attempt => ({
  method: "PUT",
  path: `${areas}/${id}`,
  body: { scope: scopeOf(covered) },
});

/** Roads through the scene's user group, which every actor may change. */
export const throughGroup: Roads = {
  "a policy for an empty group": async (scene) => editing(scene, scene.wire(scene.wanted)),
  "a policy for a group with a friend": async (scene) => {
    await scene.fill([], [scene.friend]);
    return editing(scene, scene.wire(scene.wanted));
  },
  "a policy for a group with oneself": async (scene) => {
    await scene.fill([], [scene.actor.memberId]);
    return editing(scene, scene.wire(scene.wanted));
  },
  "editing a policy in its place": async (scene) => {
    const { owner, groupId, wanted, wire } = scene;
    await scene.fill([wire({ ...wanted, groups: ["Zone Read"] })]);
    const { policies } = await owner("GET", `${groups}/${groupId}`);
    return editing(scene, { ...wire(wanted), id: policies[0].id });
  },
  "another scope": async (scene) => {
    await scene.fill([scene.wire({ ...scene.wanted, on: [elsewhere] })]);
    return editing(scene, scene.wire(scene.wanted));
  },
  "turning a deny into an allow": async (scene) => {
    await scene.fill([scene.wire(scene.denied)]);
    return editing(scene, scene.wire(scene.wanted));
  },
  "removing a deny beside its allow": async (scene) => {
    await scene.fill([scene.wire(scene.wanted), scene.wire(scene.denied)]);
    return editing(scene, scene.wire(scene.wanted));
  },
  "removing a deny from a friend": async (scene) => {
    await freed(scene);
    return editing(scene);
  },
  "narrowing a deny": async (scene) => {
    await freed(scene);
    return editing(scene, scene.wire({ ...scene.denied, on: [elsewhere] }));
  },
  "deleting a group with a deny": async (scene) => {
    await freed(scene);
    return { method: "DELETE", path: `${groups}/${scene.groupId}` };
  },
  "taking a friend out of a group with a deny": async (scene) => {
    await freed(scene);
    return { method: "DELETE", path: `${groups}/${scene.groupId}/members/${scene.friend}` };
  },
  "emptying a group with a deny": async (scene) => {
    await freed(scene);
    return joining(scene, "PUT");
  },
  "adding a friend": async (scene) => {
    await scene.fill([scene.wire(scene.wanted)]);
    return joining(scene, "POST", scene.friend);
  },
  "adding oneself": async (scene) => {
    await scene.fill([scene.wire(scene.wanted)]);
    return joining(scene, "POST", scene.actor.memberId);
  },
  "replacing the members": async (scene) => {
    await scene.fill([scene.wire(scene.wanted)]);
    return joining(scene, "PUT", scene.friend, scene.actor.memberId);
  },
  "swapping the members": async (scene) => {
    const { friend, actor } = scene;
    await scene.fill([scene.wire(scene.wanted)], [friend]);
    return joining(scene, "PUT", actor.memberId);
  },
};

/** A friend has what is wanted, and being in the group denies it. */
async function freed({ friend, fill, give, wanted, denied, wire }: Scene): Promise<void> {
  await give(friend, [wire(wanted)]);
  await fill([wire(denied)], [friend]);
}

/** Roads that take more than a user group. */
export const elsewise: Roads = {
  "a new group": async ({ wire, wanted }) => ({
    method: "POST",
    path: groups,
    body: { name: "New", policies: [wire(wanted)] },
  }),
  "a friend's policies": async ({ friend, wire, wanted }) => changing(friend, wire(wanted)),
  "one's own policies": async ({ actor, wire, wanted, base }) =>
    changing(actor.memberId, wire(base), wire({ ...wanted, groups: [...wanted.groups, "Zone Read"] })),
  "a friend's role": async ({ system, friend, wanted }) => {
    const role = wanted.groups.find((name) => roles.includes(name));
    if (!role) return null;
    return { method: "PUT", path: `${members}/${friend}`, body: { roles: [{ id: system.groupId(role) }] } };
  },
  "inviting a second address": async ({ friend, wire, wanted }) => ({
    method: "POST",
    path: members,
    body: { email: `${friend}@example.com`, policies: [wire(wanted)] },
  }),
  "inviting a second address with a role": async ({ system, friend, wanted }) => {
    const role = wanted.groups.find((name) => roles.includes(name));
    if (!role) return null;
    const body = { email: `${friend}@example.com`, roles: [system.groupId(role)] };
    return { method: "POST", path: members, body };
  },
  "taking a friend's own deny away": async (scene) => {
    const { friend, fill, give, wire, wanted, denied } = scene;
    await give(friend, [wire(denied)]);
    await fill([wire(wanted)], [friend]);
    return changing(friend);
  },
  "widening a resource group of a group's policy": async (scene) => {
    const id = await scene.area(elsewhere);
    await scene.fill([scene.about(scene.wanted, id)]);
    return widening(id);
  },
  "widening a resource group of a friend's policy": async (scene) => {
    const id = await scene.area(elsewhere);
    await scene.give(scene.friend, [scene.about(scene.wanted, id)]);
    return widening(id);
  },
  "widening a resource group of one's own policy": async (scene) => {
    const { actor, base, wanted, wire } = scene;
    const id = await scene.area(elsewhere);
    await scene.give(actor.memberId, [wire(base), scene.about(wanted, id)]);
    return widening(id);
  },
  "widening it to every account": async (scene) => {
    const id = await scene.area(elsewhere);
    await scene.fill([scene.about(scene.wanted, id)], [scene.friend]);
    return widening(id, key.account("*"));
  },
  "narrowing the resource group of a deny": async (scene) => {
    const { friend, fill, give, wire, wanted, denied } = scene;
    const id = await scene.area(account);
    await give(friend, [wire(wanted)]);
    await fill([scene.about(denied, id)], [friend]);
    return widening(id, elsewhere);
  },
};

/** Roads through API tokens. */
export const throughTokens: Roads = {
  "a new token": async ({ token, wanted }) => ({
    method: "POST",
    path: `${at}/tokens`,
    body: { name: "New", policies: [token(wanted)] },
  }),
  "another policy of a token": async ({ owner, token, wanted }) => {
    const inert = token({ ...wanted, groups: ["Zone Read"] });
    const { id } = await owner("POST", `${at}/tokens`, { name: "A token", policies: [inert] });
    const body = { name: "A token", policies: [token(wanted)] };
    return { method: "PUT", path: `${at}/tokens/${id}`, body };
  },
  "rolling a token": async ({ owner, token, wanted }) => {
    const { id } = await owner("POST", `${at}/tokens`, { name: "A token", policies: [token(wanted)] });
    return { method: "PUT", path: `${at}/tokens/${id}/value` };
  },
};

/** Roads through an invitation: whoever has it, and knows of no user with that address, becomes that member. */
export const throughInvitations: Roads = {
  "inviting a stronger member again": async ({ friend, give, wire, wanted }) => {
    await give(friend, [wire(wanted)]);
    return { method: "POST", path: `${members}/${friend}/invitation` };
  },
  "inviting a stronger member again, in the other dialect": async ({ friend, give, wire, wanted }) => {
    await give(friend, [wire(wanted)]);
    return { method: "POST", path: `/api/v1/members/${friend}/invitation` };
  },
  "inviting a member of a stronger group again": async ({ friend, fill, wire, wanted }) => {
    await fill([wire(wanted)], [friend]);
    return { method: "POST", path: `${members}/${friend}/invitation` };
  },
};
