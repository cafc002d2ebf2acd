import { InputError } from "../inputError.js";
import type { DenoiseJob, TensorId } from "../engine/engine.js";
import { denoiseId } from "../engine/tensorId.js";
import type { Sampling } from "../sampling.js";
import { levelsBetween } from "../schedules/flow.js";
import type { Node } from "./node.js";

/** A state on the path of a lineage: known by name, and the job that makes it where the search itself did not stop. */
export interface PathState {
  readonly node: Node;
  readonly level: number;
  readonly state: TensorId;
  readonly job?: DenoiseJob;
}

/** Levels are equal below this. */
const SAME = 1e-6;

/**
 * Where the lineage of `node` was at `level`: of a path that goes back by renoising, the latest time. At the ends of a segment that is the
 * search's own state; in between, a deterministic solver gives the same state again.
 */
export function pathState(node: Node, level: number, sampling: Sampling, model: string): PathState {
  if (!(level >= 0 && level <= 1)) throw new InputError(`preview: level ${level} is not from 0 to 1.`);
  for (let at: Node | undefined = node; at; at = at.parents[0]) {
    if (level < at.level - SAME) break;
    if (level > at.from + SAME) continue;
    if (Math.abs(level - at.level) <= SAME) return { node: at, level: at.level, state: at.state };
    const start = startOf(at);
    if (start === undefined) continue;
    if (Math.abs(level - at.from) <= SAME) return { node: at, level: at.from, state: start };
    if (at.isStochastic) continue;
    const { guided, condition, methodAt } = sampling;
    const { solver, isStochastic } = methodAt(0);
    if (isStochastic) continue;
    const parameters = {
      solver,
      levels: levelsBetween(sampling.levels, at.from, level),
      ...guided,
      ...(condition ? { condition: condition.condition } : {}),
    };
    const job = { id: denoiseId(model, start, parameters), from: start, ...parameters };
    return { node: at, level, state: job.id, job };
  }
  throw new InputError(`preview: the path of ${node.id} is not known at level ${level}.`);
}

/** Its own, or its parent's where it stands; a parent that has moved on since does not have it any more. */
function startOf({ origin, from, draw, parents }: Node): TensorId | undefined {
  if (origin) return origin.id;
  if (from === 1) return draw.id;
  const parent = parents[0];
  return parent && Math.abs(parent.level - from) <= SAME ? parent.state : undefined;
}
