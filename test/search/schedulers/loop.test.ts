import { expect, test, vi } from "vitest";
import { schedulerFromConfig, schedulerNames } from "../../../src/search/schedulers/index.js";
import { deterministicNoise, deterministicSample, dummyModel, run, SHAPE } from "./helpers/diffusersLoops.js";

const noise = () => deterministicNoise();

test.each(schedulerNames)(
  "%s: the loop is its steps, one model call a timestep, and changes nothing it was given",
  async (name) => {
    const scheduler = schedulerFromConfig({ _class_name: name });
    const schedule = scheduler.schedule(6);
    const start = deterministicSample().map((value) => value * schedule.initNoiseSigma);
    const before = start.slice();
    const seen: number[] = [];
    const looped = await scheduler.loop(
      async (x, t) => {
        seen.push(t);
        return dummyModel(x, t);
      },
      start,
      6,
      { noise, batch: SHAPE[0]! },
    );
    expect(seen).toEqual([...schedule.timesteps]);
    expect(start).toEqual(before);
    let state = scheduler.begin(start);
    while (state.index < schedule.timesteps.length) {
      const output = dummyModel(scheduler.scaleModelInput(schedule, state), schedule.timesteps[state.index]!);
      const given = { noise: noise(), batch: SHAPE[0]! };
      const once = scheduler.step(schedule, state, output, given);
      // Pure: the same step again gives the same, from a state that is as it was.
      expect(scheduler.step(schedule, state, output, given).sample).toEqual(once.sample);
      state = once;
    }
    expect(looped).toEqual(state.sample);
  },
);

test("two trajectories of one scheduler do not know of each other", async () => {
  const scheduler = schedulerFromConfig({ _class_name: "DPMSolverMultistepScheduler" });
  const alone = await scheduler.loop(dummyModel, deterministicSample(), 8);
  const both = await Promise.all([
    scheduler.loop(async (x, t) => dummyModel(x, t), deterministicSample(), 8),
    scheduler.loop(async (x, t) => dummyModel(x, t), deterministicNoise(), 5),
  ]);
  expect(both[0]).toEqual(alone);
});

test("the noise is asked for by the number of the stochastic step, and only there", async () => {
  const asked = vi.fn((_step: number) => deterministicNoise());
  const calls = async (config: { _class_name: string }, options = {}) => {
    asked.mockClear();
    await schedulerFromConfig(config).loop(dummyModel, deterministicSample(), 4, {
      noise: asked,
      ...options,
    });
    return asked.mock.calls.map(([step]) => step);
  };
  expect(await calls({ _class_name: "DDIMScheduler" })).toEqual([]);
  expect(await calls({ _class_name: "DDIMScheduler" }, { eta: 0.5 })).toEqual([0, 1, 2, 3]);
  expect(await calls({ _class_name: "DDPMScheduler" })).toEqual([0, 1, 2]);
  expect(await calls({ _class_name: "LCMScheduler" })).toEqual([0, 1, 2]);
  expect(await calls({ _class_name: "TCDScheduler" })).toEqual([0, 1, 2]);
  expect(await calls({ _class_name: "TCDScheduler" }, { eta: 0 })).toEqual([]);
  expect(await calls({ _class_name: "EulerAncestralDiscreteScheduler" })).toEqual([0, 1, 2, 3]);
  expect(await calls({ _class_name: "KDPM2AncestralDiscreteScheduler" })).toEqual([0, 1, 2]);
  expect(await calls({ _class_name: "EulerDiscreteScheduler" }, { sChurn: 2, sTmin: 1 })).toEqual([0, 1, 2]);
});

test("a start in the middle takes the rest of the schedule", async () => {
  const config = { _class_name: "HeunDiscreteScheduler" };
  const scheduler = schedulerFromConfig(config);
  const { timesteps } = scheduler.schedule(10);
  const noised = scheduler.addNoise(deterministicSample(), deterministicNoise(), timesteps[16]!, {
    steps: 10,
  });
  const seen: number[] = [];
  await scheduler.loop((x, t) => (seen.push(t), dummyModel(x, t)), noised, 10, { start: 16 });
  expect(seen).toEqual([...timesteps.slice(16)]);
});

