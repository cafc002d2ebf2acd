import { longestIncreasing } from "./longestIncreasing.js";

/**
 * The order of the cells of a merge, as ids. `kept`: what is in the result. It is our order with what only they moved or added put behind
 * the cell that it follows on their side; where both moved the same cell, our place stands.
 */
export function mergeOrder(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
  kept: ReadonlySet<string>,
): string[] {
  const [inBase, inOurs, inTheirs] = [new Set(base), new Set(ours), new Set(theirs)];
  const isOnlyOurs = (id: string): boolean => inOurs.has(id) && !inBase.has(id) && !inTheirs.has(id);
  const movedByUs = movedIn(base, ours);
  const movedByThem = movedIn(base, theirs);
  const placed = (id: string): boolean => inOurs.has(id) && (!movedByThem.has(id) || movedByUs.has(id));
  const order = new Chain(ours.filter((id) => kept.has(id) && (placed(id) || !inTheirs.has(id))));
  theirs.forEach((id, index) => {
    if (!kept.has(id) || order.has(id)) return;
    // A new cell follows its neighbour wherever that went; one that they moved has a place among those that stayed.
    const isAnchor = (other = ""): boolean =>
      order.has(other) && !(movedByThem.has(id) && movedByUs.has(other));
    let before = index - 1;
    while (before >= 0 && !isAnchor(theirs[before])) before--;
    let at = theirs[before];
    // What both sides put at one place stands in this order: ours, theirs.
    for (let next = order.after(at); next !== undefined && isOnlyOurs(next); next = order.after(at))
      at = next;
    order.insert(id, at);
  });
  return order.ids();
}

/** Different ids in an order, each of which knows the next one: putting one between two moves no other. */
class Chain {
  /** By the one before; the first by undefined. */
  readonly #next = new Map<string | undefined, string>();
  readonly #ids: Set<string>;

  constructor(ids: readonly string[]) {
    this.#ids = new Set(ids);
    ids.forEach((id, index) => this.#next.set(ids[index - 1], id));
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Of undefined the first. */
  after(id: string | undefined): string | undefined {
    return this.#next.get(id);
  }

  /** Behind `before`, at the beginning where that is undefined. */
  insert(id: string, before: string | undefined): void {
    const next = this.#next.get(before);
    this.#next.set(before, id);
    if (next !== undefined) this.#next.set(id, next);
    this.#ids.add(id);
  }

  ids(): string[] {
    const ids: string[] = [];
    for (let id = this.after(undefined); id !== undefined; id = this.after(id)) ids.push(id);
    return ids;
  }
}

/** The fewest ids of `base` that were moved to make `order`: all but a longest increasing subsequence of their places. */
function movedIn(base: readonly string[], order: readonly string[]): Set<string> {
  const place = new Map(base.map((id, index) => [id, index]));
  const common = order.filter((id) => place.has(id));
  const stayed = longestIncreasing(common.map((id) => place.get(id) ?? 0));
  const moved = new Set(common);
  for (const index of stayed) moved.delete(common[index] ?? "");
  return moved;
}
