import type { CandidateId, CandidateRecord, SearchRecord } from "../record.js";

/** How far a search that was run again is from its record. */
export interface Verification {
  /** The largest absolute difference of a score of each candidate, in the order of the record. */
  readonly candidates: readonly { readonly id: CandidateId; readonly difference: number }[];
  /** The largest of these; 0 is the same to the last bit. */
  readonly most: number;
  /** What differs otherwise, as sentences: candidates that are missing, parents, levels or choices that are others. */
  readonly mismatches: readonly string[];
}

export function compareRecords(recorded: SearchRecord, again: SearchRecord): Verification {
  const mismatches: string[] = [];
  const byId = new Map(again.candidates.map((candidate) => [candidate.id, candidate]));
  const candidates = recorded.candidates.flatMap((candidate) => {
    const other = byId.get(candidate.id);
    byId.delete(candidate.id);
    if (other) {
      const odd = whatDiffers(candidate, other);
      if (odd !== undefined) mismatches.push(`${candidate.id} has ${odd}.`);
      return [{ id: candidate.id, difference: furthest(candidate, other) }];
    }
    mismatches.push(`${candidate.id} is in the record, but was not made again.`);
    return [];
  });
  for (const id of byId.keys()) mismatches.push(`${id} was made, but is not in the record.`);
  if (recorded.best !== again.best) {
    mismatches.push(`The best is ${again.best ?? "nobody"}, but ${recorded.best ?? "nobody"} in the record.`);
  }
  return { candidates, most: Math.max(0, ...candidates.map(({ difference }) => difference)), mismatches };
}

function whatDiffers(a: CandidateRecord, b: CandidateRecord): string | undefined {
  if (a.parents.join() !== b.parents.join()) return "other parents";
  if (a.level !== b.level) return `level ${b.level} instead of ${a.level}`;
  if (a.status !== b.status) return `status ${b.status} instead of ${a.status}`;
  if (Object.keys(a.scores).join() !== Object.keys(b.scores).join()) return "scores of other verifiers";
  if (a.earlier?.length !== b.earlier?.length) return "scores at other levels";
  return undefined;
}

function furthest(a: CandidateRecord, b: CandidateRecord): number {
  const pairs = [
    [a.scores, b.scores] as const,
    ...(a.earlier ?? []).map(({ scores }, i) => [scores, b.earlier?.[i]?.scores ?? {}] as const),
  ];
  const differences = pairs.flatMap(([one, other]) =>
    Object.keys(one).map((name) => (name in other ? Math.abs(one[name]! - other[name]!) : 0)),
  );
  return differences.reduce((most, difference) => Math.max(most, difference), 0);
}
