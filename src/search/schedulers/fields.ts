import { InputError } from "../inputError.js";
import { listed, oneOf, realNumber, shown, wholeNumber } from "../check.js";

/** One field of a scheduler_config.json: what diffusers takes when it is absent, and how a value is checked. */
export interface Field<T> {
  readonly absent: T;
  parse(value: unknown, what: string): T;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The values of the fields `F`, complete. */
export type Values<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

export function whole(absent: number, min: number, max?: number): Field<number> {
  return { absent, parse: (value, what) => wholeNumber(value, what, min, max) };
}

export function real(absent: number, min = -Infinity, max = Infinity): Field<number> {
  return { absent, parse: (value, what) => realNumber(value, what, min, max) };
}

export function realOrNull(absent: number | null = null): Field<number | null> {
  return { absent, parse: (value, what) => (value === null ? null : realNumber(value, what, -Infinity)) };
}

/** null, which some saved configurations have, is false in Python. */
export function flag(absent: boolean): Field<boolean> {
  return {
    absent,
    parse: (value, what) => {
      if (value === null) return false;
      if (typeof value === "boolean") return value;
      throw new InputError(`${what} is ${shown(value)}, but must be true or false.`);
    },
  };
}

export function choice<T extends string>(absent: T, names: readonly T[]): Field<T> {
  return { absent, parse: (value, what) => oneOf(value, what, names) };
}

/** `foreign`: names of related schedulers that do nothing here, as null. */
export function choiceOrNull<T extends string>(
  names: readonly T[],
  foreign: readonly string[] = [],
): Field<T | null> {
  return {
    absent: null,
    parse: (value, what) =>
      value === null || foreign.includes(value as string) ? null : oneOf(value, what, names),
  };
}

/** Names of a related scheduler that diffusers replaces by `names`' first. */
export function choiceOrForeign<T extends string>(names: readonly T[], foreign: readonly string[]): Field<T> {
  const own = names[0]!;
  return {
    absent: own,
    parse: (value, what) => (foreign.includes(value as string) ? own : oneOf(value, what, names)),
  };
}

export function listOrNull(): Field<readonly number[] | null> {
  return { absent: null, parse: (value, what) => (value === null ? null : numbers(value, what)) };
}

export function wholeList(): Field<readonly number[]> {
  return {
    absent: [],
    parse: (value, what) => numbers(value, what).map((each) => wholeNumber(each, what, 0)),
  };
}

/** A field that only has one value here, with the reason. */
export function only<T extends null>(value: T, reason: string): Field<T> {
  return {
    absent: value,
    parse: (given, what) => {
      if (given === value) return value;
      throw new InputError(`${what} is ${shown(given)}, but ${reason}.`);
    },
  };
}

/** The value of every field of `name`; `foreign` are fields of related schedulers, which diffusers leaves aside. */
export function parseFields<F extends Fields>(
  name: string,
  given: Readonly<Record<string, unknown>>,
  fields: F,
  foreign: ReadonlySet<string>,
): Values<F> {
  for (const key of Object.keys(given)) {
    if (key.startsWith("_") || Object.hasOwn(fields, key) || foreign.has(key)) continue;
    throw new InputError(`${name} has no "${key}". ${listed("It has", Object.keys(fields))}.`);
  }
  // Saved by diffusers: fields that were not given to it, so that a later default may change. It takes its default for them.
  const defaulted = Array.isArray(given["_use_default_values"])
    ? (given["_use_default_values"] as unknown[])
    : [];
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => {
      const value = given[key];
      const absent = value === undefined || defaulted.includes(key);
      return [key, absent ? field.absent : field.parse(value, `${name}'s ${key}`)];
    }),
  ) as Values<F>;
}

function numbers(value: unknown, what: string): readonly number[] {
  if (Array.isArray(value)) return value.map((each) => realNumber(each, what, -Infinity));
  throw new InputError(`${what} is ${shown(value)}, but must be a list of numbers.`);
}

/** -Infinity is the default; JSON.stringify writes it as null. */
export function lambdaLimit(): Field<number> {
  return {
    absent: -Infinity,
    parse: (value, what) =>
      value === null || value === -Infinity ? -Infinity : realNumber(value, what, -Infinity),
  };
}
