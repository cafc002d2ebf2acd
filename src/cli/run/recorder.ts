import { displayOutput, errorOutput, streamOutput } from "../../document/outputs.js";
import { foldedReturns, withoutOverwritten } from "../../document/terminalText.js";
import type { CellError } from "../../document/outputs.js";
import type { Output } from "../../document/notebook.js";
import type { WireItem } from "../../kernel/protocol.js";

type Entry =
  | { readonly type: "stream"; readonly name: "stdout" | "stderr"; text: string }
  | { readonly type: "display"; readonly display: string; items: readonly WireItem[] }
  | { readonly type: "error"; readonly error: CellError };

/** Collects the outputs of the cells of a run: text that follows text becomes one output, an update replaces what it updates in every cell. */
export class Recorder {
  readonly #cells = new Map<string, Entry[]>();
  readonly #displays = new Map<string, Extract<Entry, { type: "display" }>[]>();

  /** `key` is the execution's id. */
  stream(key: string, name: "stdout" | "stderr", text: string): void {
    const entries = this.#entries(key);
    const last = entries.at(-1);
    if (last?.type !== "stream" || last.name !== name)
      return void entries.push({ type: "stream", name, text: foldedReturns(text) });
    const start = last.text.lastIndexOf("\n") + 1;
    const line = last.text.slice(start) + text;
    last.text = line.includes("\r") ? last.text.slice(0, start) + foldedReturns(line) : last.text + text;
  }

  display(key: string, display: string, items: readonly WireItem[]): void {
    const entry = { type: "display" as const, display, items };
    this.#entries(key).push(entry);
    this.#displays.set(display, [...(this.#displays.get(display) ?? []), entry]);
  }

  update(display: string, items: readonly WireItem[]): void {
    for (const entry of this.#displays.get(display) ?? []) entry.items = items;
  }

  error(key: string, error: CellError): void {
    this.#entries(key).push({ type: "error", error });
  }

  itemsOf(display: string): readonly WireItem[] {
    return this.#displays.get(display)?.at(-1)?.items ?? [];
  }

  outputs(key: string): readonly Output[] {
    return this.#entries(key).map((entry) => {
      switch (entry.type) {
        case "stream":
          return streamOutput(entry.name, withoutOverwritten(entry.text));
        case "display":
          return displayOutput(entry.items);
        case "error":
          return errorOutput(entry.error);
      }
    });
  }

  #entries(key: string): Entry[] {
    const known = this.#cells.get(key) ?? [];
    this.#cells.set(key, known);
    return known;
  }
}
