import { tagsOf } from "../../document/cellLabels.js";
import type { Notebook } from "../../document/notebook.js";
import { UsageError } from "../command.js";

export interface Selection {
  /** Ids, numbers from 1 and ranges of either ("2..5", "k3f9a2.."); empty: all. */
  readonly cells: readonly string[];
  /** A cell needs one of these; empty: any will do. */
  readonly tags: readonly string[];
  /** And none of these. */
  readonly skipTags: readonly string[];
}

/** Not run headlessly, whatever else is asked for: nbclient's name for it. */
const SKIP = "skip-execution";

/** Ids of the code cells to run. Throws UsageError for a cell or tag that there is not: a typing error must not run nothing, successfully. */
export function selectCells({ cells }: Notebook, { cells: wanted, tags, skipTags }: Selection): Set<string> {
  const indexOf = (word: string): number => {
    const byId = cells.findIndex(({ id }) => id === word);
    if (byId >= 0) return byId;
    const number = /^\d+$/.test(word) ? Number(word) : 0;
    if (number >= 1 && number <= cells.length) return number - 1;
    throw new UsageError(`--cells: there is no cell "${word}"; the notebook has ${cells.length}`);
  };
  const chosen = new Set<number>();
  for (const word of wanted) {
    const [from, to] = word.split("..", 2);
    const first = from ? indexOf(from) : 0;
    const last = to === undefined ? first : to ? indexOf(to) : cells.length - 1;
    for (let index = first; index <= last; index++) chosen.add(index);
  }
  for (const tag of tags)
    if (!cells.some((cell) => tagsOf(cell).includes(tag)))
      throw new UsageError(`--tag: no cell has the tag "${tag}"`);
  const runs = cells.filter((cell, index) => {
    const own = tagsOf(cell);
    return (
      cell.kind === "code" &&
      (wanted.length === 0 || chosen.has(index)) &&
      (tags.length === 0 || tags.some((tag) => own.includes(tag))) &&
      ![SKIP, ...skipTags].some((tag) => own.includes(tag))
    );
  });
  return new Set(runs.map(({ id }) => id));
}
