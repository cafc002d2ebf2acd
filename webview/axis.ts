import { scaleLinear } from "d3-scale";
import type { CandidateId, CandidateRecord, Cost, RoundRecord } from "../src/search/record.js";
import type { RunModel } from "./state/model.js";

/** What the axis counts. Seconds are in no record: the same search must give the same one. */
export type Measure = "nfe" | "forwards" | "calls" | "rounds";
type AxisLabel = "NFE" | "forwards" | "calls" | "round";
const LABELS: Readonly<Record<Measure, AxisLabel>> = {
  nfe: "NFE",
  forwards: "forwards",
  calls: "calls",
  rounds: "round",
};

/**
 * The x axis that tree and traces share: compute, as a run without the cache pays it, so that a round served from the cache still has
 * its place. Where a round costs nothing at all, the axis counts the rounds.
 */
export interface ComputeAxis {
  readonly label: AxisLabel;
  readonly max: number;
  /** Where the run stands. */
  readonly spent: number;
  /** Start and end of each round that has candidates, by round number. The last may be in work: its end is expected. */
  readonly spans: ReadonlyMap<number, readonly [start: number, end: number]>;
  /** Where the round after the last would lie; absent when the run has ended or the budget does not allow it. */
  readonly next: Planned | undefined;
  readonly ticks: readonly number[];
  place(candidate: CandidateRecord): number;
}

export interface Planned {
  readonly round: number;
  readonly span: readonly [start: number, end: number];
  readonly count: number;
}

export function computeAxis(model: RunModel, measure: Measure = "nfe"): ComputeAxis {
  const { record, groups } = model;
  const label = axisLabel(model, measure);
  const cost = expectedRoundCost(model, label);
  const spans = new Map<number, readonly [number, number]>();
  let end = 0;
  for (const { index, round } of groups) {
    const start = end;
    if (index > 0) end = start + (round ? costOf(model, round, label) : cost);
    spans.set(index, [start, end]);
  }
  const places = placesOf(model, label, spans);
  const inWork = groups.some(({ index, round }) => index > 0 && !round);
  const spent = label === "round" ? record.rounds.length : amount(model, record.spent, label);
  const limit = limitOf(model, label, cost);
  const planned = inWork || model.ended ? undefined : plannedRound(model, end, cost, limit);
  const max = domainEnd(model, Math.max(end, spent, planned?.span[1] ?? 0), limit, cost);
  return {
    label,
    max,
    spent: Math.min(max, spent),
    spans,
    next: planned,
    ticks: ticksOf(max, record.rounds[0] ? costOf(model, record.rounds[0], label) : cost),
    place: (candidate) => places.get(candidate.id) ?? spans.get(candidate.round)?.[1] ?? 0,
  };
}

function axisLabel(model: RunModel, measure: Measure): AxisLabel {
  const label = LABELS[measure];
  return model.record.rounds.some((round) => costOf(model, round, label) <= 0) ? "round" : label;
}

function costOf(model: RunModel, { spent }: RoundRecord, label: AxisLabel): number {
  return label === "round" ? 1 : amount(model, spent, label);
}

/** Of what the axis counts; calls are those of the searched verifier. */
function amount({ searched }: RunModel, { cold, verifierCalls }: Cost, label: AxisLabel): number {
  if (label === "forwards") return cold.forwards;
  return label === "calls" ? (verifierCalls[searched.name] ?? 0) : cold.nfe;
}

function expectedCount({ record }: RunModel): number {
  const last = record.rounds.at(-1);
  if (last) return last.candidates.length;
  const { neighbours, perRound, candidates } = record.algorithm.options;
  const count = [neighbours, perRound, candidates].find(
    (value): value is number => typeof value === "number" && value >= 1,
  );
  return Math.min(10_000, Math.round(count ?? 4));
}

function expectedRoundCost(model: RunModel, label: AxisLabel): number {
  if (label === "round") return 1;
  const last = model.record.rounds.at(-1);
  if (last) return costOf(model, last, label);
  return expectedCount(model) * (label === "calls" ? 1 : model.sampleNfe);
}

