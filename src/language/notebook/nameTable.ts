import { TYPE, VALUE, type CellDeclarations, type Declaration } from "./cellDeclarations.js";

/** Where a cell finds a name that another cell declares: the index of that cell, for what runs and for what types see. */
export interface Owner {
  readonly value?: number;
  readonly type?: number;
}

/**
 * Which cell means what: a name is the one of the nearest earlier cell that declares it, else of the nearest later one, unless Node itself
 * has something of that name, which is what an earlier cell then means.
 */
export class NameTable {
  /** Cells that declare a name, in the notebook's order. */
  readonly #cells = new Map<string, number[]>();

  constructor(
    private readonly declarations: readonly CellDeclarations[],
    private readonly globals: ReadonlySet<string>,
  ) {
    for (const [index, { names }] of declarations.entries())
      for (const name of names.keys()) {
        const cells = this.#cells.get(name);
        if (cells) cells.push(index);
        else this.#cells.set(name, [index]);
      }
  }

  names(): Iterable<string> {
    return this.#cells.keys();
  }

  declaration(cell: number, name: string): Declaration | undefined {
    return this.declarations[cell]?.names.get(name);
  }

  /** Nothing for a name that the cell has itself, or that no cell declares. */
  owner(cell: number, name: string): Owner | undefined {
    const own = this.declaration(cell, name)?.spaces ?? 0;
    const value = own & VALUE ? undefined : this.#nearest(cell, name, VALUE);
    const type = own & TYPE ? undefined : this.#nearest(cell, name, TYPE);
    if (value === undefined && type === undefined) return undefined;
    const spacesAt = (index: number | undefined) =>
      index === undefined ? 0 : (this.declaration(index, name)?.spaces ?? 0);
    // A class hides both meanings of an earlier name; an interface and a constant of one name stand beside each other.
    if (own) {
      const other = value ?? type;
      return spacesAt(other) === (own ^ (VALUE | TYPE)) ? owner(value, type) : undefined;
    }
    if (value === undefined || type === undefined || value === type) return owner(value, type);
    const [near, far] = nearer(cell, value, type) ? [value, type] : [type, value];
    if (spacesAt(near) + spacesAt(far) === VALUE + TYPE) return owner(value, type);
    return near === value
      ? owner(value, spacesAt(value) & TYPE ? value : undefined)
      : owner(spacesAt(type) & VALUE ? type : undefined, type);
  }

  #nearest(cell: number, name: string, space: number): number | undefined {
    let before: number | undefined;
    for (const index of this.#cells.get(name) ?? []) {
      if (index === cell || !((this.declaration(index, name)?.spaces ?? 0) & space)) continue;
      if (index < cell) before = index;
      else return before ?? (this.globals.has(name) ? undefined : index);
    }
    return before;
  }
}

const owner = (value: number | undefined, type: number | undefined): Owner => ({
  ...(value !== undefined && { value }),
  ...(type !== undefined && { type }),
});

/** Is `a` what `cell` sees before `b`? */
function nearer(cell: number, a: number, b: number): boolean {
  if (a < cell !== b < cell) return a < cell;
  return a < cell ? a > b : a < b;
}
