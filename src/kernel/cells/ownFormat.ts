import { MIME, type WireItem } from "../protocol.js";
import { describe } from "./formatValue.js";

/** Bytes or characters of one item. */
const LARGEST = 50_000_000;

/** A value's own idea of how it is shown: a method that gives text, bytes or JSON by MIME type, the richest first. */
export const DISPLAY = Symbol.for("dnb.display");

export function formatOwn(value: unknown): readonly WireItem[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const method: unknown = Reflect.get(value, DISPLAY);
  if (typeof method !== "function") return undefined;
  const shown: unknown = method.call(value);
  if (typeof shown !== "object" || shown === null)
    return complaint(`${describe(shown)}, not an object by MIME type`);
  const items: WireItem[] = [];
  for (const [mime, content] of Object.entries(shown)) {
    const item = itemOf(mime, content);
    if (typeof item === "string") return complaint(`${mime} ${item}`);
    items.push(item);
  }
  const hasText = items.some(({ mime }) => mime === MIME.plain);
  return hasText ? items : [...items, { mime: MIME.plain, text: describe(value) }];
}

/** Shown in the value's place: its author is the one who can mend it. */
const complaint = (what: string): readonly WireItem[] => [
  { mime: MIME.plain, text: `[Symbol.for("dnb.display")] gave ${what}` },
];

/** A sentence's end where it cannot be sent. */
function itemOf(mime: string, content: unknown): WireItem | string {
  if (!/^[^\s/]+\/[^\s/]+$/.test(mime)) return "as a MIME type, which is two words with a slash between them";
  if (typeof content === "string")
    return content.length > LARGEST ? tooLarge(content.length) : { mime, text: content };
  if (ArrayBuffer.isView(content)) {
    const { buffer, byteOffset, byteLength } = content;
    if (byteLength > LARGEST) return tooLarge(byteLength);
    return { mime, base64: Buffer.from(buffer, byteOffset, byteLength).toString("base64") };
  }
  try {
    const text = JSON.stringify(content ?? null) ?? "null";
    return text.length > LARGEST ? tooLarge(text.length) : { mime, json: JSON.parse(text) as unknown };
  } catch (error) {
    return `that is no JSON: ${error instanceof Error ? error.message.split("\n", 1)[0] : String(error)}`;
  }
}

const tooLarge = (size: number): string =>
  `of ${Math.ceil(size / 1e6)} MB, and one output may have ${LARGEST / 1e6}`;
