import type { Cell, Notebook } from "../notebook.js";
import { mergeValues, sameJson } from "./mergeValues.js";
import { WHOLE } from "./mergeNotebooks.js";

/** A notebook and what running some of its cells made of it. */
export interface NotebookRun {
  readonly before: Notebook;
  /** The same cells, with other outputs and `meta`. */
  readonly after: Notebook;
  /** Ids of the cells whose outputs are the run's. */
  readonly selected: ReadonlySet<string>;
}

/**
 * What came of a run, in a version of the notebook that was edited meanwhile: cells, order and text are the edited ones, outputs are the run's
 * where a cell is still what ran. `unplaced`: ids of the edited cells for which the run has outputs that go nowhere.
 */
export function mergeRun({ before, after, selected }: NotebookRun, edited: Notebook) {
  const ran = new Map(after.cells.filter(({ id }) => selected.has(id)).map((cell) => [cell.id, cell]));
  const unplaced: string[] = [];
  const cells = edited.cells.map((cell): Cell => {
    const result = ran.get(cell.id);
    if (!result) return cell;
    if (result.kind === cell.kind && sameJson(result.source, cell.source))
      return { ...cell, outputs: result.outputs };
    if (result.outputs.length) unplaced.push(cell.id);
    return cell;
  });
  const meta = mergeValues(before.meta, edited.meta, after.meta, () => undefined, WHOLE);
  return { notebook: { ...edited, meta, cells }, unplaced };
}
