import type { System } from "../attack/system.ts";
import { first } from "../server.ts";
import { alike } from "./people.ts";
import { type Row, refuses } from "./table.ts";

const devices = `/client/v4/accounts/${first.accountId}/devices`;
const policy = `${devices}/policy`;
const match = 'os.name == "linux"';
const network = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";
const otherNetwork = "f174e90a-fafe-4643-bbbc-4a0ed4fc8416";
const long = (length: number) => "x".repeat(length);

/** A wrong part of a body, and the member in it that is wrong. */
type Wrong = readonly [what: string, more: object, pointer: string];

refuses("device policies", async (system) => {
  const custom = ofCustom(system);
  const everywhere = [...custom, { what: "in the default one", method: "PATCH", path: policy }];
  return [
    ...alike(everywhere, [...flags(), ...numbers(), ...texts(), ...objects(), ...routes()]),
    ...alike(custom, [...ofItself(), ...matches()]),
    ...ofNew(),
    ...precedences(system),
    ...missing(system),
  ];
});

/** A new device policy, and a change of one, right but for what is put in. */
function ofCustom({ things }: System) {
  const right = { name: "New", match, precedence: 700 };
  return [
    { what: "in a new one", method: "POST", path: policy, right },
    { what: "in a change", method: "PATCH", path: `${policy}/${things["device-policy"]?.own.id}` },
  ];
}

function flags(): Wrong[] {
  const names = [
    ...["allow_mode_switch", "allow_updates", "allowed_to_leave", "disable_auto_fallback"],
    ...["exclude_office_ips", "register_interface_ip_with_dns", "sccm_vpn_boundary_support", "switch_locked"],
  ];
  return names.flatMap((name) =>
    [0, "true"].map((value): Wrong => [`${JSON.stringify(value)} as ${name}`, { [name]: value }, `/${name}`]),
  );
}

function numbers(): Wrong[] {
  const limits = { auto_connect: 86_400, captive_portal: 86_400, lan_allow_subnet_size: 128 };
  return Object.entries({ ...limits, lan_allow_minutes: 1_000_000 }).flatMap(([name, most]) =>
    [-1, most + 1, 0.5, "5"].map(
      (value): Wrong => [`${JSON.stringify(value)} as ${name}`, { [name]: value }, `/${name}`],
    ),
  );
}

function texts(): Wrong[] {
  return Object.entries({ support_url: 2048, tunnel_protocol: 64 }).flatMap(([name, most]) =>
    [5, long(most + 1), "two\nlines", "\u001b[2J", "a\u0000b"].map(
      (value): Wrong => [`${JSON.stringify(value).slice(0, 40)} as ${name}`, { [name]: value }, `/${name}`],
    ),
  );
}

