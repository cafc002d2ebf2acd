import type {
  CandidateId,
  CandidateRecord,
  RoundRecord,
  SearchRecord,
  VerifierRecord,
} from "../../src/search/record.js";

/** What every view needs to know of a record, worked out once for each new record. */
export interface RunModel {
  readonly record: SearchRecord;
  readonly byId: ReadonlyMap<CandidateId, CandidateRecord>;
  /** Only parents that exist and were made earlier: so there is no cycle to follow. */
  readonly parents: ReadonlyMap<CandidateId, readonly CandidateId[]>;
  /** By round number, round 0 first; the last may still be in work. */
  readonly groups: readonly RoundGroup[];
  readonly searched: VerifierRecord;
  readonly heldOut: readonly VerifierRecord[];
  /** Whose scores are the colours: the searched one, or one that the reader chose. */
  readonly coloured: VerifierRecord;
  /** Its lowest and highest score; absent while nothing has one. */
  readonly domain: readonly [low: number, high: number] | undefined;
  /** The first candidate that got a searched score: what a single draw would have given. */
  readonly first: CandidateRecord | undefined;
  readonly best: CandidateRecord | undefined;
  /** From the root to the best. */
  readonly bestLineage: ReadonlySet<CandidateId>;
  readonly failed: number;
  /** How many rounds there will be, when options and budget say so. */
  readonly totalRounds: number | undefined;
  /** NFE of one full sample. */
  readonly sampleNfe: number;
  readonly ended: boolean;
  readonly orphans: number;
}

export interface RoundGroup {
  readonly index: number;
  readonly candidates: readonly CandidateRecord[];
  /** Absent while the round is in work. */
  readonly round: RoundRecord | undefined;
}

/** `colour`: the verifier whose scores are the colours, by name; the searched one where there is none of that name. */
export function modelOf(record: SearchRecord, colour?: string): RunModel {
  const byId = new Map(record.candidates.map((candidate) => [candidate.id, candidate]));
  const { parents, orphans } = cleanParents(record.candidates);
  const searched = record.verifiers.find(({ role }) => role === "searched") ?? {
    name: record.problem.verifier,
    role: "searched" as const,
    direction: "higher" as const,
  };
  const scored = record.candidates.filter((candidate) => candidate.scores[searched.name] !== undefined);
  const best = (record.best === undefined ? undefined : byId.get(record.best)) ?? bestOf(scored, searched);
  const model = {
    record,
    byId,
    parents,
    groups: groupByRound(record),
    searched,
    heldOut: record.verifiers.filter(({ role }) => role === "held-out"),
    ...colours(record, searched, colour),
    first: scored[0],
    best,
    failed: record.candidates.filter(({ status }) => status === "failed").length,
    totalRounds: totalRounds(record),
    sampleNfe: sampleNfe(record),
    ended: record.state === "finished" || record.state === "stopped" || record.state === "failed",
    orphans,
    bestLineage: new Set<CandidateId>(),
  };
  return { ...model, bestLineage: new Set(best ? lineageOf(model, best.id) : []) };
}

/** The same run in the colours of another verifier. */
export const colouredBy = (model: RunModel, colour: string | undefined): RunModel => ({
  ...model,
  ...colours(model.record, model.searched, colour),
});

function colours(
  { verifiers, candidates }: SearchRecord,
  searched: VerifierRecord,
  colour: string | undefined,
): Pick<RunModel, "coloured" | "domain"> {
  const coloured = verifiers.find(({ name }) => name === colour) ?? searched;
  return { coloured, domain: extent(candidates, coloured.name) };
}

/** The candidate's ancestors by first parent and itself, oldest first. */
export function lineageOf(model: Pick<RunModel, "byId" | "parents">, id: CandidateId): CandidateId[] {
  const lineage: CandidateId[] = [];
  for (
    let at: CandidateId | undefined = id;
    at !== undefined && model.byId.has(at);
    at = model.parents.get(at)?.[0]
  )
    lineage.push(at);
  return lineage.reverse();
}

/** Whether any candidate names it as its first parent. */
export function hasChildren({ parents }: Pick<RunModel, "parents">, id: CandidateId): boolean {
  let branched = branchedOf.get(parents);
  if (!branched) {
    branched = new Set();
    for (const [first] of parents.values()) if (first !== undefined) branched.add(first);
    branchedOf.set(parents, branched);
  }
  return branched.has(id);
}

const branchedOf = new WeakMap<RunModel["parents"], Set<CandidateId>>();

/**
 * The best candidates by searched score, best first; ties in the order of creation. A score of a preview is of another picture than the final one, so
 * those that are finished come before the others. One pass: sorting a hundred thousand takes too long.
 */
