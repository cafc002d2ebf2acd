import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Runs TypeScript (imports from the repository's root) in a Node process of its own; gives what it prints on stdout. */
export async function runScript(
  contents: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  flags: readonly string[] = [],
): Promise<string> {
  const bundle = await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    ...{ bundle: true, write: false, platform: "node", format: "esm", target: "node20" },
    external: ["onnxruntime-node"],
    logLevel: "silent",
  });
  const running = promisify(execFile)(process.execPath, [...flags, "--input-type=module", "-", ...args], {
    ...{ cwd: root, maxBuffer: 1 << 24, env: { ...process.env, ...env } },
  });
  // The script is longer than an argument may be.
  running.child.stdin!.end(bundle.outputFiles[0]!.text);
  return (await running).stdout;
}
