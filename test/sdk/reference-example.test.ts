import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { engines } from "../engines.ts";
import { first, type Running, startServer, steppingClock } from "../server.ts";
import { group, wholeAccount } from "./grants.ts";
import { expectPublished } from "./published.ts";

const run = promisify(execFile);
const path = `/client/v4/accounts/${first.accountId}/iam/user_groups`;

/** As the reference prints it, but for what is printed at the end. */
const program = `
import Cloudflare from 'cloudflare';

const client = new Cloudflare();

const userGroup = await client.iam.userGroups.create({
  account_id: '023e105f4ecef8ad9ca31a8372d0c353',
  name: 'My New User Group',
  policies: [
    {
      access: 'allow',
      permission_groups: [
        { id: 'c8fed203ed3043cba015a93ad1616f1f' },
        { id: '82e64a83756745bbbb1c9c2701bf816b' },
      ],
      resource_groups: [{ id: '6d7f2f5f5b1d4a0e9081fdc98d432fd1' }],
    },
  ],
});

console.log(JSON.stringify(userGroup));
`;

/** The body of the reference's request, as it is printed for the command line. */
const body = `{
          "name": "My New User Group",
          "policies": [
            {
              "access": "allow",
              "permission_groups": [
                {
                  "id": "c8fed203ed3043cba015a93ad1616f1f"
                },
                {
                  "id": "82e64a83756745bbbb1c9c2701bf816b"
                }
              ],
              "resource_groups": [
                {
                  "id": "6d7f2f5f5b1d4a0e9081fdc98d432fd1"
                }
              ]
            }
          ]
        }`;

for (const engine of engines)
  describe(`the reference's example of creating a user group on ${engine.name}`, () => {
    let running: Running;
    before(async () => {
      running = await startServer(await engine.open(), { clock: steppingClock() });
    });
    after(() => running.stop());

    it("runs as it is printed, with nothing but three variables in the environment", async () => {
      const made = JSON.parse(await printed(running, first.apiKey));
      expectExample(made);
      const { body } = await running.ask("GET", `${path}/${made.id}`);
      assert.deepEqual(body.result, made);
    });

    it("fails as it is printed with a key that nobody has", async () => {
      await assert.rejects(printed(running, "0".repeat(40)), /PermissionDeniedError: 403 .*9103/s);
    });

    it("is answered on the command line as it is through the client", async () => {
      const { status, text } = await requested(running.url + path);
      assert.equal(status, 200);
      const answer = JSON.parse(text);
      expectPublished("POST", path, status, answer);
      expectExample(answer.result);
    });
  });

/** Runs the example in a process of its own, and answers what it prints. */
async function printed({ url }: Running, key: string): Promise<string> {
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: import.meta.dirname,
    env: { CLOUDFLARE_EMAIL: first.email, CLOUDFLARE_API_KEY: key, CLOUDFLARE_BASE_URL: `${url}/client/v4` },
  });
  return stdout;
}

/** Sends the request with curl, or where there is none as curl would. */
async function requested(url: string): Promise<{ status: number; text: string }> {
  const headers = {
    "Content-Type": "application/json",
    "X-Auth-Email": first.email,
    "X-Auth-Key": first.apiKey,
  };
  // Neither a configuration of curl's nor a proxy of the machine's has a say in this.
  const flags = ["--disable", "--noproxy", "*", "--silent", "--show-error", "--write-out", "\n%{http_code}"];
  const named = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  try {
    const { stdout } = await run("curl", [...flags, url, ...named, "-d", body]);
    const end = stdout.lastIndexOf("\n");
    return { status: Number(stdout.slice(end + 1)), text: stdout.slice(0, end) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const response = await fetch(url, { method: "POST", headers, body });
    return { status: response.status, text: await response.text() };
  }
}

/** The answer that the reference shows, with the values that are this account's. */
function expectExample(made: any): void {
  const { id, created_on, modified_on, policies, ...rest } = made;
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.match(created_on, /^2026-11-21T09:\d\d:\d\d\.\d{6}Z$/);
  assert.equal(modified_on, created_on);
  assert.deepEqual(rest, { name: "My New User Group" });
  const [policy, ...more] = policies;
  assert.deepEqual(more, []);
  assert.match(policy.id, /^[0-9a-f]{32}$/);
  assert.equal(policy.access, "allow");
  assert.deepEqual(
    policy.permission_groups.map((each: any) => [each.id, each.name, each.meta.key, each.meta.value]),
    [
      [group.zoneRead, "Zone Read", "label", "zone_read"],
      [group.magicNetworkMonitoring, "Magic Network Monitoring", "label", "magic_network_monitoring"],
    ],
  );
  const [resources, ...others] = policy.resource_groups;
  assert.deepEqual(others, []);
  assert.deepEqual(
    [resources.id, resources.name, resources.scope],
    [first.resourceGroupId, wholeAccount, [{ key: wholeAccount, objects: [{ key: "*" }] }]],
  );
}
