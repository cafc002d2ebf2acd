import { inspect, types, type InspectOptions } from "node:util";

/** Elements of an array, a map or a set that are written out. */
const ELEMENTS = 100;
const LONGEST_STRING = 20_000;
/** Members of an object that has too many to name them all. */
const MEMBERS = 100;

export interface Within {
  /** Levels of objects inside objects, where there is room for them. */
  readonly depth: number;
  /** Members, elements and pieces of 100 characters that may be written out. */
  readonly parts: number;
  readonly breakLength?: number;
}

/**
 * A value as Node prints it, as deep as so many parts reach: to print a million members takes seconds, in which no interrupt gets through. May
 * throw what a proxy or the value's own way of being printed throws.
 */
export function inspectWithin(value: unknown, { depth: deepest, parts, breakLength = 100 }: Within): string {
  const options = { maxArrayLength: ELEMENTS, maxStringLength: LONGEST_STRING, breakLength };
  const depth = depthWithin(value, deepest, parts);
  return depth < 0 ? inspectHead(value as object, options) : inspect(value, { ...options, depth });
}

/** The greatest depth with no more than `parts` parts; -1: already the members of the value itself are more. */
function depthWithin(value: unknown, deepest: number, parts: number): number {
  let left = parts;
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= deepest && level.length; depth++) {
    const next: unknown[] = [];
    for (const item of level)
      for (const member of membersOf(item)) {
        left -= 1 + (typeof member === "string" ? Math.min(member.length, LONGEST_STRING) / 100 : 0);
        if (left < 0) return depth - 1;
        next.push(member);
      }
    level = next;
  }
  return deepest;
}

/** What is printed inside of the value, without running a getter or a trap. */
function* membersOf(value: unknown): Generator<unknown> {
  if (typeof value !== "object" || value === null || types.isProxy(value) || ArrayBuffer.isView(value))
    return;
  if (Array.isArray(value)) {
    for (let i = 0; i < Math.min(value.length, ELEMENTS); i++) yield valueAt(value, i);
  } else if (types.isMap(value)) {
    let count = 0;
    for (const entry of Map.prototype.entries.call(value)) {
      if (++count > ELEMENTS) return;
      yield* entry as [unknown, unknown];
    }
  } else if (types.isSet(value)) {
    let count = 0;
    for (const element of Set.prototype.values.call(value)) {
      if (++count > ELEMENTS) return;
      yield element;
    }
  } else for (const key of Object.keys(value)) yield valueAt(value, key);
}

const valueAt = (of: object, key: string | number): unknown =>
  Object.getOwnPropertyDescriptor(of, key)?.value;

function inspectHead(value: object, options: InspectOptions): string {
  const keys = Object.keys(value);
  const members = keys.slice(0, MEMBERS).map((key) => [key, Object.getOwnPropertyDescriptor(value, key)!]);
  const head: unknown = Object.create(
    Object.getPrototypeOf(value) as object | null,
    Object.fromEntries(members) as PropertyDescriptorMap,
  );
  const text = inspect(head, { ...options, depth: 0, customInspect: false });
  return `${text}\n… ${keys.length - members.length} more members`;
}
