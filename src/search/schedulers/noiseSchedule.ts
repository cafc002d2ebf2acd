import { InputError } from "../inputError.js";
import { choice, listOrNull, real, whole } from "./fields.js";
import { f, linspace32, sqrt } from "./float32.js";

/** The fields by which a diffusers configuration describes the noise that a model was trained with. */
export function noiseFields<S extends string>(start: number, end: number, name: S, names: readonly S[]) {
  return {
    num_train_timesteps: whole(1000, 1, 100_000),
    beta_start: real(start),
    beta_end: real(end),
    beta_schedule: choice<S>(name, names),
    trained_betas: listOrNull(),
  };
}

/** Those of most schedulers; DDPM and Heun know more. */
export const BETA_SCHEDULES = ["linear", "scaled_linear", "squaredcos_cap_v2"] as const;
type BetaSchedule = (typeof BETA_SCHEDULES)[number] | "sigmoid" | "laplace" | "exp";

export interface NoiseOptions {
  readonly num_train_timesteps: number;
  readonly beta_start: number;
  readonly beta_end: number;
  readonly beta_schedule: BetaSchedule;
  readonly trained_betas: readonly number[] | null;
  /** Lin et al. 2024 (arXiv 2305.08891): the last step is pure noise. */
  readonly rescale_betas_zero_snr?: boolean;
}

/** abar_t, the share of the signal in the variance at each training timestep, as the float32 table that diffusers has. */
export function signalTable(options: NoiseOptions): Float32Array {
  const given = betasOf(options);
  if (!given.every((beta) => beta >= 0 && beta < 1)) {
    throw new InputError(
      "These betas leave the range from 0 to 1. Check beta_start, beta_end and trained_betas.",
    );
  }
  const betas = options.rescale_betas_zero_snr ? rescaled(given) : given;
  return cumulativeProduct(betas.map((beta) => 1 - beta));
}

/** sqrt((1 - abar) / abar): the noise level at each training timestep with the signal's factor taken out. */
export function sigmaTable(abar: Float32Array): Float32Array {
  return abar.map((a) => sqrt(f(f(1 - a) / a)));
}

/**
 * Under zero terminal SNR the last abar is 0 and its sigma infinite: the schedulers that work on sigmas put 2^-24 there
 * (sigma 4096), those that work on abar keep 0.
 */
export function withFiniteEnd(abar: Float32Array, rescale: boolean): Float32Array {
  if (!rescale) return abar;
  const table = abar.slice();
  table[table.length - 1] = 2 ** -24;
  return table;
}

function betasOf(options: NoiseOptions): Float32Array {
  const { num_train_timesteps: count, beta_start: start, beta_end: end, trained_betas: trained } = options;
  if (trained) return trainedBetas(trained, count);
  switch (options.beta_schedule) {
    case "linear":
      return linspace32(start, end, count);
    case "scaled_linear":
      if (start < 0 || end < 0)
        throw new InputError("beta_start and beta_end must not be negative with scaled_linear.");
      return linspace32(Math.sqrt(start), Math.sqrt(end), count).map((root) => root * root);
    case "squaredcos_cap_v2":
      return fromSignal(count, (t) => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2);
    case "exp":
      return fromSignal(count, (t) => Math.exp(t * -12));
    case "laplace":
      return fromSignal(count, (t) => {
        const sign = 0.5 - t < 0 ? -1 : 1;
        const snr = Math.exp(-0.5 * sign * Math.log(1 - 2 * Math.abs(0.5 - t) + 1e-6));
        return Math.sqrt(snr / (1 + snr));
      });
    case "sigmoid":
      return linspace32(-6, 6, count).map((x) => f(f(1 / (1 + Math.exp(-x))) * f(end - start)) + f(start));
  }
}

function trainedBetas(trained: readonly number[], count: number): Float32Array {
  if (trained.length === count) return Float32Array.from(trained);
  throw new InputError(`trained_betas has ${trained.length} numbers, but num_train_timesteps is ${count}.`);
}

function fromSignal(count: number, signal: (t: number) => number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) =>
    Math.min(1 - signal((i + 1) / count) / signal(i / count), 0.999),
  );
}

/** sqrt(abar) is shifted to end at 0 and scaled to begin where it began. */
function rescaled(betas: Float32Array): Float32Array {
  const roots = cumulativeProduct(betas.map((beta) => 1 - beta)).map((a) => Math.sqrt(a));
  const first = roots[0]!;
  const last = roots[roots.length - 1]!;
  const scale = f(first / f(first - last));
  const abar = roots.map((root) => f(f(root - last) * scale) ** 2);
  return abar.map((a, t) => 1 - (t === 0 ? a : f(a / abar[t - 1]!)));
}

/** torch.cumprod on the CPU: accumulated in double, stored as float32. */
function cumulativeProduct(values: Float32Array): Float32Array {
  let product = 1;
  return values.map((value) => (product *= value));
}
