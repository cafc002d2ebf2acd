import { expect, test } from "vitest";
import lu from "../../fixtures/schedulers/schedulers-lu.json" with { type: "json" };
import cases from "../../fixtures/schedulers/schedulers-random.json" with { type: "json" };
import { InputError } from "../../../src/search/inputError.js";
import { schedulerFromConfig } from "../../../src/search/schedulers/index.js";
import { absoluteSum, deterministicSample, dummyModel, run, SHAPE } from "./helpers/diffusersLoops.js";

// Sixteen random configurations of each class, and forty with lu sigmas, made with unmodified diffusers by training/fixtures/schedulers.py.

const OPTION: Record<string, string> = { s_churn: "sChurn", s_tmin: "sTmin", s_noise: "sNoise" };

interface Case {
  readonly scheduler: string;
  readonly config: Record<string, unknown>;
  readonly steps: number;
  readonly schedule: { mu?: number; sigmas?: number[] };
  readonly step: Record<string, number>;
  readonly error?: string;
  readonly initial?: number;
  readonly timesteps?: number[];
  readonly sigmas?: number[] | null;
  readonly sum?: number;
  readonly elements?: number[];
}

function request({ scheduler, config, steps, schedule, step }: Case) {
  const stepOptions = Object.fromEntries(
    Object.entries(step).map(([key, value]) => [OPTION[key] ?? key, value]),
  );
  return {
    config: { _class_name: scheduler, ...config },
    loop: "proper",
    steps,
    scheduleOptions: schedule,
    stepOptions,
  } as const;
}

const named = ([...cases, ...lu] as unknown as Case[]).map((given, i) => ({
  name: `${i} ${given.scheduler}`,
  given,
}));

test.each(named.filter(({ given }) => !given.error))("diffusers' numbers: $name", ({ given }) => {
  const { timesteps, sigmas, initNoiseSigma, sample, sums } = run(request(given));
  expect(timesteps.length).toBe(given.timesteps!.length);
  given.timesteps!.forEach((t, i) =>
    expect(Math.abs(timesteps[i]! - t)).toBeLessThanOrEqual(2e-5 + 2e-5 * Math.abs(t)),
  );
  expect(sigmas?.length).toBe(given.sigmas?.length);
  given.sigmas?.forEach((s, i) => expect(Math.abs(sigmas![i]! - s)).toBeLessThanOrEqual(2e-6 * s + 1e-9));
  expect(Math.abs(initNoiseSigma / given.initial! - 1)).toBeLessThan(1e-6);
  // Where a step cancels everything, the rounding of the step before is left.
  const slack = 1e-8 * (sums.at(-2) ?? given.initial! * absoluteSum(deterministicSample()));
  expect(Math.abs(sums.at(-1)! - given.sum!)).toBeLessThanOrEqual(5e-5 * given.sum! + slack);
  const scale = Math.max(1, ...given.elements!.map(Math.abs), (slack * 2e6) / sample.length);
  [1, 7, 300, 766, 767].forEach((at, i) => {
    expect(Math.abs(sample[at]! - given.elements![i]!)).toBeLessThanOrEqual(1e-5 * scale);
  });
});

/**
 * Where the first timestep comes twice, diffusers starts at the second and runs out of levels (or returns NaN). There is nothing wrong with
 * the configuration itself: it is computed from the first.
 */
function startsTwice({ config, scheduler, steps, schedule }: Case): boolean {
  try {
    const [first, second, third] = schedulerFromConfig({ _class_name: scheduler, ...config }).timesteps(
      steps,
      schedule,
    );
    return steps > 1 && (first === second || second === third);
  } catch {
    return false;
  }
}

test.each(named.filter(({ given }) => given.error))(
  "refused with a reason: $name, $given.error",
  async ({ given }) => {
    const { steps, config, scheduleOptions, stepOptions } = request(given);
    const attempt = async (): Promise<Float32Array> => {
      const noise = () => new Float32Array(deterministicSample().length).fill(0.1);
      const options = { ...scheduleOptions, ...stepOptions, batch: SHAPE[0]!, noise };
      return await schedulerFromConfig(config).loop(dummyModel, deterministicSample(), steps, options);
    };
    const outcome: unknown = await attempt().catch((error: unknown) => error);
    if (outcome instanceof Float32Array && startsTwice(given))
      expect(outcome.every(Number.isFinite)).toBe(true);
    else expect(outcome).toBeInstanceOf(InputError);
  },
);
