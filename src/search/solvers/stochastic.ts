import type { Denoiser } from "../engine/denoiser.js";
import type { NoiseKey } from "../engine/engine.js";
import { normals } from "../random/normals.js";
import { uniforms } from "../random/uniforms.js";
import { bridge } from "../schedules/bridge.js";
import type { Tensor } from "../tensor.js";

/** The chance of one sample's step. */
export interface StepChance {
  readonly key: NoiseKey;
  /** Stands for the z that the key would give. */
  readonly noise?: Float32Array;
}

/**
 * One stochastic step of a batch from `level` down to `next`: a clean sample, then the bridge to it (schedules/bridge.ts). The clean sample is
 * the x0-prediction x - s v; with `exact`, a draw from the model's own posterior, and then the step has the law of the reverse process
 * whatever its length. Each sample draws from its own key: it does not depend on the batch.
 */
export function stochasticStep(
  x: Tensor,
  velocity: Tensor,
  level: number,
  next: number,
  eta: number,
  chances: readonly StepChance[],
  exact?: NonNullable<Denoiser["posterior"]>,
): Tensor {
  const count = chances.length;
  const size = x.data.length / count;
  const { clean, state, deviation } = bridge(level, next, eta);
  const draw = (i: number, what: string): NoiseKey => {
    const { seed, path } = chances[i]!.key;
    return { seed, path: `${path}/${what}` };
  };
  const sample = exact?.(x.data, count, level, (i) => ({
    uniform: uniforms(draw(i, "k"), 1)[0]!,
    normals: normals(draw(i, "x0"), size),
  }));
  const data = new Float32Array(x.data.length);
  for (let i = 0; i < count; i++) {
    const z = deviation > 0 ? (chances[i]!.noise ?? normals(draw(i, "z"), size)) : undefined;
    for (let j = i * size, k = 0; k < size; j++, k++) {
      const x0 = sample ? sample[j]! : x.data[j]! - level * velocity.data[j]!;
      data[j] = clean * x0 + state * x.data[j]! + (z ? deviation * z[k]! : 0);
    }
  }
  return { data, shape: x.shape };
}
