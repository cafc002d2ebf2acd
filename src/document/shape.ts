import type { Path } from "./notebookFormatError.js";

/** A value of the wrong shape; becomes a NotebookFormatError once its position is known. */
export class Misfit extends Error {
  constructor(
    message: string,
    readonly path: Path,
    readonly fault: "shape" | "version" = "shape",
  ) {
    super(message);
  }
}

// Each of these gives the value back as what it has to be, or throws Misfit.

export function string(value: unknown, path: Path): string {
  if (typeof value !== "string") throw new Misfit(`expected a string, found ${describe(value)}`, path);
  return value;
}

export function array(value: unknown, path: Path): readonly unknown[] {
  if (!Array.isArray(value)) throw new Misfit(`expected an array, found ${describe(value)}`, path);
  return value;
}

export function object(value: unknown, path: Path): Record<string, unknown> {
  if (!isObject(value)) throw new Misfit(`expected an object, found ${describe(value)}`, path);
  return value;
}

/** An array of strings. */
export function lines(value: unknown, path: Path): readonly string[] {
  const values = array(value, path);
  if (values.every((line) => typeof line === "string")) return values;
  return values.map((line, index) => string(line, [...path, index]));
}

export function oneOf<const T extends string>(value: unknown, known: readonly T[], path: Path): T {
  const found = known.find((word) => word === value);
  if (found !== undefined) return found;
  const words = known.map((word) => `"${word}"`);
  const list = `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  throw new Misfit(`expected ${list}, found ${describe(value)}`, path);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `Object.fromEntries` defines keys, so even `__proto__` stays an ordinary one. */
export function without(value: Record<string, unknown>, known: readonly string[]): Record<string, unknown> {
  const keys = Object.keys(value).filter((key) => !known.includes(key));
  return Object.fromEntries(keys.map((key) => [key, value[key]]));
}

/** A value in an error message. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing: the key is missing";
  if (Array.isArray(value)) return "an array";
  if (isObject(value)) return "an object";
  const text = JSON.stringify(value);
  return `${value === null ? "" : `the ${typeof value} `}${text.length > 40 ? `${text.slice(0, 40)}…` : text}`;
}
