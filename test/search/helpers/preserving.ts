import { brightness } from "../../../src/search/analytic/pixelScorers.js";
import { address } from "../../../src/search/engine/tensorId.js";
import {
  LocalEngine,
  type Decoder,
  type Denoiser,
  type DiffusersSchedulerConfig,
  type EngineModel,
} from "../../../src/search/index.js";
import { preservingPath } from "../../../src/search/schedules/noisePath.js";
import { trainedSignal } from "../../../src/search/schedulers/schedulerFromConfig.js";

export type Preserving = "epsilon" | "v" | "sample";

/** How Stable Diffusion was trained. */
export const TRAINED: DiffusersSchedulerConfig = {
  _class_name: "PNDMScheduler",
  ...{ num_train_timesteps: 1000, beta_start: 0.00085, beta_end: 0.012, beta_schedule: "scaled_linear" },
  ...{ skip_prk_steps: true, set_alpha_to_one: false, steps_offset: 1 },
};

/** How Playground 2.5 was. */
export const TRAINED_EDM: DiffusersSchedulerConfig = {
  _class_name: "EDMDPMSolverMultistepScheduler",
  ...{ sigma_min: 0.002, sigma_max: 80, sigma_data: 0.5, rho: 7, num_train_timesteps: 1000 },
  ...{ solver_order: 2, final_sigmas_type: "zero", prediction_type: "epsilon" },
};

export const MEAN = 0.4;
export const DEVIATION = 0.3;
/** By which a class moves the mean. */
export const SHIFT = 0.25;

/**
 * What a perfect network gives for x0 ~ N(mean, deviation^2) under variance-preserving noise, at the timestep that it is told: E[x0 | x] =
 * m + a d^2 (x - a m) / (a^2 d^2 + s^2).
 */
export function perfect(prediction: Preserving, trained: DiffusersSchedulerConfig = TRAINED) {
  if (trained._class_name.startsWith("EDM")) return preconditioned(prediction);
  const path = preservingPath(trainedSignal(trained));
  return (x: Float32Array, timestep: number, mean = MEAN): Float32Array => {
    const { signal: a, noise: s } = path.point((timestep + 1) / 1000);
    const variance = DEVIATION ** 2;
    const gain = (a * variance) / (a * a * variance + s * s);
    return x.map((value) => {
      const x0 = mean + gain * (value - a * mean);
      const epsilon = (value - a * x0) / s;
      return prediction === "sample" ? x0 : prediction === "epsilon" ? epsilon : a * epsilon - s * x0;
    });
  };
}

/** The same under EDM's preconditioning, of x0 + sigma z: E[x0 | x] = c_skip x + c_out F (Karras et al. 2022, table 1). */
function preconditioned(prediction: Preserving) {
  return (x: Float32Array, noise: number, mean = MEAN): Float32Array => {
    const sigma = Math.exp(4 * noise);
    const all = sigma ** 2 + 0.25;
    const out = ((prediction === "v" ? -1 : 1) * sigma * 0.5) / Math.sqrt(all);
    return x.map((shown) => {
      const value = shown * Math.sqrt(all);
      const x0 = mean + (DEVIATION ** 2 / (DEVIATION ** 2 + sigma ** 2)) * (value - mean);
      return (x0 - (0.25 / all) * value) / out;
    });
  };
}

export function preservingDenoiser(
  prediction: Preserving,
  trained: DiffusersSchedulerConfig = TRAINED,
): Denoiser {
  const network = perfect(prediction, trained);
  return {
    async velocity(x, count, timestep, conditions) {
      const size = x.length / count;
      const output = new Float32Array(x.length);
      for (let i = 0; i < count; i++) {
        const mean = MEAN + SHIFT * (conditions[i]?.label ?? -1);
        const part = x.slice(i * size, (i + 1) * size);
        output.set(network(part, timestep, conditions[i] ? mean : MEAN), i * size);
      }
      return output;
    },
    async dispose() {},
  };
}

export interface PreservingOptions {
  readonly prediction?: Preserving;
  readonly trained?: DiffusersSchedulerConfig;
  readonly batch?: number;
  readonly wrap?: (denoiser: Denoiser) => Denoiser;
  readonly more?: Partial<EngineModel>;
  readonly decoder?: Decoder;
  readonly previewDecoder?: Decoder;
}

/** One Gaussian behind a network of this prediction; latents are [1, 4, 4], and images the same. Classes "low", "middle" and "high". */
export function preservingEngine({
  prediction = "epsilon",
  trained = TRAINED,
  batch = 16,
  wrap = (denoiser) => denoiser,
  more = {},
  decoder,
  previewDecoder,
}: PreservingOptions = {}): LocalEngine {
  const scorers = [brightness()];
  return new LocalEngine({
    model: {
      ...{ name: "preserving", version: "1", licence: "MIT", parameters: 0 },
      sha256: address(["preserving", prediction, trained]),
      ...{ image: [1, 4, 4], latent: [1, 4, 4], prediction, textConditioned: false },
      scheduler: trained,
      labels: ["low", "middle", "high"],
      defaults: { solver: trained === TRAINED ? "ddim" : trained._class_name, steps: 10, guidance: 1 },
      verifiers: scorers,
      ...more,
    },
    device: { provider: "cpu", fallbackOperators: [], batch, threads: 1 },
    denoiser: wrap(preservingDenoiser(prediction, trained)),
    scorers,
    ...(decoder ? { decoder } : {}),
    ...(previewDecoder ? { previewDecoder } : {}),
  });
}
