import type { CandidateRecord } from "../../src/search/record.js";
import type { Sight } from "../state/filter.js";
import { quality, type RunModel } from "../state/model.js";
import type { TreeLayout } from "./layout.js";

/** More thumbnails than this are no longer looked at one by one. */
const MOST = 256;

/**
 * The candidates whose thumbnails lie on the screen and pass: the best lineage first, then the better before the worse; none where nodes are too
 * small for pictures. `shift`: from the layout's places to the screen's, to the right, in CSS pixels.
 */
export function thumbnailsInSight(
  { tier, nodes, width }: TreeLayout,
  shift: number,
  model: RunModel,
  sight: Sight,
): readonly CandidateRecord[] {
  if (tier !== "pictures") return [];
  const rank = (candidate: CandidateRecord): number =>
    (model.bestLineage.has(candidate.id) ? 2 : 0) + (quality(model, candidate) ?? -1);
  return nodes
    .filter(
      (node) =>
        node.x + node.width / 2 + shift > 0 &&
        node.x - node.width / 2 + shift < width &&
        sight(node.candidate),
    )
    .map(({ candidate }) => ({ candidate, rank: rank(candidate) }))
    .sort((a, b) => b.rank - a.rank)
    .slice(0, MOST)
    .map(({ candidate }) => candidate);
}
