import type { NotebookId } from "../kernel/protocol.js";

/** What kernels call the notebooks of this window. */
export class NotebookIds {
  readonly #numbers = new Map<string, number>();

  /**
   * Its URI; numbered, because a notebook that is closing or called something else by now may be known by it. A window that comes after another
   * goes on with the name that its kernel knows. `there`: those that the kernel knew when this window came.
   */
  next(uri: string, there: readonly NotebookId[] | undefined): NotebookId {
    const known = this.#numbers.get(uri) ?? 0;
    const number = known || !there ? known + 1 : latestNumber(uri, there) || 1;
    this.#numbers.set(uri, number);
    return number > 1 ? `${uri}#${number}` : uri;
  }
}

/** Of a notebook's names in a kernel; 0: it knows none. */
export function latestNumber(uri: string, notebooks: readonly NotebookId[]): number {
  const numbers = notebooks.map((id) =>
    id === uri ? 1 : id.startsWith(`${uri}#`) ? Number(id.slice(uri.length + 1)) || 0 : 0,
  );
  return Math.max(0, ...numbers);
}
