import { describe, expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { gaussianDenoiser } from "../../../src/search/analytic/gaussian.js";
import { tripChance } from "../../../src/search/engine/tripChance.js";
import { randomSearch, Session } from "../../../src/search/index.js";
import type { DiffusersSchedulerConfig, LocalEngine, Problem, SearchRun } from "../../../src/search/index.js";
import { parseSampling } from "../../../src/search/sampling.js";
import { schedulerFromConfig } from "../../../src/search/schedulers/index.js";
import { solverNamesFor } from "../../../src/search/solvers/namedSolvers.js";
import type { Tensor } from "../../../src/search/tensor.js";
import { counted } from "../helpers/counted.js";
import {
  DEVIATION,
  MEAN,
  perfect,
  preservingEngine,
  TRAINED,
  TRAINED_EDM,
  type Preserving,
} from "../helpers/preserving.js";

const STEPS = 7;

/** One candidate of a random search from its noise to its clean state. */
async function searched(engine: LocalEngine, options: Partial<Problem>): Promise<SearchRun> {
  const problem = { steps: STEPS, seed: 5, verifier: "brightness", budget: {}, ...options };
  return new Session(engine).search(randomSearch({ candidates: 1 }), problem).run();
}

interface Wishes {
  readonly solver: Problem["solver"];
  readonly eta?: number;
  readonly churn?: Problem["churn"];
}

/** The same candidate by the loop of diffusers. */
async function looped(
  engine: LocalEngine,
  run: SearchRun,
  { solver, eta, churn }: Wishes,
  model: (x: Float32Array, timestep: number) => Float32Array | Promise<Float32Array>,
): Promise<Float32Array> {
  const { methodAt, eta: own } = parseSampling(
    { solver, steps: STEPS, ...(eta === undefined ? {} : { eta }), ...(churn ? { churn } : {}) },
    engine.model,
  );
  const spec = methodAt(own).solver;
  if (typeof spec === "string") throw new Error("This solver is no scheduler.");
  const scheduler = schedulerFromConfig(spec.config);
  const { data } = await run.candidates[0]!.noise();
  const factor = scheduler.schedule(STEPS, spec.schedule).initNoiseSigma;
  const chance = tripChance({ seed: 5, path: "step/r1-c0/0" }, [1, 4, 4]);
  return scheduler.loop(
    model,
    data.map((value) => value * factor),
    STEPS,
    { ...spec.schedule, ...spec.options, noise: (step) => chance.noise(step) },
  );
}

const CONFIGS: DiffusersSchedulerConfig[] = [
  { ...TRAINED, skip_prk_steps: false },
  { ...TRAINED, _class_name: "EulerDiscreteScheduler", timestep_spacing: "leading" },
  {
    ...TRAINED,
    _class_name: "EulerDiscreteScheduler",
    timestep_spacing: "trailing",
    use_exponential_sigmas: true,
  },
  { ...TRAINED, _class_name: "DDIMScheduler", rescale_betas_zero_snr: true, prediction_type: "v_prediction" },
  { ...TRAINED, _class_name: "DPMSolverMultistepScheduler", use_lu_lambdas: true, solver_order: 3 },
  { ...TRAINED, _class_name: "DPMSolverMultistepScheduler", final_sigmas_type: "sigma_min" },
  { ...TRAINED, _class_name: "UniPCMultistepScheduler", solver_order: 3, prediction_type: "v_prediction" },
  { ...TRAINED, _class_name: "KDPM2DiscreteScheduler", use_karras_sigmas: true },
  { ...TRAINED, _class_name: "HeunDiscreteScheduler", use_karras_sigmas: true },
];

describe.each(["epsilon", "v"] as const)("a model that predicts %s", (prediction) => {
  const names = solverNamesFor({ prediction });
  test.each([
    ...names.map((solver) => ({ solver })),
    { solver: "ddim", eta: 0.6 },
    { solver: "ddim", eta: 1 },
    { solver: "tcd", eta: 0 },
    { solver: "euler", churn: { sChurn: 3, sNoise: 1.003 } },
    { solver: "euler-karras", churn: { sChurn: 20, sTmin: 0.5, sTmax: 8 } },
    { solver: "heun", churn: { sChurn: 2 } },
    { solver: "DPM++-2M" },
  ] as Wishes[])(
    "$solver, eta $eta, churn $churn: a trajectory is the scheduler's loop, bit for bit",
    (wishes) => expectLoop(prediction, wishes),
  );
});

test.each(CONFIGS.map((config) => [config._class_name, config] as const))(
  "a configuration of %s: a trajectory is the scheduler's loop, bit for bit",
  (_, config) =>
    expectLoop(config["prediction_type"] === "v_prediction" ? "v" : "epsilon", { solver: config }),
);

describe("a model with EDM's preconditioning", () => {
  const scheduler = TRAINED_EDM;
  const names = solverNamesFor({ prediction: "epsilon", scheduler });
  const { solver_order: _, ...levels } = scheduler;
  const euler = { ...levels, _class_name: "EDMEulerScheduler" };

  test.each([
    ...names.map((solver) => ({ solver })),
    { solver: "euler", churn: { sChurn: 3, sNoise: 1.003 } },
    { solver: { ...euler, sigma_schedule: "exponential" } },
    { solver: { ...scheduler, final_sigmas_type: "sigma_min", lower_order_final: false } },
    { solver: "EDMDPMSolverMultistepScheduler" },
  ] as Wishes[])(
    "$solver, churn $churn: a trajectory is the scheduler's loop, bit for bit",
    async (wishes) => {
      await expectLoop("epsilon", wishes, scheduler);
    },
  );

  test("so it is of one that predicts v", () =>
    expectLoop("v", { solver: "dpmpp-2m" }, { ...scheduler, prediction_type: "v_prediction" }));

  test.each(["euler", "dpmpp-2m"])(
    "%s ends where the ODE does, whole, cut in two and off the grid",
    async (solver) => {
      const { model } = preservingEngine({ trained: scheduler });
      const { course, levels } = parseSampling({ solver, steps: 40 }, model);
      // A starting noise, and the solution there: x0 = mean + deviation x / sqrt(deviation^2 + sigma^2).
      const start = { data: Float32Array.from({ length: 8 }, (_, i) => (i - 3.5) / 3), shape: [2, 4] };
      const network = perfect("epsilon", scheduler);
      const call = async (x: Tensor, time: number) => ({ data: network(x.data, time), shape: x.shape });
      const travel = (x: Tensor, way: readonly number[]) =>
        course.travel(call, x, way, () => new Float32Array(8));
      const half = await travel(start, levels.slice(0, 21));
      const beside = await travel(start, [...levels.slice(0, 21), 0.41]);
      const ends = [
        await travel(start, levels),
        await travel(half, levels.slice(20)),
        await travel(beside, [0.41, ...levels.filter((level) => level < 0.41)]),
      ];
      for (const { data } of ends) {
        data.forEach((value, i) => {
          const exact = MEAN + (DEVIATION * (80.006 * start.data[i]! - MEAN)) / Math.hypot(DEVIATION, 80);
          expect(Math.abs(value - exact)).toBeLessThan(0.03);
        });
      }
      expect(levels[20]).toBeCloseTo(1 - 20 / 39, 1);
    },
  );

  test("a solver of another kind of network is refused, and so is this one's for those", () => {
    const { model } = preservingEngine({ trained: scheduler });
    expect(() => parseSampling({ solver: "ddim" }, model)).toThrow(
      `solver "ddim" is not for a model with EDM's preconditioning. There is: ${names.join(", ")}.`,
    );
    expect(() => parseSampling({ solver: TRAINED }, model)).toThrow(
      "PNDMScheduler is for networks with noise levels of betas or of flow matching, but this one has EDM's preconditioning",
    );
    expect(() => parseSampling({ solver: scheduler }, preservingEngine().model)).toThrow(
      "EDMDPMSolverMultistepScheduler is for networks with EDM's preconditioning (sigma_data), but this one has",
    );
  });
});

async function expectLoop(
  prediction: Preserving,
  wishes: Wishes,
  trained: DiffusersSchedulerConfig = TRAINED,
): Promise<void> {
  const count = counted();
  const engine = preservingEngine({ prediction, trained, wrap: count.wrap });
  const run = await searched(engine, wishes as Partial<Problem>);
  const { data } = await run.best!.latent();
  const model = perfect(prediction, trained);
  let calls = 0;
  const expected = await looped(engine, run, wishes, (x, t) => (calls++, model(x, t)));
  expect(data).toEqual(expected);
  // What is billed is what ran, and what was quoted.
  expect(count.forwards).toBe(calls);
  expect(run.ledger.nfe).toBe(calls);
}

describe("a flow model", () => {
  const flow = gaussianDenoiser({ mean: 0, deviation: 0.3 });
  const model = (x: Float32Array, timestep: number) => flow.velocity(x, 1, timestep / 1000, [undefined]);

  test.each([
    ...solverNamesFor({ prediction: "flow" })
      .slice(2)
      .map((solver) => ({ solver })),
    { solver: "flow-heun", churn: { sChurn: 1 } },
    { solver: { _class_name: "FlowMatchEulerDiscreteScheduler", shift: 3 } },
    { solver: { _class_name: "FlowMatchEulerDiscreteScheduler", stochastic_sampling: true } },
    { solver: { _class_name: "FlowMatchEulerDiscreteScheduler", use_dynamic_shifting: true } },
  ] as Wishes[])("$solver: a trajectory is the scheduler's loop, bit for bit", async (wishes) => {
    const engine = analyticEngine({ side: 4 });
    const run = await searched(engine, wishes as Partial<Problem>);
    const { data } = await run.best!.latent();
    expect(data).toEqual(await looped(engine, run, wishes, model));
  });

  test("with a scheduler of its own euler is that one, with its shift", () => {
    const { model: bare } = analyticEngine();
    const scheduler = { _class_name: "FlowMatchEulerDiscreteScheduler", shift: 3 };
    const shifted = parseSampling({ solver: "euler", steps: 4 }, { ...bare, scheduler });
    expect(shifted.name).toBe("euler");
    expect(shifted.levels[1]).toBeCloseTo(0.9, 1);
    expect(parseSampling({ solver: "euler", steps: 4 }, bare).levels).toEqual([1, 0.75, 0.5, 0.25, 0]);
  });

  test("FLUX: even levels and the shift by the number of image tokens, as its pipeline has them", () => {
    const { model: bare } = analyticEngine();
    const model = {
      ...bare,
      scheduler: { _class_name: "FlowMatchEulerDiscreteScheduler", shift: 3, use_dynamic_shifting: true },
      schedule: { even: true, tokens: 4096 },
    } as const;
    const { levels } = parseSampling({ solver: "flow-euler", steps: 4 }, model);
    // mu 1.15: e^1.15 / (e^1.15 + 1/s - 1).
    const at = (s: number): number => Math.exp(1.15) / (Math.exp(1.15) + 1 / s - 1);
    expect(levels).toHaveLength(5);
    [1, at(0.75), at(0.5), at(0.25), 0].forEach((level, i) => expect(levels[i]).toBeCloseTo(level, 6));
  });
});

describe("trips that begin or end within the schedule", () => {
  const names = solverNamesFor({ prediction: "epsilon" });

  test.each(names)(
    "%s: evaluations counted beforehand are those that run, on the grid and off it",
    async (solver) => {
      const { model } = preservingEngine();
      const { course, levels } = parseSampling({ solver, steps: 6 }, model);
      const start = { data: Float32Array.from({ length: 8 }, (_, i) => (i - 3.5) / 3), shape: [2, 4] };
      const network = perfect("epsilon");
      for (const way of [
        levels,
        levels.slice(0, 4),
        levels.slice(3),
        levels.slice(2, 5),
        [1, 0],
        [0.77, ...levels.filter((level) => level < 0.77)],
        [...levels.filter((level) => level > 0.33), 0.33],
        [0.9, 0.6, 0.3, 0],
      ]) {
        let calls = 0;
        const end = await course.travel(
          async (x, time) => (calls++, { data: network(x.data, time), shape: x.shape }),
          start,
          way,
          () => new Float32Array(8).fill(0.2),
        );
        expect(calls, way.join()).toBe(course.evaluations(way));
        expect(end.data.every(Number.isFinite)).toBe(true);
      }
      expect([levels[0], levels.at(-1)]).toEqual([1, 0]);
      levels.slice(1).forEach((level, i) => expect(level).toBeLessThan(levels[i]!));
    },
  );

  test.each(["ddim", "euler", "euler-karras", "heun", "ddpm", "lcm", "kdpm2", "euler-ancestral"])(
    "%s has no history between its steps: cut in two a trajectory ends where it ends whole",
    async (solver) => {
      const { model } = preservingEngine();
      const { course, levels } = parseSampling({ solver, steps: 6 }, model);
      const start = { data: Float32Array.from({ length: 8 }, (_, i) => (i - 3.5) / 3), shape: [2, 4] };
      const network = perfect("epsilon");
      const call = async (x: Tensor, time: number) => ({ data: network(x.data, time), shape: x.shape });
      const noise = () => new Float32Array(8).fill(0.2);
      const whole = await course.travel(call, start, levels, noise);
      const half = await course.travel(call, start, levels.slice(0, 4), noise);
      const parts = await course.travel(call, half, levels.slice(3), noise);
      parts.data.forEach((value, i) => expect(value).toBeCloseTo(whole.data[i]!, 5));
    },
  );

  // The exact solution of the ODE: x0 = mean + deviation * x1, up to the signal that is left at level 1.
  test.each(["dpmpp-2m", "unipc", "pndm", "lms", "deis", "dpm-singlestep"])(
    "%s begins its history anew in the middle, and still ends where the ODE does",
    async (solver) => {
      const { model } = preservingEngine();
      const { course, levels } = parseSampling({ solver, steps: 40 }, model);
      const start = { data: Float32Array.from({ length: 8 }, (_, i) => (i - 3.5) / 3), shape: [2, 4] };
      const network = perfect("epsilon");
      const call = async (x: Tensor, time: number) => ({ data: network(x.data, time), shape: x.shape });
      const noise = () => new Float32Array(8);
      const whole = await course.travel(call, start, levels, noise);
      const half = await course.travel(call, start, levels.slice(0, 21), noise);
      const parts = await course.travel(call, half, levels.slice(20), noise);
      parts.data.forEach((value, i) => expect(Math.abs(value - whole.data[i]!)).toBeLessThan(0.01));
    },
  );
});

test("eta of a solver that takes none is the bridge, and eta of DDIM is its own", () => {
  const { model } = preservingEngine();
  expect(parseSampling({ solver: "dpmpp-2m", eta: 0.5 }, model).methodAt(0.5)).toMatchObject({ bridge: 0.5 });
  const { methodAt } = parseSampling({ solver: "ddim", eta: 0.5 }, model);
  expect(methodAt(0.5)).toMatchObject({
    bridge: undefined,
    isStochastic: true,
    solver: { options: { eta: 0.5 } },
  });
  expect(methodAt(0)).toMatchObject({ bridge: undefined, isStochastic: false });
  expect(parseSampling({ solver: "tcd" }, model).eta).toBe(0.3);
});
