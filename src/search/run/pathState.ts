import { InputError } from "../inputError.js";
import type { DenoiseJob, TensorId } from "../engine/engine.js";
import { denoiseId } from "../engine/tensorId.js";
import type { Sampling } from "../sampling.js";
import { plainOf, type SolverSpec } from "../solvers/solverSpec.js";
import type { Node } from "./node.js";

/** A place on the path of a lineage, and how its x0-prediction is had. */
export type PathState = Stand | Passed;

/** A state that the search had, or one beside the levels of its way. */
export interface Stand {
  readonly node: Node;
  readonly level: number;
  readonly state: TensorId;
  /** What makes the state where the search did not stop, one after the other. */
  readonly jobs: readonly DenoiseJob[];
  /** The way of the network's evaluation there. */
  readonly evaluation: Evaluation;
}

/** Between the ends of a way, at a level where the network was evaluated: made again, the way has the same evaluation. */
export interface Passed {
  readonly node: Node;
  readonly level: number;
  readonly way: DenoiseJob;
}

export type Evaluation = Pick<DenoiseJob, "solver" | "guidance" | "rescale" | "condition">;

/** Levels are equal below this. */
const SAME = 1e-6;
const same = (a: number, b: number): boolean => Math.abs(a - b) <= SAME;

/**
 * Where the lineage of `node` was at `level`: of a path that goes back by renoising, the latest time. A level beside those that its way has
 * is one step of Euler's method below the level above it, whatever the solver: there the search had nothing.
 */
export function pathState(node: Node, level: number, sampling: Sampling, model: string): PathState {
  if (!(level >= 0 && level <= 1)) throw new InputError(`preview: level ${level} is not from 0 to 1.`);
  for (let at: Node | undefined = node; at; at = at.parents[0]) {
    if (level < at.level - SAME) break;
    if (level > at.from + SAME) continue;
    if (same(level, at.level)) {
      const { guided, condition, plain } = sampling;
      const evaluation = {
        solver: plain,
        ...guided,
        ...(condition ? { condition: condition.condition } : {}),
      };
      return { node: at, level: at.level, state: at.state, jobs: [], evaluation };
    }
    const way = at.ways.findLast(({ levels }) => levels[0]! >= level - SAME);
    if (way) return onWay(at, way, level, model);
  }
  throw new InputError(`preview: the path of ${node.id} is not known at level ${level}.`);
}

function onWay(node: Node, way: DenoiseJob, level: number, model: string): PathState {
  const { from, levels, solver, guidance, rescale, condition } = way;
  const evaluation = {
    ...{ solver: plainOf(solver), guidance },
    ...(rescale === undefined ? {} : { rescale }),
    ...(condition ? { condition } : {}),
  };
  const passed = levels.findIndex((one) => same(one, level));
  if (passed === 0) return { node, level: levels[0]!, state: from, jobs: [], evaluation };
  if (passed > 0) return { node, level: levels[passed]!, way };
  const above = levels.filter((one) => one > level);
  const start = above.length > 1 ? shortened(way, above, model) : undefined;
  const before = start?.id ?? from;
  const hop = { ...evaluation, levels: [above.at(-1)!, level] };
  const last = { id: denoiseId(model, before, hop), from: before, ...hop };
  return { node, level, state: last.id, jobs: start ? [start, last] : [last], evaluation };
}

/** The beginning of a way: the same steps with the same noise, as far as the last of `levels`. */
export function shortened(way: DenoiseJob, levels: readonly number[], model: string): DenoiseJob {
  const { from, solver, guidance, rescale, condition, stochastic } = way;
  const parameters: { solver: SolverSpec } & Omit<DenoiseJob, "id" | "from"> = {
    ...{ solver, levels, guidance },
    ...(rescale === undefined ? {} : { rescale }),
    ...(condition ? { condition } : {}),
    ...(stochastic ? { stochastic } : {}),
  };
  return { id: denoiseId(model, from, parameters), from, ...parameters };
}
