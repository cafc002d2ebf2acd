import { bridge } from "../schedules/bridge.js";
import type { Course } from "../solvers/course.js";

/**
 * A step that is affine in the state and in the model's output there: next = keep x + slope out + add z. Euler's is, and those of the
 * stochastic samplers; one that evaluates the model twice is not.
 */
export interface AffineStep {
  /** Where the model is evaluated. */
  readonly level: number;
  readonly keep: number;
  readonly slope: number;
  /** Scale of z; 0 in a step without chance. */
  readonly add: number;
  /** z of the whole batch, standard normals; asked for once, when the step is due. */
  readonly noise?: () => Float32Array;
}

/** Euler's steps through `levels` of the flow path: x + (next - level) v. */
export function eulerSteps(levels: readonly number[]): AffineStep[] {
  return levels.slice(1).map((next, i) => {
    const level = levels[i]!;
    return { level, keep: 1, slope: next - level, add: 0 };
  });
}

/** The steps of `stochasticStep` (solvers/stochastic.ts) through `levels`: the x0-prediction, which is affine, then the bridge. */
export function bridgeSteps(
  course: Course,
  levels: readonly number[],
  eta: number,
  noise: (step: number) => Float32Array,
): AffineStep[] {
  return levels.slice(1).map((next, step) => {
    const level = levels[step]!;
    const { clean, state, deviation } = bridge(course.point(level), course.point(next), eta);
    const predict = course.clean(level);
    const affine = { level, keep: clean * predict(1, 0) + state, slope: clean * predict(0, 1) };
    if (deviation <= 0) return { ...affine, add: 0 };
    return { ...affine, add: deviation, noise: () => noise(step) };
  });
}
