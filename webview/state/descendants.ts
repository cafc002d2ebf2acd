import type { CandidateId } from "../../src/search/record.js";
import type { RunModel } from "./model.js";

const known = new WeakMap<RunModel["parents"], ReadonlyMap<CandidateId, number>>();

/** How many candidates come from each by first parents, over all generations; those from whom none does are not named. */
export function descendantsOf({ parents }: Pick<RunModel, "parents">): ReadonlyMap<CandidateId, number> {
  const before = known.get(parents);
  if (before) return before;
  const counts = new Map<CandidateId, number>();
  // Parents were made earlier: from the last to the first, each is counted with all that came of it.
  for (const [id, [first]] of [...parents].reverse())
    if (first !== undefined) counts.set(first, (counts.get(first) ?? 0) + 1 + (counts.get(id) ?? 0));
  known.set(parents, counts);
  return counts;
}
