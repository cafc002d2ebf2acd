import { InputError } from "../inputError.js";
import { betaQuantile } from "./betaQuantile.js";
import { flag, realOrNull } from "./fields.js";
import { f } from "./float32.js";
import { linspace } from "./numpy.js";
import { numpyLog } from "./numpyLog.js";

/** Fields that replace the noise levels between the ends; `sigma_min` and `sigma_max` move the ends. */
export function sigmaSpacingFields() {
  return {
    use_karras_sigmas: flag(false),
    use_exponential_sigmas: flag(false),
    use_beta_sigmas: flag(false),
    sigma_min: realOrNull(),
    sigma_max: realOrNull(),
  };
}

export interface SigmaSpacingOptions {
  readonly use_karras_sigmas: boolean;
  readonly use_exponential_sigmas: boolean;
  readonly use_beta_sigmas: boolean;
  readonly sigma_min: number | null;
  readonly sigma_max: number | null;
}

export type SigmaSpacing = "karras" | "exponential" | "beta";

/** The one that is switched on. */
export function sigmaSpacingOf(name: string, options: SigmaSpacingOptions): SigmaSpacing | undefined {
  const on = (["karras", "exponential", "beta"] as const).filter((each) => options[`use_${each}_sigmas`]);
  if (on.length < 2) return on[0];
  throw new InputError(
    `${name} has ${on.map((each) => `use_${each}_sigmas`).join(" and ")} on, but only one of them can be.`,
  );
}

/** `steps` noise levels from `high` down to `low`, or between the configured ends. In double. */
export function respaced(
  spacing: SigmaSpacing,
  options: Pick<SigmaSpacingOptions, "sigma_min" | "sigma_max">,
  high: number,
  low: number,
  steps: number,
): Float64Array {
  const max = options.sigma_max ?? high;
  const min = options.sigma_min ?? low;
  switch (spacing) {
    case "karras":
      return karras(max, min, steps);
    case "exponential":
      return linspace(Math.log(max), Math.log(min), steps).map(Math.exp);
    case "beta":
      return linspace(0, 1, steps).map((t) => min + betaQuantile(1 - t, 0.6, 0.6) * (max - min));
  }
}

/** Karras et al. 2022, equation 5. */
export function karras(max: number, min: number, steps: number, rho = 7): Float64Array {
  const high = max ** (1 / rho);
  const low = min ** (1 / rho);
  return linspace(0, 1, steps).map((ramp) => (high + ramp * (low - high)) ** rho);
}

/** The logarithms that timesteps are looked up in; float32, as the table of sigmas is. */
export function logTable(sigmas: Float32Array): Float32Array {
  return sigmas.map(numpyLog);
}

/** Timestep of a noise level by linear interpolation of log sigma over the training timesteps (`_sigma_to_t`). */
export function timestepOf(sigma: number, logs: Float32Array): number {
  const log = Math.log(Math.max(sigma, 1e-10));
  const low = lowIndex(log, logs);
  const weight = Math.min(Math.max((logs[low]! - log) / (logs[low]! - logs[low + 1]!), 0), 1);
  return (1 - weight) * low + weight * (low + 1);
}

/** `_sigma_to_t` where the level is a float32 already. */
export function timestepOf32(sigma: number, logs: Float32Array): number {
  const value = numpyLog(Math.max(sigma, f(1e-10)));
  const low = lowIndex(value, logs);
  const share = f(f(logs[low]! - value) / f(logs[low]! - logs[low + 1]!));
  const weight = Math.min(Math.max(share, 0), 1);
  return f(1 - weight) * low + weight * (low + 1);
}

/** The last entry that is not above `log`, but never the very last. */
function lowIndex(log: number, logs: Float32Array): number {
  let low = 0;
  for (let i = 0; i < logs.length; i++) if (log - logs[i]! >= 0) low = i;
  return Math.min(low, logs.length - 2);
}

/** Noise level of any timestep, whole or not, where no schedule says it. */
export function sigmaAt(timestep: number, sigmas: Float32Array, logarithmic: boolean): number {
  const t = Math.min(Math.max(timestep, 0), sigmas.length - 1);
  const at = Math.min(Math.floor(t), sigmas.length - 2);
  const [low, high] = [sigmas[at]!, sigmas[at + 1]!];
  return logarithmic ? low * (high / low) ** (t - at) : low + (high - low) * (t - at);
}
