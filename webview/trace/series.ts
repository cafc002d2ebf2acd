import type { CandidateRecord, ParticleRecord, VerifierRecord } from "../../src/search/record.js";
import type { ComputeAxis } from "../axis.js";
import { fallsOf } from "../state/hacking.js";
import { isBetter, type RunModel } from "../state/model.js";
import { bandsOf, flagOf, type Band, type Flag } from "./marks.js";

/**
 * Best so far over compute. The held-out lines show the held-out score of the candidate that the *searched* verifier holds for the
 * best so far, never their own best: that is what an honest comparison needs.
 */
export interface TracePanel {
  readonly lines: readonly TraceLine[];
  /** Searched scores of the single candidates; empty in a panel without the searched verifier. */
  readonly dots: readonly Dot[];
  /** Where the middle four fifths of a round's searched scores lie. */
  readonly bands: readonly Band[];
  /** Where a held-out verifier began to stay worse than it was among the first candidates while the searched one rose. */
  readonly flags: readonly Flag[];
  readonly range: readonly [low: number, high: number];
}

export interface TraceLine {
  readonly verifier: VerifierRecord;
  /** Which of the theme's series colours: 0 is the searched one's. */
  readonly colour: number;
  /** One value for each of `xs`; null before the first. */
  readonly values: readonly (number | null)[];
  /** Instead of the verifier's name and role. */
  readonly label?: string;
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

/** Another search, placed on the same axis. */
export interface Overlay {
  readonly name: string;
  readonly model: RunModel;
  readonly axis: ComputeAxis;
}

export function tracesOf(model: RunModel, axis: ComputeAxis, overlays: readonly Overlay[] = []): Traces {
  const { searched } = model;
  const steps = turns(bestSoFar(model, axis));
  const beside = overlays.map((overlay) => ({
    ...overlay,
    steps: turns(bestSoFar(overlay.model, overlay.axis)),
  }));
  const particles = model.record.rounds.flatMap(({ index, particles }) =>
    particles ? [{ x: axis.spans.get(index)?.[1] ?? 0, ...particles }] : [],
  );
  const end = endOf(steps, axis);
  const ends = [end, ...beside.map(({ steps, axis }) => endOf(steps, axis))].flatMap((x) => x ?? []);
  const places = [...steps, ...particles, ...beside.flatMap(({ steps }) => steps)].map(({ x }) => x);
  const xs = [...new Set(places.concat(ends))].sort((a, b) => a - b);
  const falls = fallsOf(model);
  const lines = linesOf(xs, [searched, ...model.heldOut], steps, end);
  const dots = model.record.candidates.flatMap((candidate): Dot[] => {
    const y = candidate.scores[searched.name];
    return y === undefined ? [] : [{ x: axis.place(candidate), y, candidate }];
  });
  const drawn = lines.filter(({ values }, i) => i === 0 || values.some((value) => value !== null));
  const panels = groupByScale(drawn).map((group): TracePanel => {
    const over = beside.flatMap((other, i) => overlaidLines(xs, other, group, lines.length + i));
    return {
      ...panelOf([...group, ...over], group.includes(lines[0]!) ? dots : []),
      bands: group.includes(lines[0]!) ? bandsOf(model, axis) : [],
      flags: group.flatMap((line) => flagOf(xs, line, falls)),
    };
  });
  if (particles.length > 0) panels.push(particlePanel(xs, particles));
  return { xs, panels };
}

type Step = { readonly x: number; readonly best: CandidateRecord | undefined };

/** Where a run's lines end. */
function endOf(steps: readonly Step[], axis: ComputeAxis): number | undefined {
  const last = steps.at(-1);
  return last && Math.max(last.x, axis.spent);
}

/** One for each verifier: its score of the best so far, up to where the run has come. */
function linesOf(
  xs: readonly number[],
  verifiers: readonly VerifierRecord[],
  steps: readonly Step[],
  end = -Infinity,
): TraceLine[] {
  const bests = held(xs, steps).map((step, i) => (xs[i]! <= end ? step?.best : undefined));
  return verifiers.map((verifier, colour) => ({
    verifier,
    colour,
    values: bests.map((best) => best?.scores[verifier.name] ?? null),
  }));
}

/** The other run's lines of those verifiers that the panel shows, solid and dashed as they were in *that* run, all of one colour. */
function overlaidLines(
  xs: readonly number[],
  { name, model, axis, steps }: Overlay & { readonly steps: readonly Step[] },
  panel: readonly TraceLine[],
  colour: number,
): TraceLine[] {
  const shared = [model.searched, ...model.heldOut].filter((own) =>
    panel.some(({ verifier }) => verifier.name === own.name),
  );
  const lines = linesOf(xs, shared, steps, endOf(steps, axis));
  return lines.map((line, i) => ({ ...line, colour, label: i === 0 ? name : "" }));
}

/** More points than a screen has pixels: of those the ones at which something changes, and the last. The line is the same. */
const MANY = 2000;

function turns<T extends { readonly best: unknown }>(steps: readonly T[]): readonly T[] {
  if (steps.length <= MANY) return steps;
  return steps.filter(({ best }, i) => i === steps.length - 1 || best !== steps[i - 1]?.best);
}

/** For each of `xs` the latest of the steps, which ascend. */
function held<T extends { readonly x: number }>(
  xs: readonly number[],
  steps: readonly T[],
): (T | undefined)[] {
  let next = 0;
  return xs.map((x) => {
    while (next < steps.length && steps[next]!.x <= x) next++;
    return steps[next - 1];
  });
}

/** Effective sample size and unique ancestors, of the particles' number: 1 is all of them. */
function particlePanel(
  xs: readonly number[],
  particles: readonly (ParticleRecord & { readonly x: number })[],
): TracePanel {
  const latest = held(xs, particles);
  const line = (label: string, colour: number, of: (one: ParticleRecord) => number): TraceLine => ({
    ...{ label, colour },
    verifier: { name: label, role: colour === 3 ? "searched" : "held-out", direction: "higher" },
    values: latest.map((one) => (one && one.count > 0 ? of(one) / one.count : null)),
  });
  const lines = [line("ESS", 3, ({ ess }) => ess), line("ancestors", 4, ({ ancestors }) => ancestors)];
  return { lines, dots: [], bands: [], flags: [], range: [0, 1.06] };
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

function panelOf(lines: readonly TraceLine[], dots: readonly Dot[]): Omit<TracePanel, "bands" | "flags"> {
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
