import { expect, test } from "vitest";
import published from "../../fixtures/schedulers/schedulers-diffusers-tests.json" with { type: "json" };
import further from "../../fixtures/schedulers/schedulers-more.json" with { type: "json" };
import { run, type Outcome, type Run } from "./helpers/diffusersLoops.js";

/** The configurations of diffusers' own tests, by class; a case adds its `args`. */
const L1000 = { num_train_timesteps: 1000, beta_start: 0.0001, beta_end: 0.02, beta_schedule: "linear" };
const K1100 = { ...L1000, num_train_timesteps: 1100 };
const DPM = {
  ...L1000,
  solver_order: 2,
  algorithm_type: "dpmsolver++",
  solver_type: "midpoint",
  final_sigmas_type: "sigma_min",
  sample_max_value: 1,
};
const CONSISTENCY = {
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
};
const BASE: Record<string, object> = {
  DDIMScheduler: { ...L1000, clip_sample: true },
  DDPMScheduler: { ...L1000, clip_sample: true, variance_type: "fixed_small" },
  EulerDiscreteScheduler: K1100,
  EulerAncestralDiscreteScheduler: K1100,
  HeunDiscreteScheduler: K1100,
  LMSDiscreteScheduler: K1100,
  KDPM2DiscreteScheduler: K1100,
  KDPM2AncestralDiscreteScheduler: K1100,
  DPMSolverMultistepScheduler: { ...DPM, lower_order_final: false, euler_at_final: false },
  DPMSolverSinglestepScheduler: DPM,
  UniPCMultistepScheduler: { ...L1000, solver_order: 2, solver_type: "bh2", final_sigmas_type: "sigma_min" },
  DEISMultistepScheduler: { ...L1000, solver_order: 2 },
  LCMScheduler: CONSISTENCY,
  TCDScheduler: CONSISTENCY,
  EDMEulerScheduler: { num_train_timesteps: 256, sigma_min: 0.002, sigma_max: 80 },
  EDMDPMSolverMultistepScheduler: {
    sigma_min: 0.002,
    sigma_max: 80,
    sigma_data: 0.5,
    solver_order: 2,
    lower_order_final: false,
    final_sigmas_type: "sigma_min",
  },
};

interface Expected {
  readonly sum: number;
  readonly timesteps: readonly number[];
  readonly sigmas: readonly number[] | null;
  readonly init_noise_sigma: number;
  readonly first8: readonly number[];
  readonly last4: readonly number[];
  readonly abs_sum_per_step: readonly number[] | null;
}

/** 5e-5 relative on sums, 1e-5 on elements (of the largest one where a state is large). */
function expectEqual(outcome: Outcome, expected: Expected): void {
  const { sample, sums } = outcome;
  closeTo(sums.at(-1)!, expected.sum, 5e-5, (sums.at(-2) ?? 0) * 1e-8);
  // Where a step cancels everything, the rounding of the step before is left.
  expected.abs_sum_per_step?.forEach((sum, i, all) =>
    closeTo(sums[i]!, sum, 5e-5, i > 0 ? all[i - 1]! * 1e-8 : 0),
  );
  const scale = Math.max(1, ...[...expected.first8, ...expected.last4].map(Math.abs));
  const elements = [...sample.slice(0, 8), ...sample.slice(-4)];
  [...expected.first8, ...expected.last4].forEach((value, i) => {
    expect(Math.abs(elements[i]! - value)).toBeLessThanOrEqual(1e-5 * scale);
  });
  allCloseTo(outcome.timesteps, expected.timesteps);
  if (expected.sigmas) allCloseTo(outcome.sigmas!, expected.sigmas);
  else expect(outcome.sigmas).toBeUndefined();
  closeTo(outcome.initNoiseSigma, expected.init_noise_sigma, 1e-6);
}

function closeTo(value: number, expected: number, relative: number, absolute = 1e-12): void {
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(relative * Math.abs(expected) + absolute);
}

function allCloseTo(values: readonly number[], expected: readonly number[]): void {
  expect(values.length).toBe(expected.length);
  expected.forEach((value, i) => closeTo(values[i]!, value, 2e-6));
}

const publishedCases = published.map((given) => {
  const { steps, seed, noise_t: noiseAt, stepkw, ...args } = given.args as Record<string, any>;
  const config = { _class_name: given.scheduler, ...BASE[given.scheduler], ...args };
  const request: Run = {
    config,
    loop: given.loop as Run["loop"],
    // DDPM's tests never set the timesteps: all of them.
    steps: steps === null ? 1000 : (steps ?? 10),
    seed,
    noiseAt,
    stepOptions: stepkw,
  };
  return { name: `${given.scheduler} ${JSON.stringify(given.args)}`, given, request };
});

test.each(publishedCases)("diffusers' own test: $name", ({ given, request }) => {
  const outcome = run(request);
  expectEqual(outcome, { ...given, sum: given.got_sum });
  if (given.expected_sum !== null)
    expect(Math.abs(outcome.sums.at(-1)! - given.expected_sum)).toBeLessThan(1e-2);
  if (given.expected_mean !== null) {
    expect(Math.abs(outcome.sums.at(-1)! / outcome.sample.length - given.expected_mean)).toBeLessThan(1e-3);
  }
});

const OPTION: Record<string, string> = {
  s_churn: "sChurn",
  s_tmin: "sTmin",
  s_tmax: "sTmax",
  s_noise: "sNoise",
};

test.each(further)("unmodified diffusers: $name", (given) => {
  const stepOptions = Object.fromEntries(
    Object.entries(given.step_kwargs ?? {}).map(([key, value]) => [OPTION[key] ?? key, value]),
  );
  const outcome = run({
    config: { _class_name: given.scheduler, ...given.config },
    loop: given.loop as Run["loop"],
    steps: given.steps,
    seed: given.seed,
    stepOptions,
    ...(given.set_timesteps_kwargs ? { scheduleOptions: given.set_timesteps_kwargs } : {}),
  });
  expectEqual(outcome, { ...given, sum: given.abs_sum });
});
