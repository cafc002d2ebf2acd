import { expect, test } from "vitest";
import {
  parseSchedulerJson,
  schedulerFromConfig,
  schedulerNames,
} from "../../../src/search/schedulers/index.js";

const SD = {
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
};

test.each(schedulerNames)("%s has diffusers' defaults for every field, and gives finite levels", (name) => {
  const scheduler = schedulerFromConfig({ _class_name: name });
  expect(scheduler.timesteps(10).every(Number.isFinite)).toBe(true);
  expect(scheduler.sigmas(10)?.every(Number.isFinite) ?? true).toBe(true);
  expect(scheduler.initNoiseSigma).toBeGreaterThanOrEqual(1);
});

test("the configuration of SDXL is taken as it lies on disk, with the fields of the scheduler it was made from", () => {
  const scheduler = schedulerFromConfig({
    _class_name: "EulerDiscreteScheduler",
    _diffusers_version: "0.19.0.dev0",
    ...SD,
    clip_sample: false,
    interpolation_type: "linear",
    prediction_type: "epsilon",
    sample_max_value: 1.0,
    set_alpha_to_one: false,
    skip_prk_steps: true,
    steps_offset: 1,
    timestep_spacing: "leading",
    trained_betas: null,
    use_karras_sigmas: false,
  });
  expect([...scheduler.timesteps(4)]).toEqual([751, 501, 251, 1]);
});

test("fields that diffusers saved as defaults take its default", () => {
  const saved = {
    _class_name: "DDIMScheduler",
    timestep_spacing: "trailing",
    _use_default_values: ["timestep_spacing"],
  };
  expect([...schedulerFromConfig(saved).timesteps(4)]).toEqual([750, 500, 250, 0]);
});

test.each([
  [
    { _class_name: "EulerScheduler" },
    '_class_name "EulerScheduler" is not a scheduler that is known. There is: DDIMScheduler,',
  ],
  [{}, "_class_name undefined is not a scheduler"],
  [null, "configuration is null"],
  [{ _class_name: "DDIMScheduler", eta: 1 }, 'DDIMScheduler has no "eta". It has: num_train_timesteps,'],
  [{ _class_name: "DDIMScheduler", toString: 3 }, 'DDIMScheduler has no "toString".'],
  [{ _class_name: "EDMEulerScheduler", constructor: 1 }, 'EDMEulerScheduler has no "constructor".'],
  [
    { _class_name: "EDMEulerScheduler", beta_start: 1 },
    'EDMEulerScheduler has no "beta_start". It has: sigma_min,',
  ],
  [
    { _class_name: "DDIMScheduler", beta_schedule: "cosine" },
    `DDIMScheduler's beta_schedule "cosine" does not exist. There is: linear, scaled_linear, squaredcos_cap_v2.`,
  ],
  [{ _class_name: "DDIMScheduler", clip_sample: "yes" }, `clip_sample is "yes", but must be true or false.`],
  [
    { _class_name: "DDIMScheduler", num_train_timesteps: 0 },
    "num_train_timesteps is 0, but must be a whole number",
  ],
  [{ _class_name: "DDIMScheduler", beta_end: NaN }, "beta_end is NaN"],
  [{ _class_name: "DDIMScheduler", beta_end: 1.5 }, "These betas leave the range from 0 to 1."],
  [
    { _class_name: "DDIMScheduler", trained_betas: [0.1] },
    "trained_betas has 1 numbers, but num_train_timesteps is 1000.",
  ],
  [
    { _class_name: "EulerAncestralDiscreteScheduler", prediction_type: "sample" },
    "There is: epsilon, v_prediction.",
  ],
  [
    { _class_name: "HeunDiscreteScheduler", use_karras_sigmas: true, use_beta_sigmas: true },
    "has use_karras_sigmas and use_beta_sigmas on, but only one of them can be.",
  ],
  [
    { _class_name: "UniPCMultistepScheduler", solver_type: "bh1" },
    'with solver_type "bh1" and final_sigmas_type "zero" gives NaN, in diffusers too: the last step is infinite in log SNR.',
  ],
  [
    { _class_name: "UniPCMultistepScheduler", solver_p: {} },
    "another scheduler as predictor is not known here",
  ],
  [
    { _class_name: "DPMSolverMultistepScheduler", algorithm_type: "dpmsolver" },
    'Set final_sigmas_type to "sigma_min", or use the ++ form.',
  ],
  [
    { _class_name: "DPMSolverMultistepScheduler", use_flow_sigmas: true, use_karras_sigmas: true },
    "takes the logarithm of a negative signal, in diffusers too.",
  ],
  [{ _class_name: "DDPMScheduler", variance_type: "fixed_large_log" }, "takes the root of a negative number"],
])("refused with a sentence: %#", (config, message) => {
  expect(() => schedulerFromConfig(config as any)).toThrow(message);
});

const schedule = (config: object, steps: unknown, options?: object) => () =>
  schedulerFromConfig({ ...SD, ...config } as any).timesteps(steps as number, options);
const flow = (config: object, steps: number, options?: object) => () =>
  schedulerFromConfig({ _class_name: "FlowMatchEulerDiscreteScheduler", ...config }).sigmas(steps, options);

