import type { Handle } from "../engine/op.js";
import { normalised } from "../resampling/weights.js";
import { softBackup } from "./softBackup.js";

/** A state x_t in the tree. The root stands for "before the noise": its children are the starting noises. */
export interface State {
  readonly handle?: Handle;
  /** V-hat: of a clean sample its score. */
  value: number;
  /** N: paths that went through it. */
  visits: number;
  readonly children: State[];
  /** Children that paths of this round are on their way to make. */
  expected: number;
}

/** One path of a round: the states that it was selected through, and those that it is making. */
export interface Walk {
  readonly path: State[];
  readonly made: Handle[];
  /** Where it stands; absent before the noise, and once it has failed. */
  front: Handle | undefined;
  /** Of the selections: - sum log(n q). */
  readonly logWeight: number;
}

export interface Selecting {
  /** T of exp(V / T); undefined: the child of the highest V. */
  readonly temperature?: number;
  readonly maxChildren: number;
  /** A number in [0, 1) for each selection, from the root down. */
  readonly chances: readonly number[];
}

export function newState(handle?: Handle): State {
  return { ...(handle ? { handle } : {}), value: handle?.score ?? 0, visits: 0, children: [], expected: 0 };
}

/**
 * From the root down while a state has all its children, by the values as they are. The visits count at once, so that further paths of the
 * same round widen the tree elsewhere; where it ends above level 0 it is going to make a child.
 */
export function select(root: State, { temperature, maxChildren, chances }: Selecting): Walk {
  const path = [root];
  let state = root;
  let logWeight = 0;
  state.visits++;
  while (isExpanded(state, state === root ? Infinity : maxChildren)) {
    const values = state.children.map(({ value }) => value);
    const { place, q } =
      temperature === undefined ? highest(values) : soft(values, temperature, chances[path.length - 1]!);
    logWeight -= Math.log(values.length * q);
    path.push((state = state.children[place]!));
    state.visits++;
  }
  if (state.handle?.level !== 0) state.expected++;
  return { path, made: [], front: state.handle, logWeight };
}

/** Adds what a walk has made below where it left the tree, if it arrived, and brings the values up to date along its path. */
export function extend({ path, made, front }: Walk, temperature: number): void {
  const parent = path.at(-1)!;
  if (parent.handle?.level !== 0) parent.expected--;
  if (front?.level === 0) {
    for (const handle of made) {
      const next = newState(handle);
      next.visits++;
      path.at(-1)!.children.push(next);
      path.push(next);
    }
  }
  for (const state of path.toReversed()) {
    const values = state.children.map(({ value }) => value);
    if (values.length > 0) state.value = softBackup(values, temperature);
  }
}

/** Progressive widening: whether a state has the children that its visits, the one under way not counted, call for. */
function isExpanded({ handle, visits, children, expected }: State, most: number): boolean {
  if (handle?.level === 0 || children.length === 0) return false;
  return children.length + expected >= Math.min(most, Math.max(1, 2 * Math.sqrt(visits - 1)));
}

interface Selection {
  readonly place: number;
  /** How probable it was. */
  readonly q: number;
}

/** The child that u in [0, 1) falls on, by weights exp(V / T). */
function soft(values: readonly number[], temperature: number, u: number): Selection {
  const odds = normalised(values.map((value) => value / temperature));
  let rest = u;
  const found = odds.findIndex((q) => (rest -= q) < 0);
  const place = found < 0 ? odds.length - 1 : found;
  return { place, q: odds[place]! };
}

function highest(values: readonly number[]): Selection {
  return { place: values.indexOf(Math.max(...values)), q: 1 };
}
