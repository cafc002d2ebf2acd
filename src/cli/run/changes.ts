import { watch } from "node:fs";
import { basename, dirname, relative, sep } from "node:path";

/** Editors write a file in several steps. */
const SETTLE = 150;

/**
 * Resolves to the name of the first file that changes once things have settled: the notebook, or a module or data file in its folder, at
 * any depth. `isOwn`: whether what lies at the absolute path is what the run itself wrote. Rejects when `stop` is aborted.
 */
export function nextChange(
  notebook: string,
  isOwn: (path: string) => boolean,
  stop: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const folder = dirname(notebook);
    const names = new Set<string>();
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(timer);
      watcher.close();
      stop.removeEventListener("abort", aborted);
    };
    const fail = (error: unknown): void => {
      end();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const aborted = (): void => fail(new Error("The run was interrupted."));
    const settled = (): void => {
      timer = undefined;
      try {
        const changed = [...names].find((name) => !isOwn(`${folder}${sep}${name}`));
        names.clear();
        if (changed === undefined) return;
        end();
        resolve(changed);
      } catch (error) {
        fail(error);
      }
    };
    const watcher = watch(folder, { recursive: true }, (_, name) => {
      if (name === null || !matters(name, notebook)) return;
      names.add(name);
      timer ??= setTimeout(settled, SETTLE);
    });
    watcher.on("error", fail);
    stop.addEventListener("abort", aborted);
    if (stop.aborted) aborted();
  });
}

function matters(name: string, notebook: string): boolean {
  if (name.split(sep).some((part) => part === "node_modules" || part.startsWith("."))) return false;
  return (
    name === relative(dirname(notebook), notebook) ||
    name === basename(notebook) ||
    /\.(?:[cm]?[jt]sx?|json)$/.test(name)
  );
}