/** Settings that are objects or lists of them. */
function objects(): Wrong[] {
  const on = { enabled: true, api_endpoints: [], wireguard_endpoints: [], masque_endpoints: [] };
  const suffixes = (...dns_search_suffixes: unknown[]) => ({ dns_search_suffixes });
  const mode = (service_mode_v2: unknown) => ({ service_mode_v2 });
  const networks = (allowed: unknown, given: unknown = network) => ({
    virtual_networks: { allowed, default: given },
  });
  const faster = (more: object) => ({ global_acceleration: { ...on, ...more } });
  return [
    ["a text for a mode", mode("warp"), "/service_mode_v2"],
    ["a list for a mode", mode([]), "/service_mode_v2"],
    ["an empty mode", mode({ mode: "" }), "/service_mode_v2/mode"],
    ["a mode of 65 letters", mode({ mode: long(65) }), "/service_mode_v2/mode"],
    ["null for a mode's mode", mode({ mode: null }), "/service_mode_v2/mode"],
    ["a port too great", mode({ mode: "proxy", port: 65_536 }), "/service_mode_v2/port"],
    ["a port below zero", mode({ mode: "proxy", port: -1 }), "/service_mode_v2/port"],
    ["a text for a port", mode({ mode: "proxy", port: "3000" }), "/service_mode_v2/port"],
    ["null for a port", mode({ mode: "proxy", port: null }), "/service_mode_v2/port"],
    ["a text for suffixes", { dns_search_suffixes: "a.example" }, "/dns_search_suffixes"],
    ["a suffix by itself", suffixes("a.example"), "/dns_search_suffixes/0"],
    ["null among suffixes", suffixes({ suffix: "a" }, null), "/dns_search_suffixes/1"],
    ["no suffix", suffixes({ description: "A" }), "/dns_search_suffixes/0/suffix"],
    ["an empty suffix", suffixes({ suffix: "" }), "/dns_search_suffixes/0/suffix"],
    ["a suffix of 256", suffixes({ suffix: long(256) }), "/dns_search_suffixes/0/suffix"],
    [
      "a suffix's description of 101 letters",
      suffixes({ suffix: "a", description: long(101) }),
      "/dns_search_suffixes/0/description",
    ],
    ["1001 suffixes", suffixes(...Array(1001).fill({ suffix: "a" })), "/dns_search_suffixes"],
    ["a flag for acceleration", { global_acceleration: true }, "/global_acceleration"],
    ["nothing in acceleration", { global_acceleration: {} }, "/global_acceleration/enabled"],
    ["a text that is no flag", faster({ enabled: "true" }), "/global_acceleration/enabled"],
    ...["api_endpoints", "wireguard_endpoints", "masque_endpoints"].flatMap((name): Wrong[] => [
      [`null for ${name}`, faster({ [name]: null }), `/global_acceleration/${name}`],
      [`no ${name}`, faster({ [name]: undefined }), `/global_acceleration/${name}`],
      [`six ${name}`, faster({ [name]: Array(6).fill("a") }), `/global_acceleration/${name}`],
      [`an empty text in ${name}`, faster({ [name]: ["a", ""] }), `/global_acceleration/${name}/1`],
    ]),
    ["a list for networks", { virtual_networks: [network] }, "/virtual_networks"],
    ["no networks", networks(undefined), "/virtual_networks/allowed"],
    ["an empty list of networks", networks([]), "/virtual_networks/allowed"],
    ["1001 networks", networks(Array(1001).fill(network)), "/virtual_networks/allowed"],
    ["a network that is no UUID", networks([network, "office"]), "/virtual_networks/allowed/1"],
    ["a UUID with something behind it", networks([`${network}\n`]), "/virtual_networks/allowed/0"],
    ["a network twice", networks([otherNetwork, network, network]), "/virtual_networks/allowed/2"],
    ["null for the default network", networks([network], null), "/virtual_networks/default"],
    ["a default that is no UUID", networks([network], "office"), "/virtual_networks/default"],
    ["a default that is not allowed", networks([network], otherNetwork), "/virtual_networks/default"],
  ];
}

/** What goes through the tunnel and what does not. */
function routes(): Wrong[] {
  const both = { exclude: [{ host: "a.example" }], include: [{ host: "b.example" }] };
  const each = ["exclude", "include"].flatMap((name): Wrong[] => {
    const items = (...list: unknown[]) => ({ [name]: list });
    return [
      [`a text as ${name}`, { [name]: "10.0.0.0/8" }, `/${name}`],
      [`an object as ${name}`, { [name]: { address: "10.0.0.0/8" } }, `/${name}`],
      [`a bare address in ${name}`, items("10.0.0.0/8"), `/${name}/0`],
      [`null in ${name}`, items({ host: "a" }, null), `/${name}/1`],
      [`a list in ${name}`, items([{ host: "a" }]), `/${name}/0`],
      [
        `an address and a host in ${name}`,
        items({ host: "a" }, { address: "10.0.0.0/8", host: "a" }),
        `/${name}/1`,
      ],
      [`1001 in ${name}`, items(...Array(1001).fill({ host: "a" })), `/${name}`],
      ...["address", "host"].flatMap((member): Wrong[] => [
        [`an empty ${member} in ${name}`, items({ [member]: "" }), `/${name}/0/${member}`],
        [`a number as ${member} in ${name}`, items({ [member]: 5 }), `/${name}/0/${member}`],
        [`256 letters as ${member} in ${name}`, items({ [member]: long(256) }), `/${name}/0/${member}`],
        [
          `101 letters as description of ${member} in ${name}`,
          items({ [member]: "a", description: long(101) }),
          `/${name}/0/description`,
        ],
      ]),
    ];
  });
  return [...each, ["both at once", both, "/include"]];
}

