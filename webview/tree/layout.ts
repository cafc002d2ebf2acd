import { scaleLinear } from "d3-scale";
import type { CandidateId, CandidateRecord } from "../../src/search/record.js";
import { descendantsOf } from "../state/descendants.js";
import { quality, type RunModel } from "../state/model.js";
import { bands, grid, largestSize, LARGEST, PICTURE, CELL, strips, type Block } from "./arrange.js";
import { fansOf, type Fan } from "./fans.js";
import { generationsOf } from "./generations.js";
import type { TreeAxis } from "./levels.js";

/** Where each candidate stands, in CSS pixels. Pure: the same record and size give the same picture. */
export interface TreeLayout {
  /** pictures: thumbnails; cells: squares of score colour; strips: a round sorted by score, best on top. */
  readonly tier: "pictures" | "cells" | "strips";
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly nodes: readonly PlacedNode[];
  readonly byId: ReadonlyMap<CandidateId, PlacedNode>;
  readonly planned: readonly Box[];
  /** What is folded, round by round. */
  readonly folds: readonly Fold[];
  readonly links: readonly Link[];
  readonly fans: readonly Fan[];
  readonly ticks: readonly number[];
}

/** Centre and size. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedNode extends Box {
  readonly candidate: CandidateRecord;
}

export interface Fold extends Box {
  readonly round: number;
  /** How many candidates it stands for. */
  readonly hidden: number;
}

export interface Link {
  readonly from: Box;
  readonly to: Box;
  readonly kind: "best" | "plain" | "planned";
}

export interface Plot {
  readonly width: number;
  readonly height: number;
  /** Of the height, what is left free above the nodes. */
  readonly top?: number;
  /** Where the axis begins and ends. */
  readonly left: number;
  readonly right: number;
}

/** More lines than this are a grey cloud: only the best lineage is drawn. */
const MOST_LINKS = 800;

/** `hidden`: candidates that are folded. */
export function layoutTree(
  model: RunModel,
  axis: TreeAxis,
  plot: Plot,
  hidden: ReadonlySet<CandidateId> = new Set(),
): TreeLayout {
  const { top = 0 } = plot;
  const height = plot.height - top;
  const x = scaleLinear([0, axis.max], [plot.left, plot.right]);
  const linked = model.record.candidates.some(
    ({ id, round }) => round > 0 && model.parents.get(id)!.length > 0,
  );
  const blocks = blocksOf(model, axis, x, hidden, linked);
  const filled = blocks.filter(({ count }) => count > 0);
  const sizes = filled.map((block) => largestSize(block, height, linked)).sort((a, b) => a - b);
  // A few narrow rounds must not shrink all the others: one in three.
  const common = Math.min(LARGEST, sizes[Math.floor(sizes.length / 3)] ?? LARGEST);
  const tier = common >= PICTURE ? "pictures" : common >= CELL ? "cells" : "strips";
  const nodes: { -readonly [Key in keyof PlacedNode]: PlacedNode[Key] }[] = [];
  const folds: Fold[] = [];
  let planned: Box[] = [];
  for (const block of blocks) {
    const boxes =
      tier === "strips"
        ? strips(block, height)
        : grid(block, Math.min(common, largestSize(block, height, linked)), tier, height, linked);
    for (const box of boxes) box.y += top;
    if (block.hidden > 0)
      folds.push({ ...boxes[block.count - 1]!, round: block.index, hidden: block.hidden });
    if (block.candidates.length === 0 && block.hidden === 0) planned = tier === "strips" ? [] : boxes;
    else sorted(model, block, tier).forEach((candidate, i) => nodes.push({ candidate, ...boxes[i]! }));
  }
  if (tier === "pictures") sizeByDescent(model, nodes);
  const byId = new Map(nodes.map((node) => [node.candidate.id, node]));
  const joined = linksOf(model, nodes, byId, planned, linked);
  const ticks = axis.ticks.map((value) => x(value));
  return { tier, ...plot, nodes, byId, planned, folds, ...joined, ticks };
}

