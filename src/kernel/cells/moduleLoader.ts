import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Script, constants } from "node:vm";
import type { WorkspaceModules } from "./workspaceModules.js";
import { plotNamespace } from "./plot.js";
import type { RequireFiles } from "./requireFiles.js";
import { isPackageFile, isWorkspacePath, resolveFile } from "./resolveFile.js";

export type Namespace = Readonly<Record<string, unknown>>;

/** What `import` means in a cell: "dnb", files of the workspace, and everything that Node itself finds from the notebook's folder. */
export class ModuleLoader {
  #directory = process.cwd();
  readonly #importers = new Map<string, (specifier: string) => Promise<Namespace>>();

  constructor(
    private readonly cellApi: Namespace,
    private readonly workspace: WorkspaceModules,
    private readonly files: RequireFiles,
  ) {}

  get directory(): string {
    return this.#directory;
  }

  set directory(directory: string) {
    this.#directory = directory;
  }

  /** As in the notebook's folder, for `require` in cells. */
  require(): NodeJS.Require {
    const directory = this.#directory;
    const native = createRequire(join(directory, "notebook.js"));
    const required = (specifier: string): unknown => {
      this.files.dropChanged();
      try {
        const value: unknown = native(specifier);
        this.files.required(native.resolve(specifier));
        return value;
      } catch (error) {
        throw missingPackage(error, specifier, directory) ?? error;
      }
    };
    return Object.assign(required, native);
  }

  /** `required`: exports that the importing cell uses as values. */
  readonly import = async (specifier: unknown, required: readonly string[] = []): Promise<Namespace> => {
    const name = String(specifier);
    const namespace = await this.load(name, this.#directory);
    return withExports(namespace, name, required);
  };

  async load(specifier: string, directory: string): Promise<Namespace> {
    if (specifier === "dnb") return this.cellApi;
    if (specifier === "@observablehq/plot") return plotNamespace();
    if (isWorkspacePath(specifier)) {
      const path = resolveFile(specifier, directory);
      // Packages are Node's, also when they are named by their path.
      if (!isPackageFile(path)) return this.workspace.import(path);
      return this.#native(directory)(pathToFileURL(path).href);
    }
    try {
      return await this.#native(directory)(specifier);
    } catch (error) {
      throw missingPackage(error, specifier, directory) ?? error;
    }
  }

  /** Node's own `import()`, resolving from `directory`. */
  #native(directory: string): (specifier: string) => Promise<Namespace> {
    const known = this.#importers.get(directory);
    if (known) return known;
    const importer = new Script("(specifier) => import(specifier)", {
      filename: join(directory, "notebook.js"),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    }).runInThisContext() as (specifier: string) => Promise<Namespace>;
    this.#importers.set(directory, importer);
    return importer;
  }
}

function missingPackage(error: unknown, specifier: string, directory: string): Error | undefined {
  const { code, message } = error as { code?: string; message?: string };
  const name = /^(@[^/]+\/[^/]+|[^@./][^/]*)/.exec(specifier)?.[1];
  if (
    (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") ||
    !name ||
    !message?.includes(`'${name}'`)
  )
    return undefined;
  const advice = `Cannot find the package "${name}" from ${directory}. Install it there: npm install ${name}`;
  return Object.assign(new Error(advice), { name: "ModuleNotFound", code });
}

/** An ES module says which name it lacks; a CommonJS package whose exports Node cannot see in advance may still have them. */
function withExports(namespace: Namespace, specifier: string, required: readonly string[]): Namespace {
  const missing = required.filter((name) => !(name in namespace));
  if (!missing.length) return namespace;
  const whole = namespace["default"];
  const canHold = (typeof whole === "object" && whole !== null) || typeof whole === "function";
  const inner = canHold ? (whole as Namespace) : {};
  const lacking = missing.filter((name) => !(name in inner));
  if (!lacking.length)
    return new Proxy(namespace, {
      get: (target, key) => (key in target ? target[key as string] : inner[key as string]),
    });
  const names = Object.keys(namespace).filter((name) => name !== "default");
  const offer = names.length
    ? ` It has: ${names.slice(0, 40).join(", ")}${names.length > 40 ? ", …" : ""}.`
    : "";
  throw new SyntaxError(
    `"${specifier}" has no export named ${lacking.map((name) => `"${name}"`).join(", ")}.${offer}`,
  );
}
