import type { CandidateId, PickRecord } from "../record.js";

/** A candidate that was judged before, and where it stands. */
export interface Anchor {
  readonly id: CandidateId;
  readonly score: number;
}

/**
 * Scores from a pick: one step of the ladder for each group of equals, the last group at 0; with an anchor, counted from where that one stands, so
 * that scores of different rounds can be compared. Who was dropped has none; an anchor that was dropped stands below all others.
 */
export function ladderScores(
  { candidates, order, dropped }: PickRecord,
  anchor: Anchor | undefined,
): Map<CandidateId, number> {
  const named = new Set([...order.flat(), ...dropped]);
  const rest = candidates.filter((id) => !named.has(id));
  const low = anchor && dropped.includes(anchor.id) ? [[anchor.id]] : [];
  const groups = [...order, rest, ...low].filter((group) => group.length > 0);
  const place = anchor ? groups.findIndex((group) => group.includes(anchor.id)) : -1;
  const base = anchor && place >= 0 ? anchor.score + place : groups.length - 1;
  return new Map(groups.flatMap((group, i) => group.map((id) => [id, base - i] as const)));
}
