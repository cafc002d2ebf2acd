import { InputError } from "../inputError.js";
import { shown } from "../check.js";
import type { CandidateId, CandidateRecord, Cost, SearchRecord } from "../record.js";

/**
 * The record as it was when a round had ended, from the record alone: what a view shows while it replays a search without its model. Round 0
 * is the search before it began. Exact in candidates, scores, best and the spent of the run; the cost of a candidate that went on later is
 * that of the end, and a candidate that still took part counts as kept.
 */
export function recordAt(record: SearchRecord, round: number): SearchRecord {
  const last = record.rounds.length;
  if (!Number.isInteger(round) || round < 0 || round > last) {
    throw new InputError(`The record has rounds 0 to ${last}, but round ${shown(round)} was asked for.`);
  }
  if (round === last) return record;
  const rounds = record.rounds.slice(0, round);
  const seen = scorings(record, round);
  const later = livesOn(record, round);
  const best = rounds.at(-1)?.best;
  const candidates = record.candidates
    .filter((candidate) => candidate.round <= round && (round > 0 || candidate.round < 1))
    .map((candidate) => then(candidate, seen.get(candidate.id) ?? 0, later.has(candidate.id), best));
  const { reason: _, best: __, ...frame } = record;
  return {
    ...frame,
    state: round === 0 ? "ready" : "paused",
    rounds,
    candidates,
    ...(best === undefined ? {} : { best }),
    spent: sumOf(rounds.map(({ spent }) => spent)),
    notices: [],
  };
}

/** The states of a search round by round, the last one whole. */
export function* replayRecord(record: SearchRecord): Generator<SearchRecord, void> {
  for (let round = 0; round <= record.rounds.length; round++) yield recordAt(record, round);
}

/** How often each candidate had been scored. */
function scorings({ rounds }: SearchRecord, round: number): Map<CandidateId, number> {
  const counts = new Map<CandidateId, number>();
  for (const { candidates } of rounds.slice(0, round)) {
    for (const id of candidates) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** Candidates that are scored after the round, or that later ones come from. */
function livesOn({ rounds, candidates }: SearchRecord, round: number): Set<CandidateId> {
  const alive = new Set(rounds.slice(round).flatMap((later) => later.candidates));
  for (const candidate of candidates) {
    if (candidate.round > round) for (const parent of candidate.parents) alive.add(parent);
  }
  return alive;
}

function then(
  candidate: CandidateRecord,
  scorings: number,
  livesOn: boolean,
  best: CandidateId | undefined,
): CandidateRecord {
  const { earlier = [], scores, level, at: _, ...rest } = candidate;
  const all = [...earlier, { level, scores }];
  const isLatest = scorings >= all.length || !livesOn;
  if (isLatest) return best === candidate.id || livesOn ? { ...candidate, status: "kept" } : candidate;
  const current = all[scorings - 1] ?? { level: rest.from, scores: {} };
  const before = earlier.slice(0, Math.max(0, scorings - 1));
  return {
    ...rest,
    level: current.level,
    status: "kept",
    scores: current.scores,
    ...(before.length > 0 ? { earlier: before } : {}),
  };
}

function sumOf(costs: readonly Cost[]): Cost {
  const calls: Record<string, number> = {};
  const total = { nfe: 0, forwards: 0, decodes: 0 };
  for (const { nfe, forwards, decodes, verifierCalls } of costs) {
    total.nfe += nfe;
    total.forwards += forwards;
    total.decodes += decodes;
    for (const [name, count] of Object.entries(verifierCalls)) calls[name] = (calls[name] ?? 0) + count;
  }
  return { ...total, verifierCalls: calls, cold: { ...total } };
}
