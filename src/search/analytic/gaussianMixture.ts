import type { EngineModel } from "../engine/engine.js";
import type { Denoiser } from "../engine/denoiser.js";
import { LocalEngine, type EngineStorage } from "../engine/localEngine.js";
import { address } from "../engine/tensorId.js";
import { linearScorer } from "./linearReward.js";
import { mixturePosterior, parseMixture, type Mixture } from "./mixture.js";
import { tiltedTarget, type TiltedTarget } from "./tiltedTarget.js";

/** A model that is known in closed form. */
export interface AnalyticModel extends Mixture {
  readonly kind: "gaussian-mixture";
  /**
   * What sampling by the reward r(x0) = x0 . direction (all ones by default) at `temperature` T (1) should give: p(x0) exp(r(x0) / T) / Z.
   */
  target(request?: { readonly direction?: readonly number[]; readonly temperature?: number }): TiltedTarget;
  /** An engine of its own, for `new Session(model.open())`. */
  open(options?: GaussianMixtureOptions): LocalEngine;
}

export interface GaussianMixtureOptions {
  readonly batch?: number;
  /** Wraps the denoiser, e.g. to count its passes. */
  readonly wrap?: (denoiser: Denoiser) => Denoiser;
  readonly storage?: EngineStorage;
}

const BATCH = 256;

/**
 * A diffusion whose score, posterior and reward-tilted target are known exactly: x0 ~ sum w_k N(mean_k, variance_k I), flow-matching levels,
 * states [d, 1, 1]. `eta: 1` draws from the exact reverse kernel between any two levels; the ODE of one Gaussian is x0 = mean + deviation x1.
 * Its verifier "linear" is the sum of the state. It needs no file and no runtime.
 */
export function gaussianMixture(parameters: {
  readonly weights: readonly number[];
  readonly means: readonly (readonly number[])[];
  readonly variances: readonly number[];
}): AnalyticModel {
  const mixture = parseMixture(parameters);
  return {
    kind: "gaussian-mixture",
    ...mixture,
    target: ({ direction, temperature = 1 } = {}) => tiltedTarget(mixture, direction, temperature),
    open: (options) => open(mixture, options),
  };
}

export function isAnalyticModel(value: unknown): value is AnalyticModel {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "gaussian-mixture" &&
    "open" in value
  );
}

function open(
  mixture: Mixture,
  { batch = BATCH, wrap = (denoiser) => denoiser, storage = {} }: GaussianMixtureOptions = {},
): LocalEngine {
  const dimension = mixture.means[0]!.length;
  const shape = [dimension, 1, 1] as const;
  const scorers = [linearScorer()];
  const model: EngineModel = {
    name: "gaussian mixture",
    version: "1.0.0",
    sha256: address(["gaussian-mixture", mixture]),
    image: shape,
    latent: shape,
    licence: "MIT",
    parameters: 0,
    prediction: "flow",
    textConditioned: false,
    defaults: { solver: "euler", steps: 8, guidance: 1 },
    verifiers: scorers.map(({ name, direction, needsCondition, sha256, sees }) => ({
      ...{ name, direction, needsCondition, sha256 },
      ...(sees ? { sees } : {}),
    })),
  };
  const device = { provider: "cpu", fallbackOperators: [], batch, threads: 1 };
  return new LocalEngine({ model, device, denoiser: wrap(mixtureDenoiser(mixture)), scorers, storage });
}

/** Velocity v = (x - E[x0 | x]) / s, and exact draws from p(x0 | x). */
export function mixtureDenoiser(mixture: Mixture): Denoiser {
  return {
    async velocity(x, count, level) {
      const size = x.length / count;
      const v = new Float32Array(x.length);
      for (let sample = 0; sample < count; sample++) {
        const start = sample * size;
        const state = x.subarray(start, start + size);
        const { gammas, meanOf } = mixturePosterior(mixture, state, level);
        for (let j = 0; j < size; j++) {
          let mean = 0;
          for (let k = 0; k < gammas.length; k++) mean += gammas[k]! * meanOf(k, j);
          // At level 0 the state is its own clean sample, and the velocity -E[x0] + x0 over 0 has the limit -x0.
          v[start + j] = level > 0 ? (state[j]! - mean) / level : -state[j]!;
        }
      }
      return v;
    },
    posterior(x, count, level, chance) {
      const size = x.length / count;
      const clean = new Float32Array(x.length);
      for (let sample = 0; sample < count; sample++) {
        const start = sample * size;
        const { gammas, meanOf, varianceOf } = mixturePosterior(
          mixture,
          x.subarray(start, start + size),
          level,
        );
        const { uniform, normals } = chance(sample);
        let k = 0;
        for (let rest = uniform - gammas[0]!; rest >= 0 && k < gammas.length - 1;) rest -= gammas[++k]!;
        const deviation = Math.sqrt(varianceOf(k));
        for (let j = 0; j < size; j++) clean[start + j] = meanOf(k, j) + deviation * normals[j]!;
      }
      return clean;
    },
    async dispose() {},
  };
}
