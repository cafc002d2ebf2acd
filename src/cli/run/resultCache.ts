import { accessSync, constants, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Where the kernel keeps what it computed, as its environment: the folder that was asked for (`--cache`), else that of DNB_CACHE, else one of
 * this user's on this machine, if it can be written. "none" keeps nothing.
 */
export function cacheEnvironment(
  asked: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const folder = asked ?? env["DNB_CACHE"];
  if (folder) return { DNB_CACHE: folder === "none" ? folder : resolve(folder) };
  const own = join(userCaches(env), "diffusion-notebook", "results");
  return { DNB_CACHE: isWritable(own) ? own : "none" };
}

/** Where V8's code of the kernel is kept between runs; a run that is to keep nothing keeps none. */
export function codeCacheEnvironment(
  asked: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  if ((asked ?? env["DNB_CACHE"]) === "none") return {};
  const own = join(userCaches(env), "diffusion-notebook", "code");
  return isWritable(own) ? { DNB_CODE_CACHE: own } : {};
}

/** The folder of the operating system for what may be deleted at any time. */
function userCaches(env: NodeJS.ProcessEnv): string {
  switch (process.platform) {
    case "win32":
      return env["LOCALAPPDATA"] || join(homedir(), "AppData", "Local");
    case "darwin":
      return join(homedir(), "Library", "Caches");
    default:
      return env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  }
}

/** A default that cannot be had is no mistake of the user's: the run goes on without a cache. */
function isWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
