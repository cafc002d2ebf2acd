import { types } from "node:util";
import type { VariableState } from "../protocol.js";

type Description = Pick<VariableState, "type" | "size" | "preview">;

const LONGEST = 200;
const MOST_MEMBERS = 10;

/**
 * Type, size and one line of a value. Runs no code of the value's own: members are read by their descriptors, built-in ones by the
 * built-in accessors, and proxies not at all.
 */
export function describeVariable(value: unknown): Description {
  const { type, size, preview } = describe(value, 0);
  return { type, ...(size !== undefined && { size }), preview: cut(preview) };
}

function describe(value: unknown, depth: number): Description {
  switch (typeof value) {
    case "string":
      return { type: "string", size: `${value.length}`, preview: JSON.stringify(cut(value)) };
    case "bigint":
      return { type: "bigint", preview: `${cut(String(value))}n` };
    case "symbol":
      return { type: "symbol", preview: String(value) };
    case "number":
      return { type: "number", preview: Object.is(value, -0) ? "-0" : String(value) };
    case "boolean":
    case "undefined":
      return { type: typeof value, preview: String(value) };
    case "function":
      return types.isProxy(value) ? PROXY : describeFunction(value);
    case "object":
      if (value === null) return { type: "null", preview: "null" };
      return types.isProxy(value) ? PROXY : describeObject(value, depth);
  }
}

const PROXY: Description = { type: "Proxy", preview: "Proxy (not looked into)" };

function describeFunction(value: object): Description {
  const source = Function.prototype.toString.call(value);
  const head = source.slice(0, LONGEST).split("\n", 1)[0]!.trim();
  const preview = head.length < source.length ? `${head.replace(/\{\s*$/, "").trimEnd()} { … }` : head;
  return { type: /^class\b/.test(source) ? "class" : "function", preview };
}

function describeObject(value: object, depth: number): Description {
  if (Array.isArray(value)) return describeArray(value, depth);
  const type = className(value);
  if (ArrayBuffer.isView(value) && !types.isDataView(value)) {
    const length = Number(lengthOfTypedArray.call(value));
    const elements = value as unknown as ArrayLike<number | bigint>;
    const shown = Array.from({ length: Math.min(length, MOST_MEMBERS) }, (_, i) => String(elements[i]));
    return { type, size: `${length}`, preview: listed(shown, length) };
  }
  if (types.isAnyArrayBuffer(value)) return { type, size: `${value.byteLength} bytes`, preview: type };
  if (types.isMap(value)) {
    const size = Number(sizeOfMap.call(value));
    return { type, size: `${size}`, preview: braced(mapEntries(value, depth), size) };
  }
  if (types.isSet(value)) {
    const size = Number(sizeOfSet.call(value));
    return { type, size: `${size}`, preview: braced(setEntries(value, depth), size) };
  }
  if (types.isDate(value)) {
    const time = Date.prototype.getTime.call(value);
    return { type, preview: Number.isNaN(time) ? "Invalid Date" : new Date(time).toISOString() };
  }
  // Its own `source` could be anything; the built-in accessors of the prototype are not.
  if (types.isRegExp(value)) return { type, preview: `/${String(sourceOfRegExp.call(value))}/` };
  if (types.isNativeError(value)) {
    const message: unknown = member(value, "message");
    return { type, preview: typeof message === "string" ? `${type}: ${message}` : type };
  }
  if (types.isPromise(value)) return { type: "Promise", preview: "Promise" };
  return describeMembers(value, type, depth);
}

function describeArray(value: readonly unknown[], depth: number): Description {
  const { length } = value;
  const some = Array.from({ length: Math.min(length, MOST_MEMBERS) }, (_, i) =>
    Object.getOwnPropertyDescriptor(value, i),
  );
  const elements = some.map((descriptor) => described(descriptor, depth));
  const kinds = new Set(elements.map(({ type }) => type));
  const [kind] = kinds;
  const type = kinds.size === 1 && kind !== undefined && kind !== "…" ? `${kind}[]` : "Array";
  return {
    type,
    size: `${length}`,
    preview: listed(
      elements.map(({ preview }) => preview),
      length,
    ),
  };
}

