/** The `.dnb` document, major version 1. Keys that this version does not know are kept in `extra` and written back. */
export interface Notebook {
  readonly dnb: 1;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly cells: readonly Cell[];
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface Cell {
  /** 6 to 8 characters of lower-case base32; made once, kept for ever. */
  readonly id: string;
  /** A code cell is TypeScript. */
  readonly kind: "code" | "markdown";
  /** Lines without their line feeds. */
  readonly source: readonly string[];
  readonly outputs: readonly Output[];
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface Output {
  readonly items: readonly OutputItem[];
  readonly extra: Readonly<Record<string, unknown>>;
}

/** One representation of an output; exactly one of `text`, `json`, `base64` is its content, and which of them is kept on a round trip. */
export type OutputItem = { readonly mime: string; readonly extra: Readonly<Record<string, unknown>> } & (
  { readonly text: string | readonly string[] } | { readonly json: unknown } | { readonly base64: string }
);
