import type { Sight } from "../state/filter.js";
import { quality, type RunModel } from "../state/model.js";
import type { Branch, BranchLayout } from "./layout.js";

/** Of a preview beside the cursor, in CSS pixels, with the room around it. */
export const PREVIEW = 24;
const ROOM = PREVIEW + 3;

/**
 * The branches that show their preview at the cursor's level: those that pass it and the filter, as many as have room above each other.
 * The best lineage first, then by colour; from top to bottom.
 */
export function previewsAt(
  { branches, xOf }: Pick<BranchLayout, "branches" | "xOf">,
  model: RunModel,
  cursor: number,
  sight: Sight,
): readonly Branch[] {
  const at = xOf(cursor);
  const rank = ({ candidate }: Branch): number =>
    (model.bestLineage.has(candidate.id) ? 2 : 0) + (quality(model, candidate) ?? -1);
  const passing = branches
    .filter(({ x0, x1, candidate }) => x0 <= at + 1e-6 && x1 >= at - 1e-6 && x0 < x1 && sight(candidate))
    .map((branch) => ({ branch, rank: rank(branch) }))
    .sort((a, b) => b.rank - a.rank);
  // By rows of the height that one takes: only its neighbours can be in the way.
  const taken = new Map<number, Branch>();
  const isFree = (y: number): boolean =>
    [-1, 0, 1].every((by) => Math.abs((taken.get(Math.floor(y / ROOM) + by)?.y ?? -Infinity) - y) >= ROOM);
  for (const { branch } of passing) if (isFree(branch.y)) taken.set(Math.floor(branch.y / ROOM), branch);
  return [...taken.values()].sort((a, b) => a.y - b.y);
}