function describeMembers(value: object, type: string, depth: number): Description {
  const keys = Object.keys(value);
  const size = shapeOf(value) ?? (type === "Object" ? `${keys.length}` : undefined);
  const members = keys.slice(0, MOST_MEMBERS).map((key) => {
    const name = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : JSON.stringify(key);
    return `${name}: ${described(Object.getOwnPropertyDescriptor(value, key), depth).preview}`;
  });
  const preview = keys.length > 0 || type === "Object" ? braced(members, keys.length) : type;
  return { type, ...(size !== undefined && { size }), preview };
}

/** Of tensors ("shape" or "dims") and pictures (width × height). */
function shapeOf(value: object): string | undefined {
  for (const key of ["shape", "dims"]) {
    const shape = member(value, key);
    if (Array.isArray(shape) && !types.isProxy(shape) && shape.length <= 16) {
      const sides = Array.from({ length: shape.length }, (_, i) => member(shape, `${i}`));
      if (sides.every((side) => typeof side === "number")) return sides.length ? sides.join(" × ") : "scalar";
    }
  }
  const [width, height] = [member(value, "width"), member(value, "height")];
  return typeof width === "number" && typeof height === "number" ? `${width} × ${height}` : undefined;
}

function described(descriptor: PropertyDescriptor | undefined, depth: number): Description {
  if (!descriptor) return { type: "…", preview: "empty" };
  if (!("value" in descriptor)) return { type: "…", preview: "(…)" };
  const value: unknown = descriptor.value;
  const deep = depth > 0 && typeof value === "object" && value !== null && !types.isProxy(value);
  if (!deep) return describe(value, depth + 1);
  const type = Array.isArray(value) ? "Array" : className(value);
  return { type, preview: type === "Object" ? "{…}" : type === "Array" ? "[…]" : type };
}

function mapEntries(value: object, depth: number): string[] {
  const entries = entriesOfMap.call(value);
  return first(entries).map(([key, entry]) => `${of(key, depth)} → ${of(entry, depth)}`);
}

function setEntries(value: object, depth: number): string[] {
  return first(valuesOfSet.call(value)).map((entry) => of(entry, depth));
}

const of = (value: unknown, depth: number): string => described({ value }, depth).preview;

function first<T>(iterator: Iterator<T>): T[] {
  const found: T[] = [];
  for (let next = iterator.next(); !next.done && found.length < MOST_MEMBERS; next = iterator.next())
    found.push(next.value);
  return found;
}

/** The name of the nearest class in the chain of prototypes, read by descriptors. */
function className(value: object): string {
  for (let prototype = prototypeOf(value); prototype; prototype = prototypeOf(prototype)) {
    const made = member(prototype, "constructor");
    if (typeof made !== "function" || types.isProxy(made)) continue;
    const name = member(made, "name");
    if (typeof name === "string" && name !== "") return name;
  }
  return "Object";
}

function prototypeOf(value: object): object | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  return typeof prototype === "object" && prototype !== null && !types.isProxy(prototype)
    ? prototype
    : undefined;
}

/** An own member that is no accessor. */
function member(value: object, key: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(value, key);
  return descriptor && "value" in descriptor ? (descriptor.value as unknown) : undefined;
}

const listed = (shown: readonly string[], all: number): string =>
  `[${shown.join(", ")}${all > shown.length ? ", …" : ""}]`;
const braced = (shown: readonly string[], all: number): string =>
  all === 0 ? "{}" : `{ ${shown.join(", ")}${all > shown.length ? ", …" : ""} }`;
const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

type Method<T> = (this: unknown) => T;

// Taken before a cell can replace them.
const accessor = (prototype: object, key: string): Method<unknown> =>
  (Object.getOwnPropertyDescriptor(prototype, key) as { readonly get: Method<unknown> }).get;
const method = <T>(prototype: object, key: string): Method<T> =>
  (Object.getOwnPropertyDescriptor(prototype, key) as { readonly value: Method<T> }).value;
const lengthOfTypedArray = accessor(Object.getPrototypeOf(Uint8Array.prototype) as object, "length");
const sizeOfMap = accessor(Map.prototype, "size");
const sizeOfSet = accessor(Set.prototype, "size");
const sourceOfRegExp = accessor(RegExp.prototype, "source");
const entriesOfMap = method<Iterator<[unknown, unknown]>>(Map.prototype, "entries");
const valuesOfSet = method<Iterator<unknown>>(Set.prototype, "values");
