import { scaleLinear } from "d3-scale";
import type { CandidateId, CandidateRecord } from "../../src/search/record.js";
import { quality, qualityOf, type RunModel } from "../state/model.js";
import type { PlacedNode, Plot } from "../tree/layout.js";
import { lanesOf } from "./lanes.js";
import { routesOf, type Route } from "./routes.js";

/** Where each lineage runs along the noise level, in CSS pixels: pure noise on the left, clean on the right. Pure. */
export interface BranchLayout {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  /** From one lane to the next. */
  readonly pitch: number;
  readonly branches: readonly Branch[];
  readonly byBranch: ReadonlyMap<CandidateId, Branch>;
  /** Those that are drawn where lanes are thinner than a pixel: of each pixel the best. */
  readonly drawn: readonly Branch[];
  readonly routes: readonly Route[];
  /** Ends of the branches, for the keyboard and the pointer's rings. */
  readonly nodes: readonly PlacedNode[];
  readonly byId: ReadonlyMap<CandidateId, PlacedNode>;
  readonly ticks: readonly LevelTick[];
  levelAt(x: number): number;
  xOf(level: number): number;
}

export interface Branch {
  readonly candidate: CandidateRecord;
  readonly band: number;
  readonly row: number;
  readonly y: number;
  readonly x0: number;
  readonly x1: number;
  /** In pixels: the normalised weight of a particle. */
  readonly width: number;
  /** From left to right; `quality` 0..1 of the score that the stretch ended with. */
  readonly parts: readonly {
    readonly x0: number;
    readonly x1: number;
    readonly quality: number | undefined;
  }[];
}

export interface LevelTick {
  readonly level: number;
  readonly x: number;
  /** Empty where labels would touch. */
  readonly label: string;
}

const PITCH = 30;
/** Height of the axis below, in CSS pixels. */
export const AXIS = 24;
const TOP = 8;

export function layoutBranches(model: RunModel, plot: Plot): BranchLayout {
  const { width, height, left, right } = plot;
  const { candidates } = model.record;
  const { places, counts } = lanesOf(candidates, model.parents);
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const room = height - AXIS - TOP;
  const gutters = Math.max(0, counts.length - 1);
  const gutter = Math.min(
    16,
    Math.max(3, (room * 0.3) / Math.max(1, gutters)),
    room / Math.max(1, 2 * gutters),
  );
  const pitch = rows === 0 ? 1 : Math.min(PITCH, (room - gutters * gutter) / rows);
  const used = rows * pitch + gutters * gutter;
  const top = TOP + (room - used) / 2;
  let lanes = 0;
  const starts = counts.map((count) => (lanes += count) - count);
  const x = scaleLinear([1, 0], [left, right]);
  const weights = weightsOf(candidates);
  const branches = candidates.map((candidate): Branch => {
    const { band, lane } = places.get(candidate.id)!;
    const row = starts[band]! + lane;
    const y = top + (row + 0.5) * pitch + band * gutter;
    const heaviest = Math.max(1, Math.min(5, pitch * 0.5));
    const weight = weights?.get(candidate.id);
    return {
      candidate,
      ...{ band, row, y },
      x0: x(candidate.from),
      x1: x(candidate.level),
      width: weight === undefined ? Math.min(heaviest, 2.5) : Math.max(0.75, heaviest * Math.sqrt(weight)),
      parts: partsOf(model, candidate, x),
    };
  });
  const byBranch = new Map(branches.map((branch) => [branch.candidate.id, branch]));
  const nodes = branches.map(({ candidate, x1, y }): PlacedNode => {
    const size = Math.max(4, Math.min(14, pitch));
    return { candidate, x: x1, y, width: size, height: size };
  });
  return {
    ...{ width, height, left, right, pitch, branches, byBranch, nodes },
    byId: new Map(nodes.map((node) => [node.candidate.id, node])),
    drawn: pitch >= 1 ? branches : thinned(model, branches),
    routes: routesOf(model, byBranch, pitch, gutter),
    ticks: ticksOf(model.record.levels, x),
    levelAt: (at) => Math.min(1, Math.max(0, x.invert(at))),
    xOf: (level) => x(level),
  };
}

/** Stretches between scorings: a preview's score belongs to the way up to it. */
function partsOf(model: RunModel, candidate: CandidateRecord, x: (level: number) => number): Branch["parts"] {
  const { name } = model.coloured;
  const scored = [...(candidate.earlier ?? []), { level: candidate.level, scores: candidate.scores }];
  const parts: { x0: number; x1: number; quality: number | undefined }[] = [];
  let from = candidate.from;
  for (const { level, scores } of scored) {
    if (level > from) continue;
    const score = scores[name];
    parts.push({
      x0: x(from),
      x1: x(level),
      quality: score === undefined ? undefined : qualityOf(model, score),
    });
    from = level;
  }
  return parts;
}

/** Of the particles that stand at one level, the heaviest has 1. Absent for methods without weights. */
function weightsOf(candidates: readonly CandidateRecord[]): ReadonlyMap<CandidateId, number> | undefined {
  const weighted = candidates.filter(({ logWeight }) => logWeight !== undefined);
  if (weighted.length === 0) return undefined;
  const most = new Map<number, number>();
  for (const { level, logWeight } of weighted)
    most.set(level, Math.max(most.get(level) ?? -Infinity, logWeight!));
  return new Map(weighted.map(({ id, level, logWeight }) => [id, Math.exp(logWeight! - most.get(level)!)]));
}

/** One branch for each pixel that several would share; the best lineage always. */
function thinned(model: RunModel, branches: readonly Branch[]): Branch[] {
  const pixels = new Map<string, Branch>();
  const share = ({ candidate }: Branch): number =>
    model.bestLineage.has(candidate.id) ? 2 : (quality(model, candidate) ?? -1);
  for (const branch of branches) {
    const key = `${Math.round(branch.y)}/${Math.round(branch.x0)}/${Math.round(branch.x1)}`;
    const known = pixels.get(key);
    if (!known || share(branch) > share(known)) pixels.set(key, branch);
  }
  return [...pixels.values()];
}

/** The schedule's own values; labels as densely as they can be read, the ends always. */
function ticksOf(levels: readonly number[], x: (level: number) => number): LevelTick[] {
  const all = [...new Set([1, ...levels, 0])]
    .filter((level) => level >= 0 && level <= 1)
    .sort((a, b) => b - a);
  const end = x(0);
  let last = -Infinity;
  return all.map((level) => {
    const at = x(level);
    const fits = level === 0 || (at - last >= 40 && end - at >= 40) || level === 1;
    if (fits) last = at;
    return { level, x: at, label: fits ? levelText(level) : "" };
  });
}

/** Up to three decimals, as many as say something: a schedule's own value is recognised. */
export function levelText(level: number): string {
  return String(Number(level.toFixed(3)));
}