/** The members that the default device policy does not take. */
function ofItself(): Wrong[] {
  const as = (name: string, ...values: unknown[]): Wrong[] =>
    values.map((value) => [
      `${JSON.stringify(value).slice(0, 40)} as ${name}`,
      { [name]: value },
      `/${name}`,
    ]);
  return [
    ...as("name", "", long(101), "two\nlines", "a\u0000b", 5, []),
    ...as("description", long(501), "a\u0007b", 5, {}),
    ...as("precedence", -1, 1_000_000_000, 0.5, "5"),
    ...as("enabled", 0, "true", [], {}),
    ...as("match", "", long(501), 5, "a\u0000b"),
  ];
}

/** Expressions that can be read as nothing, or that ask what can't be asked. */
function matches(): Wrong[] {
  const wrong = [
    ...[" ", "\n", "os.name", "os.name ==", 'os.name = "linux"', 'os.name == "linux', "os.name == linux"],
    ...['user.identity == "a@b.c"', 'os == "linux"', '"linux" == os.name', 'os.name == "a" os.name == "b"'],
    ...['os.name == "a" and', 'and os.name == "a"', "not", '(os.name == "a"', 'os.name == "a")', "()"],
    ...["os.name in {}", 'os.name in "linux"', 'os.name in {"linux"', "os.name in {linux}"],
    ...['any(os.name[*] in {"a"}', "any(identity.groups.name[*] == )", "any()", "1 == 1", "true"],
    ...['os.version == "newest"', "os.version == 10", 'os.name < "linux"', 'device.ram_gb == "16"'],
    ...["device.gpu_available == 1", "network == true", 'os.name == "a\\n"', "os.name ~ {", "OS.NAME == 1"],
    `${"(".repeat(240)}${match}${")".repeat(240)}`,
  ];
  return wrong.map((text) => [`the match ${JSON.stringify(text).slice(0, 60)}`, { match: text }, "/match"]);
}

/** What a new device policy must have. */
function ofNew(): Row[] {
  const right = { name: "New", match, precedence: 700 };
  return Object.keys(right).flatMap((name) =>
    [undefined, null].map((value) => ({
      what: `${value} as ${name} of a new one`,
      method: "POST",
      path: policy,
      body: { ...right, [name]: value },
      wanted: { status: 400, pointer: `/${name}` },
    })),
  );
}

/** A precedence is taken by one device policy: 0 and 1 are, and each may keep its own. */
function precedences(system: System): Row[] {
  const { own, hidden } = system.things["device-policy"] ?? {};
  const wanted = { status: 400, pointer: "/precedence" };
  const rows = [
    { what: "a new one", method: "POST", path: policy, body: { name: "New", match, precedence: 0 } },
    { what: "a new one again", method: "POST", path: policy, body: { name: "New", match, precedence: 1 } },
    { what: "a change", method: "PATCH", path: `${policy}/${own?.id}`, body: { precedence: 1 } },
    {
      what: "the other",
      method: "PATCH",
      path: `${policy}/${hidden?.id}`,
      body: { name: "x", precedence: 0 },
    },
  ];
  return rows.map(({ what, ...row }) => ({ ...row, what: `a precedence that is taken, in ${what}`, wanted }));
}

/** Device policies that are not there, and the one that must stay. */
function missing({ standard, things }: System): Row[] {
  const unknown = [things["device-policy"]?.foreign.id, things["deployment-group"]?.own.id, "%00", long(255)];
  const row = (method: string, id: string | undefined, status: number, body?: object): Row => ({
    what: `${method} of ${id}`,
    method,
    path: `${policy}/${id}`,
    body,
    wanted: { status },
  });
  return [
    ...unknown.flatMap((id) => [
      row("GET", id, 404),
      row("PATCH", id, 404, { name: "Theirs" }),
      row("DELETE", id, 404),
    ]),
    row("DELETE", standard.id, 409),
  ];
}
