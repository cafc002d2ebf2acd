import { unmangle } from "../compiler/mangle.js";
import type { WireError } from "../protocol.js";
import { inspectWithin } from "./inspectWithin.js";
import type { Place, StackTraces } from "./stackTraces.js";

const DEEPEST_CAUSE = 5;
/** Of the parts of an AggregateError. */
const MOST_ERRORS = 20;
/** Characters: what is longer helps nobody, and a message may hold a whole file. */
const LONGEST = { name: 200, message: 20_000, stack: 60_000 } as const;

/** Whatever was thrown, as a person reads it. Never throws itself, whatever it is given. */
export function describeError(thrown: unknown, traces: StackTraces, sequence?: number): WireError {
  try {
    if (!isErrorLike(thrown))
      return { name: "Uncaught", message: cut(`The cell threw ${briefly(thrown)}`, LONGEST.message) };
    const stack = [frames(thrown, traces), ...causes(thrown, traces, 0, new Set([thrown]))]
      .filter(Boolean)
      .join("\n");
    const place = placeIn(thrown, traces, sequence);
    const name = typeof thrown.name === "string" && thrown.name ? thrown.name : "Error";
    return {
      name: unmangle(cut(name, LONGEST.name)),
      message: unmangle(cut(String(thrown.message), LONGEST.message)),
      ...(stack && { stack: cut(stack, LONGEST.stack) }),
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

const frames = (error: ErrorLike, traces: StackTraces): string => {
  const { stack } = error;
  return typeof stack === "string" ? traces.framesIn(error, stack).join("\n") : "";
};

/** "Caused by" chains and the parts of an AggregateError; each error once, also where they lead back to one another. */
function causes(
  { cause, errors }: ErrorLike,
  traces: StackTraces,
  depth: number,
  told: Set<unknown>,
): string[] {
  if (depth >= DEEPEST_CAUSE) return [];
  const parts: [string, unknown][] = [];
  if (cause !== undefined) parts.push(["Caused by", cause]);
  const all: readonly unknown[] = Array.isArray(errors) ? errors : [];
  for (const [index, error] of all.slice(0, MOST_ERRORS).entries()) parts.push([`Error ${index + 1}`, error]);
  const lines = parts.flatMap(([title, part]) => {
    if (!isErrorLike(part)) return [`${title}: ${briefly(part)}`];
    const head = cut(
      `${title}: ${unmangle(`${String(part.name)}: ${String(part.message)}`)}`,
      LONGEST.name * 5,
    );
    if (told.has(part)) return [`${head} (as above)`];
    told.add(part);
    return [head, frames(part, traces), ...causes(part, traces, depth + 1, told)].filter(Boolean);
  });
  return all.length > MOST_ERRORS ? [...lines, `… ${all.length - MOST_ERRORS} more errors`] : lines;
}

const briefly = (value: unknown): string => inspectWithin(value, { depth: 1, parts: 1000 });

const cut = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters)` : text;

/** The innermost frame in the cell that runs, else the innermost in any cell. */
function placeIn(error: object, traces: StackTraces, sequence: number | undefined): Place | undefined {
  const places = traces.placesOf(error);
  const own = places.find((place) => place.sequence === sequence);
  return own && { line: own.line, column: own.column };
}
