import { fromBase64, toBase64 } from "../document/base64.js";
import type { Output, OutputItem } from "../document/notebook.js";
import { ERROR, STREAM, textItem } from "../document/outputs.js";
import { readJson } from "../document/readJson.js";
import { withoutOverwritten } from "../document/terminalText.js";
import { KnownJson } from "./knownJson.js";
import { unlinkFrames } from "./stackLinks.js";

/** An output as VS Code holds it: bytes per MIME type, and metadata that it keeps for us. */
export interface PlainOutput {
  readonly items: readonly PlainItem[];
  readonly metadata: PlainOutputMetadata;
}

export interface PlainItem {
  readonly mime: string;
  readonly data: Uint8Array;
}

/** What bytes cannot say. All of it is absent when the MIME type alone gives the right answer. */
export interface PlainOutputMetadata {
  readonly [key: string]: unknown;
  /** How the file stores an item, by MIME type. */
  readonly forms?: Readonly<Record<string, Form>>;
  /** Unknown keys of the output as JSON text: VS Code copies metadata around, and a text survives that with its `__proto__` and order. */
  readonly extra?: string;
  /** The same for items, by MIME type. */
  readonly itemExtras?: Readonly<Record<string, string>>;
  /** The kernel's handle, by which it brings the output up to date. Of this window only, never saved. */
  readonly display?: string;
}

/** `lines` is text stored as an array of lines. */
type Form = "text" | "lines" | "json" | "base64";

const RETURN = 0x0d;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const known = new KnownJson();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** VS Code keeps one item per MIME type; what repeats one goes to an output of its own instead of being lost. */
export function toPlainOutputs(output: Output): PlainOutput[] {
  const repeats = (item: OutputItem, index: number) =>
    output.items.findIndex(({ mime }) => mime === item.mime) < index;
  const first = output.items.filter((item, index) => !repeats(item, index));
  const rest = output.items.filter(repeats);
  const plain = toPlainOutput({ items: first, extra: output.extra });
  return rest.length ? [plain, ...toPlainOutputs({ items: rest, extra: {} })] : [plain];
}

export function toPlainOutput(output: Output, display?: string): PlainOutput {
  const forms: [string, Form][] = [];
  const extras: [string, string][] = [];
  const items = output.items.map((item) => {
    const plain = { mime: item.mime, data: bytesOf(item) };
    const form = formOf(item);
    if (usualForm(item, plain) !== form) forms.push([item.mime, form]);
    if (Object.keys(item.extra).length) extras.push([item.mime, JSON.stringify(item.extra)]);
    return plain;
  });
  return {
    items,
    metadata: {
      ...(forms.length ? { forms: Object.fromEntries(forms) } : {}),
      ...(Object.keys(output.extra).length ? { extra: JSON.stringify(output.extra) } : {}),
      ...(extras.length ? { itemExtras: Object.fromEntries(extras) } : {}),
      ...(display === undefined ? {} : { display }),
    },
  };
}

export function fromPlainOutput({ items, metadata }: PlainOutput): Output {
  return {
    items: mergeStreams(items).map((item) => ({
      ...toItem(item, lookUp(metadata.forms, item.mime)),
      extra: parseExtra(lookUp(metadata.itemExtras, item.mime)),
    })),
    extra: parseExtra(metadata.extra),
  };
}

/** Unknown keys that travelled as text; damage there (another extension's doing) must not prevent a save. */
export function parseExtra(text: unknown): Readonly<Record<string, unknown>> {
  if (typeof text !== "string") return {};
  try {
    const value = readJson(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function formOf(item: OutputItem): Form {
  if ("json" in item) return "json";
  if ("base64" in item) return "base64";
  return typeof item.text === "string" ? "text" : "lines";
}

/** In which form the bytes would be stored if nothing but the MIME type were known. Nearly all items tell without being parsed again. */
function usualForm(item: OutputItem, plain: PlainItem): Form {
  const form = formFor(item.mime);
  if (form === "base64") return "base64";
  if (form === "json" && "json" in item) return "json";
  if (form === "any text" && "text" in item) {
    const { text } = item;
    return text.includes("\n") || (typeof text !== "string" && text.length > 1) ? "lines" : "text";
  }
  return formOf(toItem(plain, undefined));
}

function bytesOf(item: OutputItem): Uint8Array {
  if ("json" in item) {
    const bytes = encoder.encode(JSON.stringify(item.json) ?? "null");
    known.remember(bytes, item.json);
    return bytes;
  }
  if ("base64" in item) return fromBase64(item.base64);
  return encoder.encode(typeof item.text === "string" ? item.text : item.text.join("\n"));
}

/** In the wanted form if the bytes allow it, else in the one that suits the MIME type, at last as base64, which everything fits. */
function toItem({ mime, data }: PlainItem, wanted: unknown): OutputItem {
  const form = wanted === undefined ? formFor(mime) : wanted;
  const base64 = (): OutputItem => ({ mime, base64: toBase64(data), extra: {} });
  if (form === "base64") return base64();
  if (form === "json" && mime !== ERROR) {
    const json = known.find(data);
    if (json !== undefined) return { mime, json, extra: {} };
  }
  const text = decode(data);
  if (text === undefined) return base64();
  if (form === "json") {
    try {
      const json = readJson(text);
      known.remember(data, json);
      return { mime, json: mime === ERROR ? withoutLinks(json) : json, extra: {} };
    } catch {
      return textItem(mime, text);
    }
  }
  if (form === "text") return { mime, text, extra: {} };
  return form === "lines" ? { mime, text: text.split("\n"), extra: {} } : textItem(mime, text);
}

/** Links lead into this window; what is saved is the text. */
function withoutLinks(error: unknown): unknown {
  if (!isObject(error) || typeof error["stack"] !== "string") return error;
  return { ...error, stack: unlinkFrames(error["stack"]) };
}

function formFor(mime: string): "json" | "any text" | "base64" {
  if (mime === ERROR || mime === "application/json" || mime.endsWith("+json") || mime === "text/x-json") {
    return "json";
  }
  const textual = mime.startsWith("text/") || mime.endsWith("+xml") || isStream(mime);
  return textual ? "any text" : "base64";
}

function isStream(mime: string): boolean {
  return mime === STREAM.stdout || mime === STREAM.stderr;
}

/** How often a stream was flushed is chance; the file holds what was printed, as far as it can be seen in the end. */
function mergeStreams(items: readonly PlainItem[]): PlainItem[] {
  const merged: PlainItem[] = [];
  for (const item of items) {
    const last = merged.at(-1);
    if (last && last.mime === item.mime && isStream(item.mime)) {
      merged[merged.length - 1] = { mime: item.mime, data: joined(last.data, item.data) };
    } else merged.push(item);
  }
  return merged.map((item) => (isStream(item.mime) && item.data.includes(RETURN) ? seen(item) : item));
}

function seen(item: PlainItem): PlainItem {
  const text = decode(item.data);
  return text === undefined ? item : { mime: item.mime, data: encoder.encode(withoutOverwritten(text)) };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Undefined for bytes that are no UTF-8. Decoding strictly takes several times as long; a bad byte shows as U+FFFD. */
function decode(data: Uint8Array): string | undefined {
  const text = decoder.decode(data);
  if (!text.includes("\uFFFD")) return text;
  try {
    return strict.decode(data);
  } catch {
    return undefined;
  }
}

function lookUp(map: unknown, key: string): unknown {
  return isObject(map) && Object.hasOwn(map, key) ? map[key] : undefined;
}
