import { InputError } from "../inputError.js";
import { combine, f, sqrt } from "./float32.js";
import type { Schedule } from "./scheduler.js";

/** abar at a training timestep. */
export function signalAt(abar: Float32Array, timestep: number): number {
  const value = abar[timestep];
  if (value !== undefined) return value;
  throw new InputError(
    `Timestep ${timestep} is not one of the ${abar.length} that the model was trained with. ` +
      "Check steps_offset, or take fewer steps.",
  );
}

/** The factors of sample and noise that make a noisy sample of a training timestep. */
export function signalMix(abar: Float32Array): (timestep: number) => readonly [number, number] {
  return (timestep) => {
    const a = signalAt(abar, timestep);
    return [sqrt(a), sqrt(f(1 - a))];
  };
}

/**
 * At zero terminal SNR the state of the first step is pure noise, and dividing it by the signal's factor, 0, gives no number:
 * only v- or sample-prediction works there.
 */
export function refuseNoSignal(
  name: string,
  prediction: string,
  abar: Float32Array,
  timesteps: ArrayLike<number>,
): void {
  if (prediction !== "epsilon" || !Array.from(timesteps).some((t) => abar[t] === 0)) return;
  throw new InputError(
    `${name} with rescale_betas_zero_snr, prediction_type "epsilon" and a schedule that starts at the last training timestep ` +
      'divides by 0, in diffusers too. Use prediction_type "v_prediction" or timestep_spacing "leading".',
  );
}

/** A schedule of whole timesteps, without noise levels of its own. */
export function plainSchedule(timesteps: readonly number[]): Schedule {
  return { timesteps: Float64Array.from(timesteps), initNoiseSigma: 1 };
}

/** mean + deviation noise. */
export function withNoise(mean: Float32Array, deviation: number, noise: Float32Array): Float32Array {
  return combine([1, mean], [deviation, noise]);
}
