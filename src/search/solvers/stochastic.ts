import type { Denoiser } from "../engine/denoiser.js";
import type { Blocks } from "../random/keyedBlocks.js";
import { normalsOf } from "../random/normals.js";
import { uniformsOf } from "../random/uniforms.js";
import { bridge } from "../schedules/bridge.js";
import type { Tensor } from "../tensor.js";

/** The chance of one sample on its way: each of its steps draws from streams of its own. */
export interface TripChance {
  readonly blocks: Blocks;
  /** Stands for the z of the first step. */
  readonly noise?: Float32Array;
}

/**
 * One stochastic step of a batch from `level` down to `next`, the `step`-th of its way: a clean sample, then the bridge to it
 * (schedules/bridge.ts). The clean sample is the x0-prediction x - s v; with `exact`, a draw from the model's own posterior, and then the step has
 * the law of the reverse process whatever its length. Each sample draws from its own key: it does not depend on the batch.
 */
export function stochasticStep(
  x: Tensor,
  velocity: Tensor,
  [level, next]: readonly [level: number, next: number],
  eta: number,
  step: number,
  chances: readonly TripChance[],
  exact?: NonNullable<Denoiser["posterior"]>,
): Tensor {
  const count = chances.length;
  const size = x.data.length / count;
  const { clean, state, deviation } = bridge(level, next, eta);
  const stream = 3 * step;
  const sample = exact?.(x.data, count, level, (i) => ({
    uniform: uniformsOf(chances[i]!.blocks, 1, stream)[0]!,
    normals: normalsOf(chances[i]!.blocks, size, stream + 1),
  }));
  const data = new Float32Array(x.data.length);
  for (let i = 0; i < count; i++) {
    const { blocks, noise } = chances[i]!;
    const given = step === 0 ? noise : undefined;
    const z = deviation > 0 ? (given ?? normalsOf(blocks, size, stream + 2)) : undefined;
    for (let j = i * size, k = 0; k < size; j++, k++) {
      const x0 = sample ? sample[j]! : x.data[j]! - level * velocity.data[j]!;
      data[j] = clean * x0 + state * x.data[j]! + (z ? deviation * z[k]! : 0);
    }
  }
  return { data, shape: x.shape };
}
