import { Session } from "node:inspector";
import { createRequire } from "node:module";
import { compileCell } from "../../../src/kernel/compiler/compileCell.js";
import { mangle } from "../../../src/kernel/compiler/mangle.js";
import { realmNames } from "../../../src/kernel/compiler/names.js";
import { NO_NAMES } from "../../../src/kernel/compiler/notebookNames.js";

export interface CellResult {
  readonly shown?: unknown;
  readonly error?: string;
  readonly code?: string;
}

/** Compiles and evaluates cells one after the other in V8's REPL mode with the smallest possible `__dnb`; the last one's result counts. */
export async function runCells(cells: readonly string[]): Promise<CellResult> {
  const realm = realmNames();
  let result: CellResult = {};
  for (const source of cells) {
    const compiled = compileCell({ source, realm, names });
    if (!compiled.ok) {
      result = { error: `SyntaxError: ${compiled.error.message}` };
      continue;
    }
    names = compiled.names;
    result = await evaluate(compiled.code);
  }
  return result;
}

/** All cells of a test file share one realm, as those of a notebook do. */
let names = NO_NAMES;

const session = new Session();
session.connect();
let shown: { value: unknown } | undefined;
export const disposed: unknown[] = [];

const kernel = {
  tick() {},
  display: (value: unknown) => void (shown = { value }),
  using(value: unknown) {
    disposed.push(value);
    return value;
  },
  constants: new Proxy(
    {},
    {
      set(_, name) {
        throw new TypeError(`Assignment to constant variable ${String(name)}`);
      },
    },
  ),
  meta: { url: "file:///folder/notebook.dnb" },
  import: (specifier: string) => import(/* @vite-ignore */ specifier),
};
Object.defineProperty(globalThis, "__dnb", { value: kernel, configurable: true });
Object.defineProperty(globalThis, mangle("require"), {
  value: createRequire(import.meta.url),
  configurable: true,
});

interface Evaluated {
  readonly exceptionDetails?: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}

async function evaluate(code: string): Promise<CellResult> {
  shown = undefined;
  const { exceptionDetails } = await new Promise<Evaluated>((resolve, reject) =>
    session.post(
      "Runtime.evaluate",
      { expression: `${code}\n//# sourceURL=dnb:/cell.ts`, replMode: true, awaitPromise: true },
      (error, result) => (error ? reject(error) : resolve(result as Evaluated)),
    ),
  );
  if (exceptionDetails)
    return { error: exceptionDetails.exception?.description ?? exceptionDetails.text, code };
  return shown ? { shown: (shown as { value: unknown }).value, code } : { code };
}