test.each([
  [schedule({ _class_name: "DDIMScheduler" }, 0), "steps is 0"],
  [schedule({ _class_name: "DDIMScheduler" }, -3), "steps is -3"],
  [schedule({ _class_name: "DDIMScheduler" }, NaN), "steps is NaN"],
  [schedule({ _class_name: "DDIMScheduler" }, 2.5), "steps is 2.5"],
  [
    schedule({ _class_name: "DDIMScheduler" }, 1001),
    "DDIMScheduler takes at most its 1000 training timesteps, but steps is 1001.",
  ],
  [schedule({ _class_name: "DDPMScheduler" }, 1001), "at most its 1000 training timesteps"],
  [
    schedule({ _class_name: "LCMScheduler" }, 51),
    "LCMScheduler takes at most original_inference_steps, 50, but steps is 51.",
  ],
  [schedule({ _class_name: "PNDMScheduler" }, 3), "needs at least 4 steps for its Runge-Kutta start, not 3."],
  [schedule({ _class_name: "DDIMScheduler", timestep_spacing: "trailing" }, 61), "Take 60 or 62 steps."],
  [
    schedule(
      { _class_name: "DDIMScheduler", rescale_betas_zero_snr: true, timestep_spacing: "trailing" },
      10,
    ),
    "divides by 0",
  ],
  [
    schedule({ _class_name: "DDIMScheduler" }, 10, { mu: 1 }),
    "DDIMScheduler takes no mu. It takes: nothing.",
  ],
  [flow({}, 4, { mu: Infinity }), "mu is Infinity"],
  [flow({}, 4, { sigmas: [1, NaN, 0.5, 0.2] }), "sigmas is NaN"],
  [schedule({ _class_name: "DDIMScheduler" }, 10, { sigmas: [1] }), "DDIMScheduler takes no sigmas"],
  [schedule({ _class_name: "EulerDiscreteScheduler" }, 2, { sigmas: [3, 1] }), "2 steps came with 2"],
  [flow({ use_dynamic_shifting: true }, 4), "with use_dynamic_shifting needs mu"],
  [flow({}, 4, { sigmas: [1, 0.5] }), "takes one sigma a step, but 4 steps came with 2."],
  [
    schedule(
      { _class_name: "EulerDiscreteScheduler", use_karras_sigmas: true, sigma_min: 20, sigma_max: 1 },
      4,
    ),
    /^EulerDiscreteScheduler has levels that do not fall for 4 steps of this configuration: sigmas\[1\] is .*, above the 1 before it\. .* a sigma_min above sigma_max/,
  ],
  [
    schedule(
      {
        _class_name: "DPMSolverMultistepScheduler",
        use_exponential_sigmas: true,
        sigma_min: 20,
        sigma_max: 1,
      },
      4,
    ),
    "DPMSolverMultistepScheduler has levels that do not fall",
  ],
  [flow({ shift: -3 }, 4), "or a negative shift turns them round"],
  [flow({ shift_terminal: 0.1 }, 1), "has no finite noise levels for 1 steps"],
])("a schedule that cannot be is refused: %#", (attempt, message) => {
  expect(attempt).toThrow(message);
});

test("levels may rise where they are asked to, and be equal where a method evaluates twice", () => {
  const inverted = flow({ invert_sigmas: true }, 4)()!;
  expect([...inverted]).toEqual([...inverted].sort((a, b) => a - b));
  const twice = [...schedulerFromConfig({ _class_name: "HeunDiscreteScheduler", ...SD }).sigmas(4)!];
  expect(new Set(twice).size).toBeLessThan(twice.length);
});

test("EulerDiscrete takes explicit sigmas, the final one included", () => {
  const scheduler = schedulerFromConfig({ _class_name: "EulerDiscreteScheduler", ...SD });
  const sigmas = [14.6, 3.2, 0.5, 0];
  expect([...scheduler.sigmas(3, { sigmas })!]).toEqual(sigmas.map(Math.fround));
  // diffusers 0.40: set_timesteps(sigmas=[14.6, 3.2, 0.5, 0.0]).
  const expected = [998.83466, 689.65204, 169.31459];
  scheduler.timesteps(3, { sigmas }).forEach((t, i) => expect(Math.abs(t - expected[i]!)).toBeLessThan(2e-3));
});

test.each([
  [[1, 2, 3, 0], "sigmas[1] is 2, but must be below the 1 before it"],
  [[3, 1, 2, 0], "sigmas[2] is 2, but must be below the 1 before it"],
  [[3, 3, 1, 0], "sigmas[1] is 3, but must be below the 3 before it"],
  [[3, NaN, 1, 0], "sigmas is NaN"],
])("sigmas that do not fall are refused: %j", (sigmas, message) => {
  const scheduler = schedulerFromConfig({ _class_name: "EulerDiscreteScheduler" });
  expect(() => scheduler.timesteps(3, { sigmas })).toThrow(message);
});

test("what Python writes as -Infinity is read, in numbers and not in strings", () => {
  const text =
    '{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity, "_note": "-Infinity"}';
  expect(parseSchedulerJson(text)).toEqual({
    _class_name: "DPMSolverMultistepScheduler",
    lambda_min_clipped: -Infinity,
    _note: "-Infinity",
  });
  expect(schedulerFromConfig(parseSchedulerJson(text)).timesteps(10)[0]).toBe(999);
  expect(() => parseSchedulerJson("{", "a/scheduler_config.json")).toThrow(
    "a/scheduler_config.json is not JSON",
  );
  expect(() => parseSchedulerJson("[1]")).toThrow("must hold one object");
});
