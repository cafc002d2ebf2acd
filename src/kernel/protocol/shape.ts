/** Checks of values from the wire. Each failure names the path, e.g. `cell.number: expected a number, found "3"`. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown, path: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong(path, "an object", value);
  return value as Fields;
}

export function text(of: Fields, key: string, path = ""): string {
  const value = of[key];
  if (typeof value !== "string") throw wrong(path + key, "a string", value);
  return value;
}

export function number(of: Fields, key: string, path = ""): number {
  const value = of[key];
  if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(path + key, "a number", value);
  return value;
}

export function list(of: Fields, key: string, path = ""): readonly unknown[] {
  const value = of[key];
  if (!Array.isArray(value)) throw wrong(path + key, "an array", value);
  return value;
}

export function oneOf<T extends string>(of: Fields, key: string, choices: readonly T[], path = ""): T {
  const value = of[key];
  const found = choices.find((choice) => choice === value);
  if (found === undefined)
    throw wrong(path + key, choices.map((choice) => `"${choice}"`).join(" or "), value);
  return found;
}

export function optional<T>(of: Fields, key: string, parse: (of: Fields, key: string) => T): T | undefined {
  return of[key] === undefined ? undefined : parse(of, key);
}

function wrong(path: string, expected: string, value: unknown): MalformedMessage {
  const found = value === undefined ? "nothing" : (JSON.stringify(value) ?? typeof value).slice(0, 60);
  return new MalformedMessage(`${path}: expected ${expected}, found ${found}`);
}
