import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { mangle } from "../compiler/mangle.js";
import type { Displays } from "./displays.js";
import type { Evaluator } from "./evaluator.js";
import type { InterruptFlag } from "./interruptFlag.js";
import { constants, type KernelGlobal } from "./kernelGlobal.js";
import type { ModuleLoader } from "./moduleLoader.js";
import type { Resources } from "./resources.js";
import { IMPORTER_NAME } from "./stackTraces.js";

export interface GlobalServices {
  readonly flag: InterruptFlag;
  readonly loader: ModuleLoader;
  readonly displays: Displays;
  readonly resources: Resources;
  readonly evaluator: Evaluator;
  readonly debugReady: () => Promise<void>;
}

/** The global `__dnb`, which no cell can take away or replace. */
export function installKernelGlobal(services: GlobalServices): void {
  const { flag, loader, displays, resources, evaluator, debugReady } = services;
  const kernel: KernelGlobal = {
    tick: flag.tick,
    import: loader.import,
    display: displays.result,
    using: resources.using,
    receive: evaluator.receive,
    debugReady,
    constants,
    meta: Object.defineProperties(
      {},
      {
        url: { get: () => pathToFileURL(fileIn(loader.directory)).href, enumerable: true },
        filename: { get: () => fileIn(loader.directory), enumerable: true },
        dirname: { get: () => loader.directory, enumerable: true },
        resolve: { value: loader.resolve, enumerable: true },
      },
    ),
  };
  Object.defineProperty(globalThis, "__dnb", { value: Object.freeze(kernel) });
}

/** `require`, `__dirname` and `__filename` of cells. Configurable, because a cell may declare these names itself. */
export function installModuleNames(loader: ModuleLoader): void {
  const { directory } = loader;
  const values = { require: loader.require(), __dirname: directory, __filename: fileIn(directory) };
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(globalThis, mangle(name), { value, configurable: true, writable: true });
}

const fileIn = (directory: string): string => join(directory, IMPORTER_NAME);
