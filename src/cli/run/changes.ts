import { watch } from "node:fs";
import { basename, dirname, relative, sep } from "node:path";

/** Editors write a file in several steps. */
const SETTLE = 150;

/**
 * Resolves to the name of the first file that changes once things have settled: the notebook, or a module or data file in its folder, at
 * any depth. `ignored`: absolute paths that the run itself writes. Rejects when `stop` is aborted.
 */
export function nextChange(
  notebook: string,
  ignored: ReadonlySet<string>,
  stop: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const folder = dirname(notebook);
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(timer);
      watcher.close();
      stop.removeEventListener("abort", aborted);
    };
    const aborted = (): void => {
      end();
      reject(new Error("The run was interrupted."));
    };
    const watcher = watch(folder, { recursive: true }, (_, name) => {
      if (name === null || timer || ignored.has(`${folder}${sep}${name}`) || !matters(name, notebook)) return;
      timer = setTimeout(() => {
        end();
        resolve(name);
      }, SETTLE);
    });
    watcher.on("error", (error) => {
      end();
      reject(error);
    });
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
