import { request } from "../converse.ts";
import { account } from "../seed.ts";
import { type Call, calling } from "./call.ts";
import { told } from "./device-lines.ts";
import { deviceId, identifier } from "./ids.ts";

/** Devices that beat. */
const beating = 1000;

/** A device's heartbeat: where, with which credential, and what it says. */
export type Beat = { readonly path: string; readonly secret: string; readonly body: string };

/** Devices that register at the same time. */
const together = 32;

/** Devices from all over the fleet claim their records, as they would once they are installed; answers their heartbeats. */
export async function registered(port: number, devices: number): Promise<Beat[]> {
  const call = calling(port);
  const beats: Beat[] = [];
  const every = Math.floor(devices / beating);
  let number = 0;
  const one = async () => {
    while (number < beating) beats.push(await register(call, every * number++));
  };
  await Promise.all(Array.from({ length: together }, one));
  return beats;
}

async function register(call: Call, index: number): Promise<Beat> {
  const { body } = await call("POST", "/api/v1/devices/register", {
    ...{ org_id: account.id, device_identifier: identifier(index) },
    ...told(index),
  });
  if (typeof body.api_key !== "string") throw new Error(`${identifier(index)} was claimed before`);
  const path = `/api/v1/devices/${deviceId(index)}/heartbeat`;
  return { path, secret: body.api_key, body: JSON.stringify(told(index)) };
}

/** A heartbeat as it goes over the wire. */
export function requestOf({ path, secret, body }: Beat): string {
  return request("POST", path, { authorization: `Bearer ${secret}` }, JSON.parse(body));
}
