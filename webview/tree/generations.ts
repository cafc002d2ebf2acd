import type { CandidateId, CandidateRecord } from "../../src/search/record.js";
import type { RunModel } from "../state/model.js";

/** More than these are a chain, and each would get a column as narrow as a line. */
const MOST = 12;

/**
 * The candidates of one round, those before whose first parent is among them, and how many each generation has: a search over paths makes
 * its starts and what it continues them to in one round. In the order of creation within each.
 */
export function generationsOf(
  { parents }: Pick<RunModel, "parents">,
  candidates: readonly CandidateRecord[],
): { readonly ordered: readonly CandidateRecord[]; readonly sizes: readonly number[] } {
  const whole = { ordered: candidates, sizes: [candidates.length] };
  const depth = new Map<CandidateId, number>();
  const generations: CandidateRecord[][] = [];
  for (const candidate of candidates) {
    const [parent] = parents.get(candidate.id) ?? [];
    const above = parent === undefined ? undefined : depth.get(parent);
    const own = above === undefined ? 0 : above + 1;
    if (own >= MOST) return whole;
    depth.set(candidate.id, own);
    (generations[own] ??= []).push(candidate);
  }
  if (generations.length < 2) return whole;
  return { ordered: generations.flat(), sizes: generations.map(({ length }) => length) };
}
