import { createRequire, isBuiltin } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Script, constants } from "node:vm";
import type { WorkspaceModules } from "./workspaceModules.js";
import { plotNamespace } from "./plot.js";
import type { RequireFiles } from "./requireFiles.js";
import { isPackageFile, isWorkspacePath, resolveFile } from "./resolveFile.js";
import { IMPORTER_NAME } from "./stackTraces.js";

export type Namespace = Readonly<Record<string, unknown>>;
type Importer = (specifier: string, options?: ImportCallOptions) => Promise<Namespace>;

/** A file that Node imports as JSON only when the importer says so; the first is how Node 20 calls it. */
const NEEDS_TYPE = new Set<unknown>(["ERR_IMPORT_ASSERTION_TYPE_MISSING", "ERR_IMPORT_ATTRIBUTE_MISSING"]);

/** What `import` means in a cell: "dnb", files of the workspace, and everything that Node itself finds from the notebook's folder. */
export class ModuleLoader {
  #directory = process.cwd();
  readonly #importers = new Map<string, Importer>();

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
    const native = createRequire(join(directory, IMPORTER_NAME));
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

  /** `import.meta.resolve` of a cell: the URL that `specifier` means there. */
  readonly resolve = (specifier: unknown): string => {
    const name = String(specifier);
    if (isBuiltin(name)) return name.startsWith("node:") ? name : `node:${name}`;
    const directory = this.#directory;
    if (isWorkspacePath(name)) return pathToFileURL(resolveFile(name, directory)).href;
    try {
      return pathToFileURL(createRequire(join(directory, IMPORTER_NAME)).resolve(name)).href;
    } catch (error) {
      throw missingPackage(error, name, directory) ?? error;
    }
  };

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
    const native = this.#native(directory);
    try {
      return await native(specifier);
    } catch (error) {
      // A package's JSON file needs no more to be imported than one of the workspace.
      if (NEEDS_TYPE.has((error as { code?: unknown } | null)?.code))
        return native(specifier, { with: { type: "json" } });
      throw missingPackage(error, specifier, directory) ?? error;
    }
  }

  /** Node's own `import()`, resolving from `directory`. */
  #native(directory: string): Importer {
    const known = this.#importers.get(directory);
    if (known) return known;
    const importer = new Script("(specifier, options) => import(specifier, options)", {
      filename: join(directory, IMPORTER_NAME),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    }).runInThisContext() as Importer;
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
