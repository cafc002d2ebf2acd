import type { Conflict } from "../cellLabels.js";
import { isCellId } from "../cellId.js";
import type { Cell, Notebook } from "../notebook.js";
import { formatPath } from "../notebookFormatError.js";
import { mergeCell } from "./mergeCell.js";
import { mergeOrder } from "./mergeOrder.js";
import { mergeValues, sameJson, type Undecided } from "./mergeValues.js";

export interface MergedNotebook {
  /** Valid whatever the conflicts: both versions of an undecided cell stand in it, each with a `conflict`. */
  readonly notebook: Notebook;
  /** What a person has to decide, a sentence each. */
  readonly conflicts: readonly string[];
}

/** Of `meta`: half of one machine and half of another is none that anybody had. */
export const WHOLE = new Set(["environment"]);

/** Brings two descendants of a notebook together, cell by cell (by id) and inside a cell line by line. */
export function mergeNotebooks(base: Notebook, ours: Notebook, theirs: Notebook): MergedNotebook {
  const conflicts: string[] = [];
  const undecided =
    (cell: string, ...where: string[]): Undecided =>
    (path, isGone) => {
      const what = isGone
        ? "taken away on one side and changed on the other; it is still there"
        : "both sides changed it; ours stands";
      conflicts.push(`${cell}${formatPath([...where, ...path])}: ${what}`);
    };
  const sides = [base, ours, theirs].map(({ cells }) => new Map(cells.map((cell) => [cell.id, cell])));
  const [inBase = new Map<string, Cell>(), inOurs = inBase, inTheirs = inBase] = sides;
  const taken = new Set(sides.flatMap((side) => [...side.keys()]));
  const merged = new Map<string, readonly Cell[]>();
  for (const id of taken) {
    const [before, mine, yours] = [inBase.get(id), inOurs.get(id), inTheirs.get(id)];
    if (mine && yours) {
      const result = mergeCell(before, mine, yours, undecided(`cell ${id}, `));
      if ("merged" in result) merged.set(id, [result.merged]);
      else {
        conflicts.push(`cell ${id}: both sides changed the same lines; both versions are in the notebook`);
        const other = secondId(id, taken);
        const theirVersion = { ...result.theirs, id: other };
        merged.set(id, [
          marked(result.ours, { of: id, side: "ours" }),
          marked(theirVersion, { of: id, side: "theirs" }),
        ]);
      }
    } else if (mine ?? yours) {
      const cell = (mine ?? yours) as Cell;
      const side = mine ? "ours" : "theirs";
      if (!before) merged.set(id, [cell]);
      else if (!isUnchanged(before, cell)) {
        conflicts.push(`cell ${id}: deleted on one side and changed on the other; it is still there`);
        merged.set(id, [marked(cell, { of: id, side, deleted: true })]);
      }
    }
  }
  const ids = ({ cells }: Notebook): string[] => cells.map(({ id }) => id);
  const order = mergeOrder(ids(base), ids(ours), ids(theirs), new Set(merged.keys()));
  const notebook: Notebook = {
    dnb: 1,
    meta: mergeValues(base.meta, ours.meta, theirs.meta, undecided("", "meta"), WHOLE),
    cells: order.flatMap((id) => merged.get(id) ?? []),
    extra: mergeValues(base.extra, ours.extra, theirs.extra, undecided("")),
  };
  return { notebook, conflicts };
}

/** Running a cell again is no reason to keep it from being deleted. */
const isUnchanged = (before: Cell, after: Cell): boolean =>
  before.kind === after.kind && sameJson(before.source, after.source) && sameJson(before.extra, after.extra);

function marked(cell: Cell, conflict: Omit<Conflict, "deleted"> & { readonly deleted?: true }): Cell {
  const { conflict: _, ...extra } = cell.extra;
  return { ...cell, extra: { ...extra, conflict } };
}

/** For the second version: the same on every machine, so that two people who merge the same get the same. */
function secondId(id: string, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const candidate = `${id.slice(0, 50)}-theirs${number > 1 ? number : ""}`;
    if (taken.has(candidate) || !isCellId(candidate)) continue;
    taken.add(candidate);
    return candidate;
  }
}