function limitOf(model: RunModel, label: AxisLabel, cost: number): number | undefined {
  const { budget } = model.record.problem;
  const byRounds = model.totalRounds === undefined ? undefined : model.totalRounds * cost;
  if (label === "round") return byRounds;
  // Rounds of unequal cost: their number says nothing about compute, the budget does.
  const even = model.record.rounds.every((round) => costOf(model, round, label) === cost);
  const most = label === "calls" ? budget.verifierCalls : label === "NFE" ? budget.nfe : undefined;
  if (most === undefined) return even ? byRounds : undefined;
  return even && byRounds !== undefined && byRounds < 0.9 * most ? byRounds : most;
}

function plannedRound(
  model: RunModel,
  start: number,
  cost: number,
  limit: number | undefined,
): Planned | undefined {
  const round = model.record.rounds.length + 1;
  if (model.totalRounds !== undefined && round > model.totalRounds) return undefined;
  if (limit !== undefined && start + cost > limit * 1.001) return undefined;
  return { round, span: [start, start + cost], count: expectedCount(model) };
}

/** Without a limit the axis grows in leaps, so that it does not move at every round. */
function domainEnd(model: RunModel, reached: number, limit: number | undefined, cost: number): number {
  if (model.ended && (limit === undefined || reached < 0.5 * limit)) return reached || 1;
  if (limit !== undefined) return Math.max(limit, reached);
  for (let rounds = 8; ; rounds *= 2) {
    if (rounds * cost >= reached) return rounds * cost || 1;
    if (rounds * 1.5 * cost >= reached) return rounds * 1.5 * cost || 1;
  }
}

/** At the ends of rounds, every first, second, fourth … of them, at most nine; within a single round at even parts. */
function ticksOf(max: number, cost: number): number[] {
  if (max / cost < 2) return evenTicks(max);
  let step = cost;
  while (max / step > 9) step *= 2;
  const ticks: number[] = [];
  for (let i = 0; i * step <= max * 1.0001; i++) ticks.push(i * step);
  return ticks;
}

function evenTicks(max: number): number[] {
  const parts = [8, 4, 5, 6].find((count) => Number.isInteger(max / count));
  if (!parts) return scaleLinear([0, max], [0, 1]).ticks(6);
  return Array.from({ length: parts + 1 }, (_, i) => (i * max) / parts);
}

function placeOn(at: NonNullable<CandidateRecord["at"]>, label: AxisLabel): number {
  return label === "forwards" ? at.forwards : label === "calls" ? at.verifierCalls : at.nfe;
}

/**
 * Independent draws that were scored as one batch share one `at`. Each paid for itself, in the order of creation: there they stand, so
 * that "best of the first n" can be read at any n. Neighbours of a pivot belong together: they stand where their round ended.
 */
function placesOf(
  { groups, parents }: RunModel,
  label: AxisLabel,
  spans: ReadonlyMap<number, readonly [number, number]>,
): Map<CandidateId, number> {
  const places = new Map<CandidateId, number>();
  for (const { index, candidates } of groups) {
    const [start, end] = spans.get(index) ?? [0, 0];
    // A later re-scoring moves `at` past the round: the candidate still belongs to where it was made.
    const billed = ({ at }: CandidateRecord): number =>
      at ? Math.min(end, Math.max(start, placeOn(at, label))) : end;
    const settled = candidates.map((candidate) => (label === "round" ? end : billed(candidate)));
    let before = start;
    for (let from = 0, to = 0; from < candidates.length; from = to) {
      while (to < candidates.length && settled[to] === settled[from]) to++;
      for (let i = from; i < to; i++) {
        const alone = parents.get(candidates[i]!.id)!.length === 0;
        const share = alone ? (i + 1 - from) / (to - from) : 1;
        places.set(candidates[i]!.id, before + (settled[i]! - before) * share);
      }
      before = settled[from]!;
    }
  }
  return places;
}
