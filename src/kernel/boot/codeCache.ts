import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { constants, Script } from "node:vm";
import { threadId } from "node:worker_threads";

/** By then what a start needs has been compiled, and is kept with the rest. */
const KEEP_AFTER = 2000;

type ModuleFunction = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  filename: string,
  directory: string,
) => void;

/**
 * Runs a CommonJS bundle as Node would, with the machine code of an earlier run: to compile TypeScript's compiler takes V8 four times as long
 * as to read it. `folder`: of this user alone, since what lies there is run; undefined: nothing is kept. What is damaged there or of another
 * Node is made anew.
 */
export function runCached(path: string, folder: string | undefined): void {
  const source = readFileSync(path, "utf8");
  const file = folder ? join(folder, cacheName(path)) : undefined;
  const cachedData = file === undefined ? undefined : read(file);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) { ${source}\n})`, {
    filename: path,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(cachedData && { cachedData }),
  });
  const module = { exports: {} };
  const run = script.runInThisContext() as ModuleFunction;
  run.call(module.exports, module.exports, createRequire(path), module, path, dirname(path));
  if (file !== undefined && (!cachedData || script.cachedDataRejected === true))
    setTimeout(() => keep(script, file), KEEP_AFTER).unref();
}

/** V8 itself checks its version and flags, but of the source only the length. */
function cacheName(path: string): string {
  const { size, mtimeMs } = statSync(path);
  return `${family(path)}-${size}-${Math.round(mtimeMs)}.bin`;
}

const family = (path: string): string => `${basename(path, ".js")}-${process.version}-${process.arch}`;

function read(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written costs time at the next start, and nothing else. */
function keep(script: Script, file: string): void {
  try {
    const folder = dirname(file);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const own = `${file}.${process.pid}.${threadId}`;
    writeFileSync(own, script.createCachedData(), { mode: 0o600 });
    renameSync(own, file);
    const name = basename(file);
    const ofOtherBuilds = name.replace(/-\d+-\d+\.bin$/, "-");
    for (const other of readdirSync(folder))
      if (other !== name && other.startsWith(ofOtherBuilds) && other.endsWith(".bin"))
        rmSync(join(folder, other));
  } catch {
    return;
  }
}
