import { existsSync, readdirSync, realpathSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { InputError } from "../../search/index.js";
import type { EngineStorage, LocalEngine } from "../../search/index.js";
import { openModel, type ModelOptions } from "../../search/onnx/openModel.js";

interface Resident {
  readonly engine: Promise<LocalEngine>;
  users: number;
}

/** The loaded models. The same model with the same options is loaded once, for all notebooks, and stays until nobody wants it any more. */
export class ModelShelf {
  readonly #resident = new Map<string, Resident>();

  /** `embedded`: the folder whose sub-folders are the models that go by name; `storage`: where their results are kept beside the memory. */
  constructor(
    private readonly embedded: string,
    private readonly standard: string,
    private readonly storage: () => EngineStorage,
  ) {}

  async open(
    model: unknown,
    options: unknown,
    directory: string,
  ): Promise<{ key: string; engine: LocalEngine }> {
    const folder = this.#folder(model ?? this.standard, directory);
    const path = existsSync(folder) ? realpathSync(folder) : folder;
    const key = JSON.stringify([path, canonical(options)]);
    const known = this.#resident.get(key);
    const entry = known ?? { engine: this.#load(folder, options), users: 0 };
    entry.users++;
    if (!known) {
      this.#resident.set(key, entry);
      entry.engine.catch(() => this.#resident.delete(key));
    }
    return { key, engine: await entry.engine };
  }

  async engine(key: string): Promise<LocalEngine> {
    const entry = this.#resident.get(key);
    if (!entry) throw new InputError("The session was disposed of. Open it again with openSession.");
    return entry.engine;
  }

  /** One session less. `unload`: asked for by its owner, so the last one takes the model with it; a restart of cells keeps it. */
  async release(key: string, unload: boolean): Promise<void> {
    const entry = this.#resident.get(key);
    if (!entry) return;
    entry.users--;
    if (!unload || entry.users > 0) return;
    this.#resident.delete(key);
    await (await entry.engine).dispose();
  }

  #load(folder: string, options: unknown): Promise<LocalEngine> {
    return openModel(folder, options as ModelOptions | undefined, (denoiser) => denoiser, this.storage());
  }

  #folder(model: unknown, directory: string): string {
    if (typeof model !== "string")
      throw new InputError(
        `openSession: the model is ${typeof model}, but must be a name or the path of a folder.`,
      );
    if (isAbsolute(model) || /[\\/]/.test(model) || model.startsWith(".")) return resolve(directory, model);
    const named = join(this.embedded, model);
    if (existsSync(join(named, "model.json"))) return named;
    const names = this.#names();
    const offer = names.length
      ? `Embedded models: ${names.join(", ")}.`
      : "There are no embedded models here.";
    throw new InputError(
      `There is no model "${model}". ${offer} A folder is given as a path, e.g. "./${model}".`,
    );
  }

  #names(): string[] {
    if (!existsSync(this.embedded)) return [];
    return readdirSync(this.embedded)
      .filter((name) => existsSync(join(this.embedded, name, "model.json")))
      .sort();
  }
}

/** Options in one order, without those left undefined. */
const canonical = (options: unknown): unknown =>
  typeof options === "object" && options !== null
    ? Object.entries(options)
        .filter(([, value]) => value !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
    : [];
