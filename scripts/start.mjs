// `npm start`: the example notebook in VS Code, with the extension as it lies here. Uses the installed VS Code; where there is none, serves
// the one from npm on the loopback address until Ctrl+C.
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { installedVSCode } from "../test/harness/desktopVSCode.mjs";
import { endAllWith } from "../test/harness/processes.mjs";
import { serveVSCode } from "../test/harness/vscode.mjs";

const folder = resolve("examples");
const notebook = join(folder, "first-search.dnb");

// `npm start -- --served`: in the browser even so.
const installed = process.argv.includes("--served") ? undefined : installedVSCode();
if (installed) open(installed.command);
else {
  console.log(
    "No installed VS Code (none asked for, no `code` on the path, no DNB_VSCODE): serving the one from npm.",
  );
  await serve();
}

function open(command) {
  console.log(`Opening ${notebook} in ${command}`);
  const child = spawn(command, [`--extensionDevelopmentPath=${resolve(".")}`, folder, notebook], {
    stdio: "inherit",
    shell: process.platform === "win32",
    env: { ...process.env, ELECTRON_RUN_AS_NODE: undefined },
  });
  child.once("exit", (code) => (process.exitCode = code ?? 1));
}

async function serve() {
  const scratch = mkdtempSync(join(tmpdir(), "dnb-"));
  const id = randomUUID();
  process.once("exit", () => {
    endAllWith("DNB_START", id);
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  });
  installInto(join(scratch, "extensions"));
  const token = randomBytes(24).toString("hex");
  const server = await serveVSCode({
    scratch,
    env: { DNB_START: id },
    // Who has the token may run code as the person who started this, with or without the question whether the folder is trusted.
    args: ["--connection-token", token, "--disable-workspace-trust"],
  });
  const query = new URLSearchParams({ tkn: token, folder });
  console.log(
    `\nOpen this address in a browser on this machine (Ctrl+C here ends it):\n\n  ${server.url}/?${query}\n`,
  );
  await server.ended;
  console.log(`VS Code's server ended.\n${server.output()}`);
  process.exitCode = 1;
}

/**
 * A served VS Code takes no extension under development (the page ignores it unless it is under test), but it runs what lies in its folder of
 * extensions: there this folder appears under the name that an installed extension would have. Beside it lies one that opens the notebook: the
 * address of the page could name a file too, but VS Code would open it, on its first start, before it knows of notebooks, as text.
 */
function installInto(extensions) {
  const { publisher, name, version, engines, contributes } = JSON.parse(readFileSync("package.json", "utf8"));
  mkdirSync(extensions, { recursive: true });
  symlinkSync(resolve("."), join(extensions, `${publisher}.${name}-${version}`), "junction");

  const opener = { name: "opener", publisher, version, engines, main: "open.js" };
  const beside = join(extensions, `${publisher}.${opener.name}-${version}`);
  mkdirSync(beside);
  writeFileSync(
    join(beside, "package.json"),
    JSON.stringify({ ...opener, activationEvents: ["onStartupFinished"] }),
  );
  const type = contributes.notebooks[0].type;
  writeFileSync(
    join(beside, "open.js"),
    `const { commands, Uri } = require("vscode");
exports.activate = () =>
  commands.executeCommand("vscode.openWith", Uri.file(${JSON.stringify(notebook)}), ${JSON.stringify(type)});`,
  );
}
