/**
 * Names of searches: the hash of what was asked, with "-2" and so on where another place in the notebook asked the same. A cell that runs again
 * gives its searches the names that they had, so that the saved notebook stays the same.
 */
export class RunNames {
  readonly #owners = new Map<string, string>();

  /** The cell is about to run: its names are free again. */
  release(cell: string): void {
    for (const [name, owner] of this.#owners) if (owner === cell) this.#owners.delete(name);
  }

  name(hash: string, cell: string): string {
    for (let count = 1; ; count++) {
      const name = count === 1 ? hash : `${hash}-${count}`;
      if (this.#owners.has(name)) continue;
      this.#owners.set(name, cell);
      return name;
    }
  }
}
