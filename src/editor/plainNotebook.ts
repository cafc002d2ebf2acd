import { repairCellIds } from "../document/cellId.js";
import type { Cell, Notebook } from "../document/notebook.js";
import { fromPlainOutput, isObject, parseExtra, toPlainOutputs } from "./plainOutput.js";
import type { PlainOutput } from "./plainOutput.js";

/** A notebook as VS Code holds it, without VS Code's classes. */
export interface PlainNotebook {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly cells: readonly PlainCell[];
}

export interface PlainCell {
  readonly kind: Cell["kind"];
  readonly value: string;
  /** `id`, and `extra`: unknown keys as JSON text. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly outputs: readonly PlainOutput[];
}

export function toPlainNotebook(notebook: Notebook): PlainNotebook {
  return {
    metadata: { meta: notebook.meta, ...packed(notebook.extra) },
    cells: notebook.cells.map((cell) => ({
      kind: cell.kind,
      value: cell.source.join("\n"),
      metadata: { id: cell.id, ...packed(cell.extra) },
      outputs: cell.outputs.flatMap(toPlainOutputs),
    })),
  };
}

/** Ids that are missing or repeated are repaired here as the last resort, so that whatever is saved can be opened again. */
export function fromPlainNotebook({ metadata, cells }: PlainNotebook, random: () => number): Notebook {
  const ids = repairCellIds(
    cells.map((cell) => cell.metadata["id"]),
    random,
  );
  return {
    dnb: 1,
    meta: isObject(metadata["meta"]) ? metadata["meta"] : {},
    cells: cells.map((cell, index) => ({
      id: ids[index] ?? "",
      kind: cell.kind,
      source: cell.value === "" ? [] : cell.value.split(/\r\n|\r|\n/),
      outputs: cell.outputs.map(fromPlainOutput),
      extra: parseExtra(cell.metadata["extra"]),
    })),
    extra: parseExtra(metadata["extra"]),
  };
}

function packed(extra: Readonly<Record<string, unknown>>): { readonly extra?: string } {
  return Object.keys(extra).length ? { extra: JSON.stringify(extra) } : {};
}
