import type { CandidateRecord } from "../../src/search/record.js";
import type { ComputeAxis } from "../axis.js";
import { levelText } from "../branches/layout.js";
import type { RoundGroup, RunModel } from "../state/model.js";

/** What the tree needs of an axis. */
export type TreeAxis = Pick<ComputeAxis, "max" | "spans" | "next" | "ticks">;

/** The tree with a column for each noise level at which candidates began, from noise to clean, in place of one for each round. */
export interface LevelTree {
  readonly model: RunModel;
  readonly axis: TreeAxis;
  /** Of each column, in order; the column ends at the axis' tick of the same place. */
  readonly labels: readonly string[];
}

/** Undefined where all of them began at one level: there is nothing to tell apart. */
export function levelTree(model: RunModel): LevelTree | undefined {
  let tree = known.get(model);
  if (!known.has(model)) known.set(model, (tree = treeOf(model)));
  return tree;
}

/** It is asked for at each frame. */
const known = new WeakMap<RunModel, LevelTree | undefined>();

function treeOf(model: RunModel): LevelTree | undefined {
  const { candidates } = model.record;
  // Of a hundred thousand draws each one begins as noise: that is soon seen.
  if (candidates.every(({ from }) => from === candidates[0]!.from)) return undefined;
  const byLevel = new Map<string, CandidateRecord[]>();
  for (const candidate of candidates) {
    const level = levelText(candidate.from);
    const group = byLevel.get(level);
    if (group) group.push(candidate);
    else byLevel.set(level, [candidate]);
  }
  if (byLevel.size < 2) return undefined;
  const columns = [...byLevel].sort(([a], [b]) => Number(b) - Number(a));
  const groups = columns.map(([, candidates], i): RoundGroup => ({
    index: i + 1,
    candidates,
    round: undefined,
  }));
  return {
    // Without rounds nothing is expected: what is there is the whole column.
    model: { ...model, groups, record: { ...model.record, rounds: [] } },
    axis: {
      max: columns.length,
      spans: new Map(columns.map((_, i) => [i + 1, [i, i + 1] as const])),
      next: undefined,
      ticks: columns.map((_, i) => i + 1),
    },
    labels: columns.map(([level], i) => (i === 0 ? `level ${level}` : level)),
  };
}
