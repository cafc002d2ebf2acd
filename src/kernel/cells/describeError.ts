import { inspect } from "node:util";
import { unmangle } from "../compiler/mangle.js";
import type { WireError } from "../protocol.js";
import type { Place, StackTraces } from "./stackTraces.js";

const DEEPEST_CAUSE = 5;

/** Whatever was thrown, as a person reads it. Never throws itself, whatever it is given. */
export function describeError(thrown: unknown, traces: StackTraces, sequence?: number): WireError {
  try {
    if (!isErrorLike(thrown))
      return { name: "Uncaught", message: `The cell threw ${inspect(thrown, { depth: 1 })}` };
    const stack = [frames(thrown), ...causes(thrown, 0)].filter(Boolean).join("\n");
    const place = placeIn(thrown, traces, sequence);
    return {
      name: unmangle(typeof thrown.name === "string" && thrown.name ? thrown.name : "Error"),
      message: unmangle(String(thrown.message)),
      ...(stack && { stack }),
      ...place,
    };
  } catch {
    return { name: "Uncaught", message: "The cell threw a value that cannot be looked at." };
  }
}

interface ErrorLike {
  readonly name: unknown;
  readonly message: unknown;
  readonly stack?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

const isErrorLike = (value: unknown): value is ErrorLike =>
  typeof value === "object" &&
  value !== null &&
  (value instanceof Error || ("message" in value && "stack" in value));

const frames = ({ stack }: ErrorLike): string =>
  typeof stack === "string"
    ? stack
        .split("\n")
        .filter((line) => line.startsWith("    at "))
        .join("\n")
    : "";

/** "Caused by" chains and the parts of an AggregateError. */
function causes({ cause, errors }: ErrorLike, depth: number): string[] {
  if (depth >= DEEPEST_CAUSE) return [];
  const parts: [string, unknown][] = [];
  if (cause !== undefined) parts.push(["Caused by", cause]);
  if (Array.isArray(errors)) errors.forEach((error, index) => parts.push([`Error ${index + 1}`, error]));
  return parts.flatMap(([title, part]) => {
    if (!isErrorLike(part)) return [`${title}: ${inspect(part, { depth: 1 })}`];
    const head = `${title}: ${unmangle(`${String(part.name)}: ${String(part.message)}`)}`;
    return [head, frames(part), ...causes(part, depth + 1)].filter(Boolean);
  });
}

/** The innermost frame in the cell that runs, else the innermost in any cell. */
function placeIn(error: object, traces: StackTraces, sequence: number | undefined): Place | undefined {
  const places = traces.placesOf(error);
  const own = places.find((place) => place.sequence === sequence);
  return own && { line: own.line, column: own.column };
}
