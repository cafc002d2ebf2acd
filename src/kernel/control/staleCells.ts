import type { StaleCell } from "../protocol.js";

/** What a cell's run took and gave. */
export interface CellRun {
  readonly cell: string;
  /** As shown to the reader when it ran. */
  readonly number: number;
  readonly defines: readonly string[];
  /** Names that it takes from outside of itself. */
  readonly uses: readonly string[];
  /** Files of the workspace that it imported, and what they imported, with their stamps when they were read. */
  readonly files: readonly FileUse[];
}

export interface FileUse {
  readonly path: string;
  readonly stamp: string;
}

interface Definition {
  readonly cell: string;
  readonly number: number;
  /** Counts the runs of the notebook. */
  readonly order: number;
}

interface Known {
  readonly number: number;
  readonly order: number;
  /** Which run gave each of the names that it used. */
  readonly taken: ReadonlyMap<string, Definition>;
  readonly files: readonly FileUse[];
}

/** Which cells would see other things if they ran again, because what they used was made anew since: a name by another run, or a file. */
export class StaleCells {
  readonly #cells = new Map<string, Known>();
  readonly #definitions = new Map<string, Definition>();
  #order = 0;

  ran({ cell, number, defines, uses, files }: CellRun): void {
    const order = ++this.#order;
    const taken = new Map<string, Definition>();
    for (const name of uses) {
      const definition = this.#definitions.get(name);
      if (definition && definition.cell !== cell) taken.set(name, definition);
    }
    this.#cells.set(cell, { number, order, taken, files });
    for (const name of defines) this.#definitions.set(name, { cell, number, order });
  }

  /** `stampOf`: of a file as it is now. */
  stale(stampOf: (path: string) => string): readonly StaleCell[] {
    const causes = new Map<string, Cause | undefined>();
    const causeOf = (cell: string): Cause | undefined => {
      if (causes.has(cell)) return causes.get(cell);
      // Cells that use each other's names: the other one's own cause decides.
      causes.set(cell, undefined);
      const known = this.#cells.get(cell);
      const cause = known && this.#cause(cell, known, stampOf, causeOf);
      causes.set(cell, cause);
      return cause;
    };
    return [...this.#cells.keys()].flatMap((cell) => {
      const cause = causeOf(cell);
      return cause ? [{ cell, reason: cause.reason }] : [];
    });
  }

  #cause(
    cell: string,
    { taken, files }: Known,
    stampOf: (path: string) => string,
    causeOf: (cell: string) => Cause | undefined,
  ): Cause | undefined {
    const changed = files.find(({ path, stamp }) => stampOf(path) !== stamp);
    if (changed) return { root: changed.path, reason: `${changed.path} has changed since this cell ran.` };
    for (const [name, definition] of taken) {
      const now = this.#definitions.get(name);
      if (now && now.order !== definition.order && now.cell !== cell)
        return {
          root: now.cell,
          reason: `Cell ${now.number} has defined ${name} again since this cell ran.`,
        };
    }
    for (const [name, { cell: other, number, order }] of taken) {
      const cause = this.#cells.get(other)?.order === order ? causeOf(other) : undefined;
      if (cause && cause.root !== cell)
        return { root: cause.root, reason: `Cell ${number}, which defines ${name}, is stale itself.` };
    }
    return undefined;
  }
}

interface Cause {
  /** The cell or file that was made anew. */
  readonly root: string;
  readonly reason: string;
}
