import {
  chooseDevices,
  type Device,
  deviceTarget,
  findDevices,
  kind,
  permission,
} from "../../devices/device/index.ts";
import { type Context, list, read } from "../../operation/operation.ts";
import type { ListedByCursor, Page } from "../../operation/page.ts";
import type { Visible } from "../../operation/visible.ts";
import { devicePoliciesOf } from "../desired-state/index.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { isPlain, type PhysicalDevice, type Wanted } from "./physical-device.ts";
import { haveDevicePolicies } from "./policies-sql.ts";

const declared = { access: { permission: permission.read }, resource: kind } as const;

/** The devices of the account, in any order. */
export const listPhysicalDevices = list<Wanted & { page: Page }, PhysicalDevice>({
  ...declared,
  name: "physical-device.list",
  summary: "List physical devices",
  aside: (wanted: Wanted) => !isPlain(wanted),
  run: listed,
});

/** The registrations of the account's devices, in any order: every device has one. */
export const listRegistrations = list<Wanted & { page: Page }, PhysicalDevice>({
  ...declared,
  name: "registration.list",
  summary: "List registrations of devices",
  aside: (wanted: Wanted) => !isPlain(wanted),
  run: listed,
});

/** One device. */
export const getPhysicalDevice = read<{ withPolicies: boolean }, PhysicalDevice, Device>({
  ...declared,
  name: "physical-device.get",
  summary: "Get a physical device",
  sees: permission.read,
  target: deviceTarget,
  run: (context, { withPolicies }, device) => shown(context, device, withPolicies),
});

/** The registration of one device. */
export const getRegistration = read<{ withPolicies: boolean }, PhysicalDevice, Device>({
  ...declared,
  name: "registration.get",
  summary: "Get the registration of a device",
  sees: permission.read,
  target: (db, account, path) => deviceTarget(db, account, { device_id: path.registration_id ?? "" }),
  run: (context, { withPolicies }, device) => shown(context, device, withPolicies),
});

async function shown(
  { db, account }: Context,
  device: Device,
  withPolicies: boolean,
): Promise<PhysicalDevice> {
  if (!withPolicies) return { device };
  const devicePolicy = (await devicePoliciesOf(db, account.accountId, [device])).get(device.id);
  return { device, ...(devicePolicy && { devicePolicy }) };
}

async function listed(
  context: Context,
  wanted: Wanted & { page: Page },
  visible: Visible,
): Promise<ListedByCursor<PhysicalDevice>> {
  const { accountId } = context.account;
  const { narrowing, order, withPolicies, page } = wanted;
  const after = page.cursor === undefined ? undefined : readCursor(page.cursor, order);
  const fitting = await haveDevicePolicies(context.db, accountId, wanted.devicePolicyIds);
  // Which device policy is a device's takes trying them one after another: too much to do it for a whole fleet.
  const counted = !isPlain(wanted) && !fitting;
  const { ids, next, total } = await chooseDevices(
    context.db,
    accountId,
    { narrowing, order, ...(fitting && { fitting }), ...(after && { after }), counted },
    visible,
    page.limit,
  );
  const devices = await findDevices(context.db, accountId, ids);
  const devicePolicies = withPolicies
    ? await devicePoliciesOf(context.db, accountId, [...devices.values()])
    : new Map();
  const items = ids.flatMap((id) => {
    const [device, devicePolicy] = [devices.get(id), devicePolicies.get(id)];
    return device ? [{ device, ...(devicePolicy && { devicePolicy }) }] : [];
  });
  return { items, total, cursor: next ? writeCursor(order, next) : "" };
}
