import { inspect } from "node:util";
import { MIME, type WireItem } from "../protocol.js";

/** A value's own idea of how it is shown: a method that gives text, bytes or JSON by MIME type, the richest first. */
export const DISPLAY = Symbol.for("dnb.display");

export function formatOwn(value: unknown): readonly WireItem[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const method: unknown = Reflect.get(value, DISPLAY);
  if (typeof method !== "function") return undefined;
  const shown: unknown = method.call(value);
  if (typeof shown !== "object" || shown === null)
    return [
      {
        mime: MIME.plain,
        text: `[Symbol.for("dnb.display")] gave ${inspect(shown)}, not an object by MIME type`,
      },
    ];
  const items = Object.entries(shown).map(([mime, content]) => itemOf(mime, content));
  const hasText = items.some(({ mime }) => mime === MIME.plain);
  return hasText
    ? items
    : [...items, { mime: MIME.plain, text: inspect(value, { depth: 1, customInspect: true }) }];
}

function itemOf(mime: string, content: unknown): WireItem {
  if (typeof content === "string") return { mime, text: content };
  if (ArrayBuffer.isView(content)) {
    const { buffer, byteOffset, byteLength } = content;
    return { mime, base64: Buffer.from(buffer, byteOffset, byteLength).toString("base64") };
  }
  return { mime, json: content ?? null };
}
