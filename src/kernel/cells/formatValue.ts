import { MIME, type WireItem } from "../protocol.js";
import { inspectWithin } from "./inspectWithin.js";
import { isJson } from "./isJson.js";

/** Characters of a value's text: twice of what a notebook saves of it. */
const LONGEST = 200_000;

/** A value that knows how it is shown. */
export type Formatter = (value: unknown) => readonly WireItem[] | undefined;

/** The items of one output, best first for those who can draw it, `text/plain` always among them. */
export function formatValue(value: unknown, formatters: readonly Formatter[] = []): readonly WireItem[] {
  for (const format of formatters) {
    const items = attempt(format, value);
    if (items) return items;
  }
  const plain = { mime: MIME.plain, text: describe(value) };
  return typeof value === "object" && value !== null && isJson(value)
    ? [{ mime: MIME.json, json: value }, plain]
    : [plain];
}

/** A formatter looks into the value, where a proxy or a getter may throw; the text says what can be said. */
function attempt(format: Formatter, value: unknown): readonly WireItem[] | undefined {
  try {
    return format(value);
  } catch {
    return undefined;
  }
}

/** As Node's REPL prints it; never throws, whatever getters and proxies do. */
export function describe(value: unknown): string {
  try {
    return cut(withoutHooks(inspectWithin(value, { depth: 4, parts: 20_000 })));
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown";
    return `[${typeof value} that cannot be shown: ${reason}]`;
  }
}

const cut = (text: string): string =>
  text.length > LONGEST ? `${text.slice(0, LONGEST)}\n… ${text.length - LONGEST} more characters` : text;

/** Node marks the promises made while executions are told apart; that is no part of the value. */
const withoutHooks = (text: string): string =>
  text.includes("[Symbol(async_id_symbol)]")
    ? text
        .replace(
          /,\s*\[Symbol\((?:async_id_symbol|trigger_async_id_symbol|kResourceStore)\)\]: (?:\d+|CellExecution|undefined)/g,
          "",
        )
        .replace(/Promise \{\s+([^\n]*)\s+\}/g, "Promise { $1 }")
    : text;
