import { inspect } from "node:util";
import { MIME, type WireItem } from "../protocol.js";
import { isJson } from "./isJson.js";

/** A value that knows how it is shown. */
export type Formatter = (value: unknown) => readonly WireItem[] | undefined;

/** The items of one output, best first for those who can draw it, `text/plain` always among them. */
export function formatValue(value: unknown, formatters: readonly Formatter[] = []): readonly WireItem[] {
  for (const format of formatters) {
    const items = format(value);
    if (items) return items;
  }
  const plain = { mime: MIME.plain, text: describe(value) };
  return typeof value === "object" && value !== null && isJson(value)
    ? [{ mime: MIME.json, json: value }, plain]
    : [plain];
}

/** As Node's REPL prints it; never throws, whatever getters and proxies do. */
export function describe(value: unknown): string {
  try {
    return inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 20_000, breakLength: 100 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown";
    return `[${typeof value} that cannot be shown: ${reason}]`;
  }
}
