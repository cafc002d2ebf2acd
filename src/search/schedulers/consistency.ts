import { InputError } from "../inputError.js";
import { SIGNAL_PREDICTIONS } from "./ddim.js";
import { choice, flag, real, whole } from "./fields.js";
import { linspace } from "./numpy.js";
import { BETA_SCHEDULES, noiseFields } from "./noiseSchedule.js";
import { clipFields, type Prediction } from "./prediction.js";
import { spacingFields } from "./spacing.js";

/** The fields that LCM and TCD share; spacing is read and has no effect there. */
export function consistencyFields() {
  return {
    ...noiseFields(0.00085, 0.012, "scaled_linear", BETA_SCHEDULES),
    ...spacingFields("leading"),
    ...clipFields(false),
    original_inference_steps: whole(50, 1),
    timestep_scaling: real(10),
    set_alpha_to_one: flag(true),
    prediction_type: choice<Prediction>("epsilon", SIGNAL_PREDICTIONS),
    rescale_betas_zero_snr: flag(false),
  };
}

/** `steps` of the timesteps that the student was distilled at, evenly from the noisiest on: 4 of 50 are 999, 759, 499, 259. */
export function consistencyTimesteps(
  name: string,
  config: { readonly num_train_timesteps: number; readonly original_inference_steps: number },
  steps: number,
): number[] {
  const { num_train_timesteps: total, original_inference_steps: original } = config;
  if (original > total) {
    throw new InputError(
      `${name}'s original_inference_steps is ${original}, more than the ${total} training timesteps.`,
    );
  }
  if (steps > original) {
    throw new InputError(
      `${name} takes at most original_inference_steps, ${original}, but steps is ${steps}.`,
    );
  }
  const stride = Math.floor(total / original);
  return [...linspace(0, original, steps, false)].map((at) => (original - Math.floor(at)) * stride - 1);
}
