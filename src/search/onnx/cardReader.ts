import { listed, shown } from "../check.js";
import { nearest } from "../condition.js";
import { InputError } from "../inputError.js";

/** A JSON file of a model is not what it should be; the message names the file and the field. */
export class ModelCardError extends InputError {
  constructor(
    /** E.g. "verifiers[1].sha256"; empty for the whole. */
    readonly path: string,
    what: string,
    file = "model.json",
  ) {
    super(`${file}: ${path === "" ? "it" : path} ${what}.`);
  }
}

/** A value inside the card that knows its path. */
export class CardReader {
  readonly #value: unknown;
  readonly #path: string;
  readonly #file: string;

  private constructor(value: unknown, path: string, file: string) {
    this.#value = value;
    this.#path = path;
    this.#file = file;
  }

  static root(value: unknown, file = "model.json"): CardReader {
    return new CardReader(value, "", file);
  }

  fail(what: string): never {
    throw new ModelCardError(this.#path, what, this.#file);
  }

  /** Whether the object has this field, with something else than null. */
  has(name: string): boolean {
    return (this.#object()[name] ?? undefined) !== undefined;
  }

  /**
   * Refuses a field that is none of `names` but looks like one: a slip of the pen in an optional field would give other numbers without a word.
   * Others are left alone, as notes of whoever made the folder.
   */
  refuseSlips(names: readonly string[]): void {
    for (const name of Object.keys(this.#object())) {
      const near = names.includes(name) ? undefined : nearest(name.toLowerCase(), names);
      if (near !== undefined) {
        const path = this.#path === "" ? name : `${this.#path}.${name}`;
        throw new ModelCardError(path, `is no field. Did you mean ${shown(near)}?`, this.#file);
      }
    }
  }

  isNull(): boolean {
    return this.#value === null;
  }

  isList(): boolean {
    return Array.isArray(this.#value);
  }

  #object(): Record<string, unknown> {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.fail(`is ${shown(value)}, but must be an object`);
    }
    return value as Record<string, unknown>;
  }

  field(name: string): CardReader {
    const value = this.#object();
    const path = this.#path === "" ? name : `${this.#path}.${name}`;
    if (!Object.hasOwn(value, name)) throw new ModelCardError(path, "is missing", this.#file);
    return new CardReader(value[name], path, this.#file);
  }

  list(name: string): CardReader[] {
    const field = this.field(name);
    if (!Array.isArray(field.#value)) return field.fail(`is ${shown(field.#value)}, but must be an array`);
    return field.#value.map((item: unknown, i) => new CardReader(item, `${field.#path}[${i}]`, this.#file));
  }

  text(name: string): string {
    return this.field(name).asText();
  }

  number(name: string, min: number, max: number): number {
    return this.field(name).asNumber(min, max);
  }

  flag(name: string): boolean {
    const reader = this.field(name);
    const value = reader.#value;
    return typeof value === "boolean" ? value : reader.fail(`is ${shown(value)}, but must be true or false`);
  }

  choice<T extends string>(name: string, choices: readonly T[]): T {
    const reader = this.field(name);
    const found = choices.find((choice) => choice === reader.#value);
    return found ?? reader.fail(`is ${shown(reader.#value)}. ${listed("There is", choices)}`);
  }

  unique(name: string, values: readonly string[]): void {
    const twice = values.find((value, i) => values.indexOf(value) !== i);
    if (twice !== undefined) this.field(name).fail(`has ${shown(twice)} twice`);
  }

  asText(): string {
    const value = this.#value;
    return typeof value === "string" && value !== ""
      ? value
      : this.fail(`is ${shown(value)}, but must be a text that is not empty`);
  }

  asNumber(min: number, max: number): number {
    const value = this.#value;
    if (typeof value === "number" && Number.isFinite(value) && value >= min && value <= max) return value;
    return this.fail(`is ${shown(value)}, but must be a number from ${min} to ${max}`);
  }

  asInteger(min: number, max: number): number {
    const value = this.asNumber(min, max);
    return Number.isSafeInteger(value) ? value : this.fail(`is ${value}, but must be a whole number`);
  }
}
