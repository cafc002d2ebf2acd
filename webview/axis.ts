import { evenTicks, logAxis, roundTicks, ticksWithin } from "./axisTicks.js";
import type { CandidateId, CandidateRecord, Cost, RoundRecord } from "../src/search/record.js";
import type { RunModel } from "./state/model.js";
import { whole } from "./state/words.js";

/** What the axis counts. Seconds are in no record, because the same search must give the same one: a run that is alive tells them. */
export type Measure = "nfe" | "forwards" | "calls" | "seconds" | "rounds";
type AxisLabel = "NFE" | "forwards" | "calls" | "s" | "round";
const LABELS: Readonly<Record<Measure, AxisLabel>> = {
  nfe: "NFE",
  forwards: "forwards",
  calls: "calls",
  seconds: "s",
  rounds: "round",
};

const MEASURES: readonly Measure[] = ["nfe", "forwards", "calls", "seconds", "rounds"];

/**
 * The x axis that tree and traces share: compute, as a run without the cache pays it, so that a round served from the cache still has
 * its place. Where a round costs nothing at all, the axis counts the rounds.
 */
export interface ComputeAxis {
  readonly label: AxisLabel;
  /** Its label, and how it is scaled if not evenly. */
  readonly name: string;
  readonly max: number;
  /** Where the run stands. */
  readonly spent: number;
  /** Start and end of each round that has candidates, by round number. The last may be in work: its end is expected. */
  readonly spans: ReadonlyMap<number, readonly [start: number, end: number]>;
  /** Where the round after the last would lie; absent when the run has ended or the budget does not allow it. */
  readonly next: Planned | undefined;
  readonly ticks: readonly number[];
  place(candidate: CandidateRecord): number;
  /** Of a place on the axis: what is counted there. */
  text(place: number): string;
  /** Places to write at where only a part is seen. */
  ticksWithin(from: number, to: number): readonly number[];
}

export interface Planned {
  readonly round: number;
  readonly span: readonly [start: number, end: number];
  readonly count: number;
}

export interface AxisOptions {
  /** Milliseconds of computing when each round had ended, from the first. */
  readonly times?: readonly number[];
  /** The axis is log(1 + compute / unit), and places on it are no compute; `unit` is what a first candidate costs, if not given. */
  readonly log?: boolean;
  readonly unit?: number;
  /** So far at least, in what is counted. */
  readonly reach?: number;
}

/** How rounds are counted. */
interface Counting {
  readonly model: RunModel;
  readonly label: AxisLabel;
  readonly of: (round: RoundRecord) => number;
}

export function computeAxis(
  model: RunModel,
  measure: Measure = "nfe",
  { times = [], log = false, unit, reach = 0 }: AxisOptions = {},
): ComputeAxis {
  const { record, groups } = model;
  const counting = countingOf(model, measure, times);
  const { label } = counting;
  const cost = expectedRoundCost(counting, times);
  const spans = new Map<number, readonly [number, number]>();
  let end = 0;
  for (const { index, round } of groups) {
    const start = end;
    if (index > 0) end = start + (round ? counting.of(round) : cost);
    spans.set(index, [start, end]);
  }
  const places = placesOf(model, label, spans);
  const inWork = groups.some(({ index, round }) => index > 0 && !round);
  const spent = spentOf(counting, times);
  const limit = limitOf(counting, cost);
  const planned = inWork || model.ended ? undefined : plannedRound(model, end, cost, limit);
  const max = Math.max(domainEnd(model, Math.max(end, spent, planned?.span[1] ?? 0), limit, cost), reach);
  const first = record.rounds[0];
  const axis: ComputeAxis = {
    label,
    name: label,
    max,
    spent: Math.min(max, spent),
    spans,
    next: planned,
    ticks: label === "s" ? evenTicks(max) : roundTicks(max, first ? counting.of(first) : cost),
    place: (candidate) => places.get(candidate.id) ?? spans.get(candidate.round)?.[1] ?? 0,
    text: label === "s" && max < 1000 ? (value) => String(Number(value.toPrecision(3))) : whole,
    ticksWithin: (from, to) => ticksWithin(from, to, label !== "s"),
  };
  return log ? logAxis(axis, unit ?? logUnit(model, spans)) : axis;
}

/** What the axis really counts where something else was asked for: seconds that nobody knows, or what a round spends none of. */
export function countedAs(model: RunModel, measure: Measure, times: readonly number[]): Measure {
  const { label } = countingOf(model, measure, times);
  return MEASURES.find((one) => LABELS[one] === label) ?? measure;
}

/** Whether the computing time of each round is known. */
export function knowsSeconds({ record }: RunModel, times: readonly number[]): boolean {
  const isLater = ({ index }: RoundRecord): boolean => times[index - 1]! >= (times[index - 2] ?? 0);
  return record.rounds.every(isLater) && (times.at(-1) ?? 1) > 0;
}

/** What one of the first round's candidates costs: there a logarithmic axis begins to be one. */
export function logUnit({ groups }: RunModel, spans: ComputeAxis["spans"]): number {
  const first = groups.find(({ index, candidates }) => index > 0 && candidates.length > 0);
  const [start, end] = spans.get(first?.index ?? 0) ?? [0, 0];
  return (end - start) / (first?.candidates.length ?? 1) || 1;
}

function countingOf(model: RunModel, measure: Measure, times: readonly number[]): Counting {
  const asked = LABELS[measure];
  if (asked === "s" && knowsSeconds(model, times))
    return {
      ...{ model, label: asked },
      of: ({ index }) => (times[index - 1]! - (times[index - 2] ?? 0)) / 1000,
    };
  const label = asked === "s" ? "NFE" : asked;
  const of = ({ spent }: RoundRecord): number => amount(model, spent, label);
  if (label === "round" || model.record.rounds.some((round) => of(round) <= 0))
    return { model, label: "round", of: () => 1 };
  return { model, label, of };
}

function spentOf({ model, label }: Counting, times: readonly number[]): number {
  const { rounds, spent } = model.record;
  if (label === "s") return (times[rounds.length - 1] ?? 0) / 1000;
  return label === "round" ? rounds.length : amount(model, spent, label);
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

function expectedRoundCost({ model, label, of }: Counting, times: readonly number[]): number {
  const { rounds } = model.record;
  const last = rounds.at(-1);
  // One from the cache takes no time: it says nothing of the next.
  if (last && label === "s") return times[rounds.length - 1]! / 1000 / rounds.length;
  if (last) return of(last);
  if (label === "round" || label === "s") return 1;
  return expectedCount(model) * (label === "calls" ? 1 : model.sampleNfe);
}

function limitOf({ model, label, of }: Counting, cost: number): number | undefined {
  const { budget } = model.record.problem;
  if (label === "s") return budget.seconds;
  const byRounds = model.totalRounds === undefined ? undefined : model.totalRounds * cost;
  if (label === "round") return byRounds;
  // Rounds of unequal cost: their number says nothing about compute, the budget does.
  const even = model.record.rounds.every((round) => of(round) === cost);
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
    const settled = candidates.map((candidate) =>
      label === "round" || label === "s" ? end : billed(candidate),
    );
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
