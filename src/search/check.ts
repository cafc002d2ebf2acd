import { InputError } from "./inputError.js";

/** Parsers of single values that come from a cell. `what` names the value in the message, e.g. "steps" or "budget.nfe". */

export function wholeNumber(
  value: unknown,
  what: string,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} up` : `from ${min} to ${max}`;
  throw new InputError(`${what} is ${shown(value)}, but must be a whole number ${range}.`);
}

export function realNumber(value: unknown, what: string, min: number, max = Infinity): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= min && value <= max) return value;
  const [low, high] = [min !== -Infinity, max !== Infinity];
  const range =
    low && high ? ` from ${min} to ${max}` : low ? ` from ${min} up` : high ? ` up to ${max}` : "";
  const number = low || high ? "number" : "finite number";
  throw new InputError(`${what} is ${shown(value)}, but must be a ${number}${range}.`);
}

export function positiveNumber(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new InputError(`${what} is ${shown(value)}, but must be a number above 0.`);
}

export function oneOf<T extends string>(value: unknown, what: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new InputError(`${what} ${shown(value)} does not exist. ${listed("There is", choices)}.`);
}

/** An option that is on or off. */
export function flag(value: unknown, what: string): boolean {
  if (typeof value === "boolean") return value;
  throw new InputError(`${what} is ${shown(value)}, but must be true or false.`);
}

/** A plain object with none but the `known` keys; `undefined` values count as absent. */
export function plainObject(value: unknown, what: string, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputError(`${what} is ${shown(value)}, but must be an object. ${listed("It has", known)}.`);
  }
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  for (const [key] of entries) {
    if (!known.includes(key)) throw new InputError(`${what} has no "${key}". ${listed("It has", known)}.`);
  }
  return Object.fromEntries(entries);
}

/** A value as it stands in a message: short, and never "[object Object]". */
export function shown(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** "There is: a, b, c" or "There is: nothing". Of more than `most` names it has so many, and how many more there are. */
export function listed(lead: string, names: readonly string[], most = Infinity): string {
  if (names.length === 0) return `${lead}: nothing`;
  const left = names.length - most;
  return `${lead}: ${names.slice(0, most).join(", ")}${left > 0 ? ` and ${left} more` : ""}`;
}

/** What an unknown thrown value says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same as the beginning of a sentence that goes on: without the full stop at its end. */
export function phraseOf(error: unknown): string {
  return messageOf(error).replace(/\.$/, "");
}