function blocksOf(
  model: RunModel,
  axis: TreeAxis,
  x: (value: number) => number,
  folded: ReadonlySet<CandidateId>,
  linked: boolean,
): Block[] {
  const blocks: Block[] = model.groups.map(({ index, candidates: all, round }) => {
    const candidates = folded.size === 0 ? all : all.filter(({ id }) => !folded.has(id));
    const hidden = all.length - candidates.length;
    const [start, end] = axis.spans.get(index) ?? [0, 0];
    // A round in work is laid out as large as the last one was, so that nothing moves when it fills.
    const expected = round || index === 0 ? 0 : (model.record.rounds.at(-1)?.candidates.length ?? 0);
    const laidOut = hidden > 0 ? candidates.length + 1 : candidates.length;
    const count = laidOut === 0 || hidden > 0 ? laidOut : Math.max(laidOut, expected);
    const { ordered, sizes } = linked
      ? generationsOf(model, candidates)
      : { ordered: candidates, sizes: [candidates.length] };
    const generations = [...sizes.slice(0, -1), (sizes.at(-1) ?? 0) + count - candidates.length];
    return { index, hidden, candidates: ordered, count, generations, start: x(start), end: x(end) };
  });
  // What exists before the first round stands on the axis' start, with the first round's room.
  const origin = blocks[0];
  if (origin && model.groups[0]?.index === 0) {
    const room = (blocks[1]?.end ?? x(axis.next?.span[1] ?? axis.max)) - origin.end;
    blocks[0] = { ...origin, start: origin.end - room };
  }
  const next = axis.next;
  if (next) {
    const [start, end] = next.span;
    const empty = { index: next.round, hidden: 0, candidates: [] };
    const { count } = next;
    blocks.push({ ...empty, count, generations: [count], start: x(start), end: x(end) });
  }
  return blocks;
}

/** Smallest thumbnail that may be drawn smaller, in CSS pixels, and how much smaller. */
const [SHRUNK, LEAST] = [28, 0.78];

/** The more came of a candidate the larger it is, on a scale of logarithms; the best lineage is as large as any. */
function sizeByDescent(
  model: RunModel,
  nodes: { candidate: CandidateRecord; width: number; height: number }[],
): void {
  const descendants = descendantsOf(model);
  let most = 0;
  for (const count of descendants.values()) most = Math.max(most, count);
  if (most === 0) return;
  for (const node of nodes) {
    const { id } = node.candidate;
    if (node.width < SHRUNK || model.bestLineage.has(id)) continue;
    const share = LEAST + ((1 - LEAST) * Math.log1p(descendants.get(id) ?? 0)) / Math.log1p(most);
    node.width *= share;
    node.height *= share;
  }
}

function sorted(model: RunModel, block: Block, tier: TreeLayout["tier"]): readonly CandidateRecord[] {
  if (tier !== "strips") return block.candidates;
  const rank = (candidate: CandidateRecord): number => quality(model, candidate) ?? -1;
  const ranked = block.candidates.map((candidate) => ({ candidate, rank: rank(candidate) }));
  return bands(block).flatMap(({ from, to }) =>
    ranked
      .slice(from, to)
      .sort((a, b) => b.rank - a.rank)
      .map(({ candidate }) => candidate),
  );
}

function linksOf(
  model: RunModel,
  nodes: readonly PlacedNode[],
  byId: ReadonlyMap<CandidateId, PlacedNode>,
  planned: readonly Box[],
  linked: boolean,
): Pick<TreeLayout, "links" | "fans"> {
  const plain: (Link & { readonly to: PlacedNode })[] = [];
  const best: Link[] = [];
  for (const to of nodes) {
    for (const id of model.parents.get(to.candidate.id) ?? []) {
      const from = byId.get(id);
      if (!from) continue;
      const isBest = model.bestLineage.has(to.candidate.id) && model.bestLineage.has(id);
      if (isBest) best.push({ from, to, kind: "best" });
      else plain.push({ from, to, kind: "plain" });
    }
  }
  const pivot = linked || nodes.length === 1 ? nextPivot(model, byId) : undefined;
  const ahead = pivot ? planned.map((to): Link => ({ from: pivot, to, kind: "planned" })) : [];
  const { lines, fans } = fansOf(plain);
  const links = [...(lines.length > MOST_LINKS ? [] : lines), ...(ahead.length > 64 ? [] : ahead), ...best];
  return { links, fans };
}

/** Where the next round would branch off: what the last round kept, else what stands before the first round. */
function nextPivot(model: RunModel, byId: ReadonlyMap<CandidateId, PlacedNode>): PlacedNode | undefined {
  const last = model.groups.at(-1);
  const kept = last?.candidates.find(
    ({ status }) => status === "kept" || status === "live" || status === "final",
  );
  const pivot = kept ?? model.best;
  return pivot && byId.get(pivot.id);
}
