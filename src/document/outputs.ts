import type { Output, OutputItem } from "./notebook.js";

/** MIME types that VS Code gives to streams and errors; files use the same, so that a headless run and the editor write the same bytes. */
export const STREAM = {
  stdout: "application/vnd.code.notebook.stdout",
  stderr: "application/vnd.code.notebook.stderr",
} as const;
/** The output of a search. */
export const SEARCH = "application/vnd.dnb.search+json";
export const ERROR = "application/vnd.code.notebook.error";

export interface CellError {
  readonly name: string;
  readonly message: string;
  /** Frames, one a line; a first line that repeats name and message may precede them. */
  readonly stack?: string;
}

/** Text of several lines is stored line by line, so that diffs are too. */
export function textItem(mime: string, text: string): OutputItem {
  return { mime, text: text.includes("\n") ? text.split("\n") : text, extra: {} };
}

/** What a kernel shows, as it is stored. */
export type Shown = { readonly mime: string } & (
  { readonly text: string } | { readonly json: unknown } | { readonly base64: string }
);

export function displayOutput(items: readonly Shown[]): Output {
  return {
    items: items.map((item) => ("text" in item ? textItem(item.mime, item.text) : { ...item, extra: {} })),
    extra: {},
  };
}

export function streamOutput(name: keyof typeof STREAM, text: string): Output {
  return { items: [textItem(STREAM[name], text)], extra: {} };
}

export function errorOutput(error: CellError): Output {
  return { items: [{ mime: ERROR, json: shownError(error), extra: {} }], extra: {} };
}

/** VS Code shows `stack` instead of name and message when there is one, so the stack begins with them. */
export function shownError({ name, message, stack }: CellError): CellError {
  const head = `${name}: ${message}`;
  if (!stack) return { name, message };
  return { name, message, stack: stack.startsWith(head) ? stack : `${head}\n${stack}` };
}

/** The text of an item that has one, whichever way it is stored. */
export function textOf(item: OutputItem): string | undefined {
  if (!("text" in item)) return undefined;
  return typeof item.text === "string" ? item.text : item.text.join("\n");
}
