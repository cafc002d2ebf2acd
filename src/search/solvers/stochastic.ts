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
  /** Standard normals of the whole batch; asked for only where the step adds noise. */
  readonly noise: () => Float32Array;
  /** Memory for the state that comes out, as large as `x` and not that of `x`. */
  readonly into?: Float32Array;
}

/** One stochastic step of a batch [B, C, H, W]: a clean sample, then the bridge to it (schedules/bridge.ts). */
export function stochasticStep(x: Tensor, output: Tensor, step: StochasticStep): Tensor {
  const { from, to, eta, clean: predict, posterior, noise } = step;
  const { clean, state, deviation } = bridge(from, to, eta);
  const z = deviation > 0 ? noise() : undefined;
  const data = step.into ?? new Float32Array(x.data.length);
  for (let i = 0; i < data.length; i++) {
    const x0 = posterior ? posterior[i]! : predict(x.data[i]!, output.data[i]!);
    data[i] = clean * x0 + state * x.data[i]! + (z ? deviation * z[i]! : 0);
  }
  return { data, shape: x.shape };
}
