import { existsSync, readdirSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { InputError } from "../../search/index.js";

/** What `openSession` may be given for a model, and the folder that it means. */
export class ModelNames {
  /** `embedded`: the folder whose sub-folders are the models that go by name; `standard`: the one meant when none is given. */
  constructor(
    private readonly embedded: string,
    private readonly standard: string,
  ) {}

  /** `directory`: where relative paths start. */
  folder(given: unknown, directory: string): string {
    const model = given ?? this.standard;
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