test.each(schedulerNames)(
  "%s: without the schedule, noise at a plain timestep is that of the schedule",
  (name) => {
    const scheduler = schedulerFromConfig({ _class_name: name });
    const { timesteps } = scheduler.schedule(10);
    for (const at of [0, 4, 8]) {
      const t = timesteps[at]!;
      const known = scheduler.addNoise(deterministicSample(), deterministicNoise(), t, { steps: 10 });
      const free = scheduler.addNoise(deterministicSample(), deterministicNoise(), t);
      known.forEach((value, i) =>
        expect(Math.abs(free[i]! - value)).toBeLessThanOrEqual(2e-5 * (1 + Math.abs(value))),
      );
    }
  },
);

test("each image is thresholded by itself: a batch is its images", () => {
  const config = {
    _class_name: "DPMSolverMultistepScheduler",
    thresholding: true,
    sample_max_value: 3,
    prediction_type: "sample",
  };
  const whole = run({ config, loop: "plain", steps: 3 }).sample;
  const scheduler = schedulerFromConfig(config);
  const schedule = scheduler.schedule(3);
  const size = whole.length / SHAPE[0]!;
  for (let image = 0; image < SHAPE[0]!; image++) {
    let state = scheduler.begin(deterministicSample().slice(image * size, (image + 1) * size));
    for (const t of schedule.timesteps) state = scheduler.step(schedule, state, dummyModel(state.sample, t));
    expect(state.sample).toEqual(whole.slice(image * size, (image + 1) * size));
  }
});

test("a learned variance comes with the prediction, in twice the channels", () => {
  const scheduler = schedulerFromConfig({
    _class_name: "DDPMScheduler",
    variance_type: "learned_range",
    clip_sample: false,
  });
  expect(scheduler.outputs).toBe(2);
  const fixed = schedulerFromConfig({
    _class_name: "DDPMScheduler",
    variance_type: "fixed_large",
    clip_sample: false,
  });
  const sample = Float32Array.of(0.3, -0.2, 0.8, 0.1);
  const output = Float32Array.of(0.1, 0.2, 0.3, 0.4);
  const z = { noise: Float32Array.of(1, -1, 0.5, 2) };
  // An output of 1 is the larger of both fixed variances. Two images of two values.
  const doubled = Float32Array.of(0.1, 0.2, 1, 1, 0.3, 0.4, 1, 1);
  const schedule = scheduler.schedule(10);
  const learned = scheduler.step(schedule, scheduler.begin(sample, 4), doubled, { ...z, batch: 2 }).sample;
  const large = fixed.step(schedule, fixed.begin(sample, 4), output, z).sample;
  learned.forEach((value, i) => expect(value).toBeCloseTo(large[i]!, 5));
  expect(() => scheduler.step(schedule, scheduler.begin(sample, 4), output, z)).toThrow(
    "twice the sample's 4 values",
  );
});

const attempt = (config: { _class_name: string }, options: object = {}, model: any = dummyModel) =>
  schedulerFromConfig(config).loop(model, deterministicSample(), 4, options);