export function ranking(
  { searched, record }: Pick<RunModel, "record" | "searched">,
  most: number,
): CandidateRecord[] {
  const { name } = searched;
  const best: CandidateRecord[] = [];
  const goesBefore = (one: CandidateRecord, score: number, other: CandidateRecord): boolean =>
    isFinished(one) === isFinished(other) ? isBetter(searched, score, other.scores[name]!) : isFinished(one);
  for (const candidate of record.candidates) {
    const score = candidate.scores[name];
    if (score === undefined) continue;
    let place = best.length;
    while (place > 0 && goesBefore(candidate, score, best[place - 1]!)) place--;
    if (place === most) continue;
    best.splice(place, 0, candidate);
    if (best.length > most) best.pop();
  }
  return best;
}

/** A pivot that nobody denoised or scored was never a candidate for the best. */
export const isCandidate = ({ cost, status, scores }: CandidateRecord): boolean =>
  cost.cold.nfe > 0 || status === "failed" || Object.keys(scores).length > 0;

/** How many there are; it is asked for at each frame, and goes through all of them. */
export function candidateCount(model: RunModel): number {
  let count = counted.get(model.record);
  if (count === undefined)
    counted.set(model.record, (count = model.record.candidates.filter(isCandidate).length));
  return count;
}

const counted = new WeakMap<SearchRecord, number>();

/** Its scores are of the final image, not of a preview. */
export const isFinished = ({ level }: CandidateRecord): boolean => level === 0;

export function isBetter(verifier: VerifierRecord, score: number, than: number): boolean {
  return verifier.direction === "higher" ? score > than : score < than;
}

/** What a candidate's colour says: 0 = worst, 1 = best of this run by the coloured verifier, whatever its direction. */
export function quality(model: RunModel, candidate: CandidateRecord): number | undefined {
  return qualityOf(model, candidate.scores[model.coloured.name]);
}

/** The same of a score by that verifier; one from outside of this run's range is held at its ends. */
export function qualityOf(model: RunModel, score: number | undefined): number | undefined {
  if (score === undefined || !model.domain) return undefined;
  const [low, high] = model.domain;
  if (high === low) return 0.5;
  const share = Math.min(1, Math.max(0, (score - low) / (high - low)));
  return model.coloured.direction === "higher" ? share : 1 - share;
}

function cleanParents(candidates: readonly CandidateRecord[]) {
  const seen = new Set<CandidateId>();
  const parents = new Map<CandidateId, readonly CandidateId[]>();
  let orphans = 0;
  for (const candidate of candidates) {
    const known = candidate.parents.filter((parent) => seen.has(parent));
    if (known.length < candidate.parents.length) orphans++;
    parents.set(candidate.id, known);
    seen.add(candidate.id);
  }
  return { parents, orphans };
}

function groupByRound(record: SearchRecord): RoundGroup[] {
  const rounds = new Map(record.rounds.map((round) => [round.index, round]));
  const groups = new Map<number, CandidateRecord[]>();
  for (const candidate of record.candidates) {
    const group = groups.get(candidate.round);
    if (group) group.push(candidate);
    else groups.set(candidate.round, [candidate]);
  }
  for (const index of rounds.keys()) if (!groups.has(index)) groups.set(index, []);
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([index, candidates]) => ({ index, candidates, round: rounds.get(index) }));
}

function bestOf(scored: readonly CandidateRecord[], verifier: VerifierRecord): CandidateRecord | undefined {
  let best = scored[0];
  for (const candidate of scored) {
    if (best && isBetter(verifier, candidate.scores[verifier.name]!, best.scores[verifier.name]!))
      best = candidate;
  }
  return best;
}

/** Without spreading: an argument list of 100,000 numbers overflows the stack. */
function extent(candidates: readonly CandidateRecord[], verifier: string): RunModel["domain"] {
  let low = Infinity;
  let high = -Infinity;
  for (const { scores } of candidates) {
    const score = scores[verifier];
    if (score === undefined) continue;
    if (score < low) low = score;
    if (score > high) high = score;
  }
  return low <= high ? [low, high] : undefined;
}

/** Heun evaluates twice a step, but for the last one. */
function sampleNfe(record: SearchRecord): number {
  const { solver, steps } = record.problem;
  const whole = record.candidates.find(
    ({ from, level, cost }) => from === 1 && level === 0 && cost.cold.nfe > 0,
  );
  return whole?.cost.cold.nfe ?? (solver === "heun" ? 2 * steps - 1 : steps);
}

function totalRounds(record: SearchRecord): number | undefined {
  const { budget } = record.problem;
  const { candidates, perRound } = record.algorithm.options;
  const limits: number[] = [];
  if (budget.rounds !== undefined) limits.push(budget.rounds);
  if (typeof candidates === "number" && candidates > 0) {
    const size =
      typeof perRound === "number" && perRound > 0 ? perRound : record.rounds[0]?.candidates.length;
    if (size) limits.push(Math.ceil(candidates / size));
  }
  const costs = record.rounds.map(({ spent }) => spent.cold.nfe);
  // A budget tells the number of rounds only while each round costs the same.
  if (budget.nfe !== undefined && costs[0] && costs.every((cost) => cost === costs[0])) {
    limits.push(Math.floor(budget.nfe / costs[0]));
  }
  const total = Math.min(...limits);
  return Number.isFinite(total) && total >= record.rounds.length && total > 0 ? total : undefined;
}
