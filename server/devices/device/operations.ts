import { invalid } from "../../failure.ts";
import { type Context, read, type Written, write } from "../../operation/operation.ts";
import { brought, essence } from "./bring.ts";
import { atTime, type Device, type DeviceNow, kind, permission } from "./device.ts";
import { deleteDevice, updateDevices } from "./keeping-store.ts";
import { type Outcome, outcomesOf } from "./outcome.ts";
import { changeOf, checkNotRevoked, type Saying, timed } from "./registering.ts";
import { release } from "./releasing.ts";
import { deviceTarget } from "./targets.ts";

const declared = { resource: kind, sees: permission.read } as const;

/** A device and how its last attempt to run another version went, if it told of one. */
export type DeviceInDetail = DeviceNow & { readonly outcome: Outcome | undefined };

/** One device. */
export const getDevice = read<unknown, DeviceInDetail, Device>({
  ...declared,
  name: "device.get",
  summary: "Get a device",
  access: { permission: permission.read },
  target: deviceTarget,
  async run({ db, account, now }, _input, device) {
    const outcomes = await outcomesOf(db, account.accountId, [device.id]);
    return { ...atTime(device, now), outcome: outcomes.get(device.id) };
  },
});

/** Changes what is known of a device. What an operator says stands over what the device reports. */
export const editDevice = write<Saying, DeviceNow, Device>({
  ...declared,
  name: "device.update",
  summary: "Change what is known of a device",
  access: { permission: permission.report },
  raises: "nothing",
  target: deviceTarget,
  async run(context, saying, before) {
    const { caller, now } = context;
    const itself = caller.type === "device";
    if (itself) checkNotRevoked(before);
    if (itself && saying.user !== undefined)
      throw invalid("/user", "user: a device can't say who uses it; expected it to be left out");
    const said = timed(saying, now, "patch");
    return changed(context, before, brought(before, said, itself ? "device" : "operator"));
  },
});

/** Refuses a device everything but to ask, and gives it nothing to run. */
export const revokeDevice = write<unknown, DeviceNow, Device>({
  ...declared,
  name: "device.revoke",
  summary: "Revoke a device",
  access: { permission: permission.write },
  raises: "nothing",
  target: deviceTarget,
  run: (context, _input, before) => changed(context, before, { ...before, status: "revoked" }),
});

/** Makes a device's credential worth nothing and lets it be claimed anew; a revoked one is active again then. */
export const resetDevice = write<unknown, DeviceNow, Device>({
  ...declared,
  name: "device.reset",
  summary: "Reset a device, so that it can be claimed again",
  access: { permission: permission.write },
  raises: "nothing",
  target: deviceTarget,
  async run(context, _input, before) {
    const { db, account } = context;
    const released = await release(db, account.accountId, [before]);
    const written = await changed(context, before, { ...before, status: "active" });
    return { ...written, changes: [...written.changes, ...released] };
  },
});

/** Forgets a device; whatever names it lets go of it. */
export const removeDevice = write<unknown, Device, Device>({
  ...declared,
  name: "device.delete",
  summary: "Delete a device",
  access: { permission: permission.write },
  raises: "nothing",
  target: deviceTarget,
  async run(context, _input, device) {
    const { db, account, referrers, now } = context;
    const released = await referrers(kind).release(db, account.accountId, device.id, now);
    await deleteDevice(db, account.accountId, device.id);
    await context.changed(kind, [{ before: device, after: null }]);
    return { result: device, changes: [changeOf(device, null), ...released] };
  },
});

async function changed(context: Context, before: Device, wanted: Device): Promise<Written<DeviceNow>> {
  const { db, account, now } = context;
  if (essence(wanted) === essence(before)) return { result: atTime(before, now), changes: [] };
  const after = { ...wanted, updatedAt: now };
  await updateDevices(db, account.accountId, [{ before, after }]);
  await context.changed(kind, [{ before, after }]);
  return { result: atTime(after, now), changes: [changeOf(before, after)] };
}
