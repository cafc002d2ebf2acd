// What is too large to fetch for each run (VS Code, its Node, the unpacked browser) lies in one folder of the operating system's cache.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** `DNB_VSCODE_CACHE` overrides; what is inside is named after its version, so old and new checkouts can share it. */
export function cacheFolder() {
  if (process.env.DNB_VSCODE_CACHE) return process.env.DNB_VSCODE_CACHE;
  const system =
    process.platform === "win32"
      ? (process.env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"))
      : process.platform === "darwin"
        ? join(homedir(), "Library", "Caches")
        : (process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"));
  return join(system, "diffusion-notebook");
}

/**
 * The cached folder `name`, made by `fill(folder)` when it is not there yet. It is filled under another name and then renamed, so that a
 * run beside this one sees all of it or nothing; who comes second throws his own copy away.
 */
export async function cached(name, fill) {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  mkdirSync(cacheFolder(), { recursive: true });
  const filling = mkdtempSync(join(cacheFolder(), `.${name}-`));
  try {
    await fill(filling);
    renameSync(filling, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(filling, { recursive: true, force: true });
  }
  return folder;
}

/** Packages that only the machinery of the tests needs; none of their install scripts runs. */
export async function npmInstall(cwd, ...args) {
  const options = { cwd, shell: process.platform === "win32", maxBuffer: 1e8 };
  await promisify(execFile)(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...args],
    options,
  ).catch((error) => {
    throw new Error(`npm install ${args.join(" ")} failed: ${error.stderr || error.message}`);
  });
}