test.each([
  [() => attempt({ _class_name: "DDPMScheduler" }), "DDPMScheduler adds noise at timestep 750: give `noise`"],
  [
    () => attempt({ _class_name: "EulerDiscreteScheduler" }, { eta: 1 }),
    "EulerDiscreteScheduler takes no eta (it is 1). It takes: sChurn,",
  ],
  [() => attempt({ _class_name: "DDIMScheduler" }, { sChurn: 1 }), "DDIMScheduler takes no sChurn"],
  [
    () => attempt({ _class_name: "DDIMScheduler" }, { Eta: 1 }),
    'The loop\'s options has no "Eta". It has: mu, sigmas, eta,',
  ],
  [
    async () => schedulerFromConfig({ _class_name: "DDIMScheduler" }).sigmas(4, { Mu: 1 } as object),
    'The schedule\'s options has no "Mu". It has: mu, sigmas.',
  ],
  [() => attempt({ _class_name: "DDIMScheduler" }, { eta: -1 }), "eta is -1"],
  [
    () => attempt({ _class_name: "DDIMScheduler" }, { eta: 9, noise }),
    "eta 9 asks for more noise than there is at timestep 750",
  ],
  [
    () => attempt({ _class_name: "TCDScheduler" }, { eta: 1.5, noise }),
    "eta is 1.5, but TCDScheduler takes a number from 0 to 1.",
  ],
  [
    () => attempt({ _class_name: "DDIMScheduler" }, { start: 4 }),
    "start is 4, but the schedule has 4 timesteps.",
  ],
  [() => attempt({ _class_name: "DDIMScheduler" }, { batch: 0 }), "batch is 0"],
  [
    () => attempt({ _class_name: "DDIMScheduler", thresholding: true } as any, { batch: 5 }),
    "768 values are not 5 images",
  ],
  [
    () => attempt({ _class_name: "DDIMScheduler" }, {}, () => [1]),
    "The model gave an array at call 1, timestep 750",
  ],
  [
    () => attempt({ _class_name: "DDIMScheduler" }, {}, (x: Float32Array) => x.fill(NaN)),
    "The model gave NaN at call 1",
  ],
  [
    () => attempt({ _class_name: "DDIMScheduler" }, {}, () => new Float32Array(3)),
    "The model's output has 3 values, but the sample 768.",
  ],
  [
    () => attempt({ _class_name: "DDPMScheduler" }, { noise: () => new Float32Array(3) }),
    "The noise has 3 values",
  ],
  [
    () => attempt({ _class_name: "UniPCMultistepScheduler", lower_order_final: false } as any),
    "gives no finite number at timestep 250",
  ],
])("bad input is refused with a sentence: %#", async (loop, message) => {
  await expect(loop()).rejects.toThrow(message);
});

/** torch.linspace as PyTorch 2.13 rounds it: each element by itself, in float32, counted from the nearer end. */
function linspaceOfTorch213(start: number, end: number, count: number): number[] {
  const [from, to] = [Math.fround(start), Math.fround(end)];
  const step = Math.fround(Math.fround(to - from) / (count - 1));
  return Array.from({ length: count }, (_, i) =>
    Math.fround(i < count / 2 ? from + step * i : to - step * (count - 1 - i)),
  );
}

// Made with PyTorch 2.13.0 and diffusers 0.42.1; x of tanh(0.7 x + 0.1) as the model.
test("explicit betas of a newer PyTorch give its timesteps, one less at the start, and its states", async () => {
  const betas = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: "scaled_linear" };
  const config = { _class_name: "DEISMultistepScheduler", solver_order: 3, use_beta_sigmas: true };
  const trained_betas = linspaceOfTorch213(0.00085 ** 0.5, 0.012 ** 0.5, 1000).map((root) =>
    Math.fround(root * root),
  );
  const own = schedulerFromConfig({ ...config, trained_betas });
  expect([...own.timesteps(7)]).toEqual([998, 983, 943, 874, 746, 448, 0]);
  expect([...schedulerFromConfig({ ...config, ...betas }).timesteps(7)]).toEqual([
    999, 983, 943, 874, 746, 448, 0,
  ]);
  const start = Float32Array.from({ length: 16 }, (_, i) => ((i * 37) % 101) / 50 - 1);
  const x = await own.loop(
    (state) => state.map((value) => Math.tanh(Math.fround(value * Math.fround(0.7)) + Math.fround(0.1))),
    start,
    7,
  );
  const expected = [-3.793997, -0.5864, 0.394919, -2.382051, -0.315085, 0.986954];
  expected.forEach((value, i) => expect(x[i]).toBeCloseTo(value, 4));
});
