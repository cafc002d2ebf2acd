import { bridge } from "../schedules/bridge.js";
import type { CleanSample } from "../schedules/cleanSample.js";
import type { PathPoint } from "../schedules/pathPoint.js";
import type { Tensor } from "../tensor.js";

/** From a state on its noise path to the next point, with the share eta^2 of the posterior's variance. */
export interface StochasticStep {
  readonly from: PathPoint;
  readonly to: PathPoint;
  readonly eta: number;
  /** The x0-prediction from the state and what the network gave for it. */
  readonly clean: CleanSample;
  /** Instead of the prediction: clean samples drawn from the model's own posterior. Then the step has the law of the reverse process whatever its length. */
  readonly posterior?: Float32Array;
  /** Standard normals of each sample; asked for only where the step adds noise. */
  readonly noise: (sample: number) => Float32Array;
}

/** One stochastic step of a batch [B, C, H, W]: a clean sample, then the bridge to it (schedules/bridge.ts). */
export function stochasticStep(x: Tensor, output: Tensor, step: StochasticStep): Tensor {
  const { from, to, eta, clean: predict, posterior, noise } = step;
  const count = x.shape[0]!;
  const size = x.data.length / count;
  const { clean, state, deviation } = bridge(from, to, eta);
  const data = new Float32Array(x.data.length);
  for (let i = 0; i < count; i++) {
    const z = deviation > 0 ? noise(i) : undefined;
    for (let j = i * size, k = 0; k < size; j++, k++) {
      const x0 = posterior ? posterior[j]! : predict(x.data[j]!, output.data[j]!);
      data[j] = clean * x0 + state * x.data[j]! + (z ? deviation * z[k]! : 0);
    }
  }
  return { data, shape: x.shape };
}
