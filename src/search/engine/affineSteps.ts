import type { TripChance } from "../solvers/stochastic.js";
import { bridge } from "../schedules/bridge.js";
import { normalsOf } from "../random/normals.js";

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

/**
 * The steps of `stochasticStep` (solvers/stochastic.ts) through `levels` of the flow path, with the same chance: x0 = x - s v, then the
 * bridge, clean x0 + state x + deviation z. `size`: values of one state.
 */
export function stochasticSteps(
  levels: readonly number[],
  eta: number,
  chances: readonly TripChance[],
  size: number,
): AffineStep[] {
  return levels.slice(1).map((next, step) => {
    const level = levels[step]!;
    const { clean, state, deviation } = bridge(level, next, eta);
    const affine = { level, keep: clean + state, slope: -clean * level, add: deviation };
    if (deviation <= 0) return { ...affine, add: 0 };
    const noise = (): Float32Array => {
      const data = new Float32Array(chances.length * size);
      chances.forEach(({ blocks, noise }, i) =>
        data.set((step === 0 ? noise : undefined) ?? normalsOf(blocks, size, 3 * step + 2), i * size),
      );
      return data;
    };
    return { ...affine, noise };
  });
}
