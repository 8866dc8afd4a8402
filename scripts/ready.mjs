// Runs before `npm start` (prod) and `npm test` (dev), on whatever Node there is: makes node_modules what the
// lock file says, and then checks that the Node which runs everything else is in it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const stamp = new URL("node_modules/.ready", root);
const wanted = process.argv[2];

if (wanted !== "prod" && wanted !== "dev") stop("usage: node scripts/ready.mjs prod|dev");
const lock = createHash("sha256")
  .update(read(new URL("package-lock.json", root)))
  .digest("hex");
const [installedLock, installed] = read(stamp).split(" ");
// What tests need contains what a start needs.
if (installedLock !== lock || (installed !== wanted && installed !== "dev")) install();
checkNode();

function install() {
  const which = wanted === "dev" ? "--include=dev" : "--omit=dev";
  const { status } = npm(["ci", which, "--include=optional", "--no-audit", "--no-fund"]);
  if (status !== 0) stop("npm ci failed: see above");
  // npm ci begins by removing node_modules and the stamp in it, so an interrupted one leaves none.
  writeFileSync(stamp, `${lock} ${wanted}`);
}

function npm(words) {
  const options = { cwd: fileURLToPath(root), stdio: ["ignore", "inherit", "inherit"] };
  const path = process.env.npm_execpath;
  if (path && basename(path) === "npm-cli.js") return spawnSync(process.execPath, [path, ...words], options);
  return spawnSync("npm", words, { ...options, shell: process.platform === "win32" });
}

function checkNode() {
  const name = process.platform === "win32" ? "node.cmd" : "node";
  const node = fileURLToPath(new URL(`node_modules/.bin/${name}`, root));
  const { stdout } = spawnSync(node, ["--version"], {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (stdout?.startsWith("v26.")) return;
  stop(`Node 26 is missing: its package for ${process.platform} ${process.arch} was not installed`);
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
