import type { CandidateRecord, VerifierRecord } from "../../src/search/record.js";
import type { ComputeAxis } from "../axis.js";
import { isBetter, type RunModel } from "../state/model.js";

/**
 * Best so far over compute. The held-out lines show the held-out score of the candidate that the *searched* verifier holds for the
 * best so far, never their own best: that is what an honest comparison needs.
 */
export interface TracePanel {
  readonly lines: readonly TraceLine[];
  /** Searched scores of the single candidates; empty in a panel without the searched verifier. */
  readonly dots: readonly Dot[];
  readonly range: readonly [low: number, high: number];
}

export interface TraceLine {
  readonly verifier: VerifierRecord;
  /** Which of the theme's series colours: 0 is the searched one's. */
  readonly colour: number;
  /** One value for each of `xs`; null before the first. */
  readonly values: readonly (number | null)[];
}

export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly candidate: CandidateRecord;
}

export interface Traces {
  /** Ascending, distinct: where a candidate was scored, and at last where the run stands. */
  readonly xs: readonly number[];
  readonly panels: readonly TracePanel[];
}

export function tracesOf(model: RunModel, axis: ComputeAxis): Traces {
  const { searched } = model;
  const steps = bestSoFar(model, axis);
  const xs = steps.map(({ x }) => x);
  const last = steps.at(-1);
  if (last && axis.spent > last.x) xs.push(axis.spent);
  const lines = [searched, ...model.heldOut].map((verifier, colour): TraceLine => {
    const values = steps.map(({ best }) => best?.scores[verifier.name] ?? null);
    if (values.length < xs.length) values.push(values.at(-1) ?? null);
    return { verifier, colour, values };
  });
  const dots = model.record.candidates.flatMap((candidate): Dot[] => {
    const y = candidate.scores[searched.name];
    return y === undefined ? [] : [{ x: axis.place(candidate), y, candidate }];
  });
  const drawn = lines.filter(({ values }, i) => i === 0 || values.some((value) => value !== null));
  return {
    xs,
    panels: groupByScale(drawn).map((group) => panelOf(group, group.includes(lines[0]!) ? dots : [])),
  };
}

function bestSoFar(model: RunModel, axis: ComputeAxis): { x: number; best: CandidateRecord | undefined }[] {
  const { name } = model.searched;
  const placed = model.record.candidates
    .filter((candidate) => candidate.scores[name] !== undefined)
    .map((candidate) => ({ candidate, x: axis.place(candidate) }))
    .sort((a, b) => a.x - b.x);
  const steps: { x: number; best: CandidateRecord | undefined }[] = [];
  let best: CandidateRecord | undefined;
  for (const { candidate, x } of placed) {
    if (!best || isBetter(model.searched, candidate.scores[name]!, best.scores[name]!)) best = candidate;
    const step = steps.at(-1);
    if (step?.x === x) step.best = best;
    else steps.push({ x, best });
  }
  return steps;
}

/**
 * Verifiers of like size share an axis. One of another size (5.6 beside 0.7) would flatten the others: it gets its own panel.
 */
function groupByScale(lines: readonly TraceLine[]): TraceLine[][] {
  const groups: TraceLine[][] = [];
  for (const line of lines) {
    const fitting = groups.find((group) => alike(extentOf(group), extentOf([line])));
    if (fitting) fitting.push(line);
    // More panels than three would each be too low to read: what fits nowhere shares the last one, flattened but there.
    else if (groups.length === 3) groups[2]!.push(line);
    else groups.push([line]);
  }
  return groups;
}

function alike(
  [low, high]: readonly [number, number],
  [otherLow, otherHigh]: readonly [number, number],
): boolean {
  const union = Math.max(high, otherHigh) - Math.min(low, otherLow);
  const inUnit = Math.min(low, otherLow) >= 0 && Math.max(high, otherHigh) <= 1;
  return inUnit || union <= 4 * Math.max(high - low, otherHigh - otherLow);
}

function extentOf(lines: readonly TraceLine[]): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { values } of lines) {
    for (const value of values) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? [low, high] : [0, 1];
}

function panelOf(lines: readonly TraceLine[], dots: readonly Dot[]): TracePanel {
  let [low, high] = extentOf(lines);
  const ys = dots.map(({ y }) => y).sort((a, b) => a - b);
  if (ys.length) {
    // A few far outliers must not flatten the lines; they are drawn at the edge.
    low = Math.min(low, ys[Math.floor(ys.length * 0.05)]!);
    high = Math.max(high, ys[Math.ceil(ys.length * 0.95) - 1]!);
  }
  const space = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return { lines, dots, range: [low - space, high + space] };
}
