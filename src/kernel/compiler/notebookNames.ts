/** What a notebook's cells have declared so far, as far as the next cell has to know. */
export interface NotebookNames {
  /** Declared in mangled form. */
  readonly mangled: readonly string[];
  /** Declared as `const`. */
  readonly constants: readonly string[];
}

export const NO_NAMES: NotebookNames = { mangled: [], constants: [] };
