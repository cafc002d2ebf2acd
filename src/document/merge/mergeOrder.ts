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
  const inOurs = new Set(ours);
  const added = new Set(ours.filter((id) => !base.includes(id)));
  const movedByUs = movedIn(base, ours);
  const movedByThem = movedIn(base, theirs);
  const placed = (id: string): boolean => inOurs.has(id) && (!movedByThem.has(id) || movedByUs.has(id));
  const order = ours.filter((id) => kept.has(id) && (placed(id) || !theirs.includes(id)));
  const present = new Set(order);
  theirs.forEach((id, index) => {
    if (!kept.has(id) || present.has(id)) return;
    // A new cell follows its neighbour wherever that went; one that they moved has a place among those that stayed.
    const isAnchor = (other = ""): boolean =>
      present.has(other) && !(movedByThem.has(id) && movedByUs.has(other));
    let before = index - 1;
    while (before >= 0 && !isAnchor(theirs[before])) before--;
    let at = before < 0 ? 0 : order.indexOf(theirs[before] ?? "") + 1;
    // What both sides put at one place stands in this order: ours, theirs.
    while (at < order.length && added.has(order[at] ?? "") && !theirs.includes(order[at] ?? "")) at++;
    order.splice(at, 0, id);
    present.add(id);
  });
  return order;
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
