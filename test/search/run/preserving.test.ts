import { expect, test } from "vitest";
import {
  beamSearch,
  feynmanKac,
  randomSearch,
  searchOverPaths,
  Session,
  successiveHalving,
  torchRandn,
  treeSearch,
  zeroOrderSearch,
  type Algorithm,
  type LocalEngine,
  type Problem,
} from "../../../src/search/index.js";
import { TorchCpuGenerator } from "../../../src/search/random/torchCpuGenerator.js";
import { TorchCudaGenerator } from "../../../src/search/random/torchCudaGenerator.js";
import { tripChance } from "../../../src/search/engine/tripChance.js";
import { stepKeys } from "../../../src/search/random/noiseChoice.js";
import { bridge } from "../../../src/search/schedules/bridge.js";
import { parseSampling } from "../../../src/search/sampling.js";
import { schedulerFromConfig } from "../../../src/search/schedulers/index.js";
import { counted } from "../helpers/counted.js";
import { DEVIATION, MEAN, perfect, preservingEngine, TRAINED_EDM } from "../helpers/preserving.js";

const base: Problem = { seed: 3, steps: 8, verifier: "brightness", budget: { nfe: 400 } };

// Every operation of a search on a model that predicts noise: full trajectories, renoising off the grid, bridges, children, previews.
const methods: [string, Algorithm, Partial<Problem>][] = [
  ["random search by DPM++ 2M", randomSearch({ candidates: 5 }), { solver: "dpmpp-2m" }],
  ["random search by Euler ancestral", randomSearch({ candidates: 5 }), { solver: "euler-ancestral" }],
  ["zero-order search by PNDM", zeroOrderSearch(), { solver: "pndm" }],
  ["search over paths by DDIM", searchOverPaths({ paths: 2, width: 2 }), { solver: "ddim" }],
  [
    "search over paths by Heun, guided",
    searchOverPaths({ paths: 2 }),
    { solver: "heun", condition: "high", guidance: 2 },
  ],
  ["successive halving by UniPC", successiveHalving({ candidates: 8 }), { solver: "unipc" }],
  [
    "successive halving by Karras' levels",
    successiveHalving({ candidates: 8 }),
    { solver: "dpmpp-2m-karras" },
  ],
  ["Feynman-Kac by the bridge", feynmanKac({ particles: 6 }), { solver: "dpmpp-2m" }],
  ["Feynman-Kac by DDIM's own eta", feynmanKac({ particles: 6 }), { solver: "ddim", eta: 1 }],
  ["beam search by the bridge", beamSearch({ beams: 2, branches: 2, lookahead: 2 }), { solver: "euler" }],
  ["tree search by LCM", treeSearch(), { solver: "lcm" }],
];

/** The same with EDM's preconditioning. */
const preconditioned: typeof methods = [
  ["EDM: search over paths by Euler", searchOverPaths({ paths: 2, width: 2 }), { solver: "euler" }],
  ["EDM: successive halving by DPM++ 2M", successiveHalving({ candidates: 8 }), {}],
  ["EDM: Feynman-Kac by the bridge", feynmanKac({ particles: 6 }), {}],
  ["EDM: random search by DPM++ 2M SDE", randomSearch({ candidates: 5 }), { solver: "dpmpp-2m-sde" }],
];

test.each([...methods, ...preconditioned])(
  "%s: the ledger is the model's own count, and the quote is what is billed",
  async (name, algorithm, wishes) => {
    const count = counted();
    const trained = name.startsWith("EDM") ? { trained: TRAINED_EDM } : {};
    const session = new Session(preservingEngine({ wrap: count.wrap, ...trained }));
    const problem = { ...base, ...wishes };
    const quote = session.quote(algorithm, problem);
    const run = await session.search(algorithm, problem).run();
    const { spent, candidates } = run.record();
    expect(candidates.filter(({ status }) => status === "failed")).toEqual([]);
    expect(run.ledger.forwards).toBe(count.forwards);
    expect(spent.forwards).toBe(count.forwards);
    expect(candidates.reduce((sum, { cost }) => sum + cost.nfe, 0)).toBe(spent.nfe);
    expect(spent.nfe).toBeLessThanOrEqual(400);
    if (quote.exact) expect(spent.nfe).toBe(quote.nfe);
    else expect(spent.nfe).toBeLessThanOrEqual(quote.nfe);
    const { data } = await run.best!.latent();
    for (const value of data) expect(Math.abs(value - MEAN)).toBeLessThan(6 * DEVIATION + 0.6);
  },
);

test("a budget that does not pay for one trajectory is refused with what the solver costs", () => {
  const session = new Session(preservingEngine());
  const search = (solver: string, nfe: number) => () =>
    session.search(randomSearch(), { ...base, solver, budget: { nfe } });
  expect(search("heun", 14)).toThrow("8 heun steps cost 15 NFE");
  expect(search("pndm", 8)).toThrow("8 pndm steps cost 9 NFE");
  expect(search("pndm", 9)).not.toThrow();
});

/** Mean and deviation of what N(0, 1) becomes on its way: each step is x' = clean E[x0 | x] + state x + add z, and E[x0 | x] is linear in x. */
function lawOf(engine: LocalEngine, options: Partial<Problem>): { mean: number; deviation: number } {
  const { course, levels } = parseSampling({ ...options }, engine.model);
  let [mean, variance] = [0, 1];
  for (const [i, next] of levels.slice(1).entries()) {
    const from = course.point(levels[i]!);
    const { signal: a, noise: s } = from;
    const gain = (a * DEVIATION ** 2) / (a * a * DEVIATION ** 2 + s * s);
    const { clean, state, deviation } = bridge(from, course.point(next), 1);
    mean = clean * (MEAN + gain * (mean - a * MEAN)) + state * mean;
    variance = (clean * gain + state) ** 2 * variance + deviation ** 2;
  }
  return { mean, deviation: Math.sqrt(variance) };
}

test.each(["epsilon", "v", "sample"] as const)(
  "the bridge of a model that predicts %s has the law that its steps have, and that is the model's own in the limit",
  async (prediction) => {
    const engine = preservingEngine({ prediction });
    const options = { steps: 40, eta: 1, solver: "dpmpp-2m" };
    const run = await new Session(engine)
      .search(randomSearch({ candidates: 100 }), { ...base, ...options, budget: {} })
      .run();
    const states = await Promise.all(run.candidates.map((candidate) => candidate.latent()));
    const values = states.flatMap(({ data }) => [...data]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const law = lawOf(engine, options);
    // Of 1,600 values: four standard errors.
    expect(Math.abs(mean - law.mean)).toBeLessThan((4 * law.deviation) / Math.sqrt(1600));
    expect(Math.abs(Math.sqrt(variance) - law.deviation)).toBeLessThan((4 * law.deviation) / Math.sqrt(3200));
    const fine = lawOf(engine, { ...options, steps: 900 });
    expect(Math.abs(fine.mean - MEAN)).toBeLessThan(0.005);
    expect(Math.abs(fine.deviation - DEVIATION)).toBeLessThan(0.01);
  },
);

const SHAPE = [1, 1, 4, 4];

/** What diffusers does for a seed: a generator for the starting noise, which goes on in the stochastic steps. */
async function inDiffusers(
  solver: string,
  seed: number | bigint,
  device: "cpu" | "cuda",
): Promise<Float32Array> {
  const { model } = preservingEngine();
  const { methodAt, eta } = parseSampling({ solver, steps: 6 }, model);
  const spec = methodAt(eta).solver;
  if (typeof spec === "string") throw new Error("This solver is no scheduler.");
  const scheduler = schedulerFromConfig(spec.config);
  const draws = (n: number): Float32Array => torchDraws(seed, n, device);
  const noise = draws(0).map((value) => value * scheduler.schedule(6).initNoiseSigma);
  return scheduler.loop(perfect("epsilon"), noise, 6, { ...spec.options, noise: (step) => draws(step + 1) });
}

function torchDraws(seed: number | bigint, n: number, device: "cpu" | "cuda"): Float32Array {
  const generator = device === "cpu" ? new TorchCpuGenerator(seed) : new TorchCudaGenerator(seed);
  for (let i = 0; i < n; i++) generator.randn(SHAPE);
  return generator.randn(SHAPE);
}

test.each([
  ["dpmpp-2m", "torch-cpu", "cpu"],
  ["euler-ancestral", "torch-cpu", "cpu"],
  ["lcm", "torch-cuda", "cuda"],
  ["ddpm", "torch-cuda", "cuda"],
] as const)(
  "%s with %s noise: the k-th candidate of a search is what diffusers gives for seed + k",
  async (solver, noise, device) => {
    const run = await new Session(preservingEngine())
      .search(randomSearch({ candidates: 3 }), { ...base, seed: 41, steps: 6, solver, noise, budget: {} })
      .run();
    for (const [k, candidate] of run.candidates.entries()) {
      expect((await candidate.noise()).data).toEqual(torchRandn(41 + k, SHAPE, device));
      expect((await candidate.latent()).data).toEqual(await inDiffusers(solver, 41 + k, device));
    }
    expect(run.record().problem.noise).toBe(noise);
  },
);

test("samples of seeds are those of a search from there, in whatever batches, and of 64 bits", async () => {
  const options = { steps: 6, solver: "euler-ancestral", noise: "torch-cpu" } as const;
  const big = 2n ** 63n + 12345n;
  const [one, all] = await Promise.all([
    new Session(preservingEngine({ batch: 1 })).sample({ ...options, seeds: [41, 42, big] }),
    new Session(preservingEngine({ batch: 16 })).sample({ ...options, seeds: [41, 42, big] }),
  ]);
  all.images.forEach((image, i) => expect(image.data).toEqual(one.images[i]!.data));
  const problem = { ...base, ...options, seed: 41, budget: {} };
  const run = await new Session(preservingEngine()).search(randomSearch({ candidates: 2 }), problem).run();
  for (const [i, candidate] of run.candidates.entries())
    expect((await candidate.image()).data).toEqual(all.images[i]!.data);
  expect(all.images[2]!.data).not.toEqual(all.images[0]!.data);
});

test("a whole batch is one draw of one generator, as ComfyUI and a single generator of diffusers make it", async () => {
  const sample = (noise: Problem["noise"], seeds: number[]) =>
    new Session(preservingEngine()).sample({ ...(noise ? { noise } : {}), solver: "ddim", steps: 4, seeds });
  const whole = await sample({ kind: "torch-cpu", convention: "whole-batch" }, [7, 8, 9]);
  const comfy = await sample({ kind: "torch-cuda", convention: "comfyui" }, [7, 8, 9]);
  const list = await sample("torch-cpu", [7, 8, 9]);
  whole.images.forEach((image, i) => expect(comfy.images[i]!.data).toEqual(image.data));
  expect(whole.images[1]!.data).not.toEqual(list.images[1]!.data);
  const a1111 = await sample({ kind: "torch-cpu", convention: "a1111" }, [7, 8, 9]);
  list.images.forEach((image, i) => expect(a1111.images[i]!.data).toEqual(image.data));
});

test("stochastic steps go on with the generator of the start, but ComfyUI begins another where the latents lie", async () => {
  const shape = [1, 2, 2];
  const begun = {
    "torch-cpu": () => new TorchCpuGenerator(8),
    "torch-cuda": () => new TorchCudaGenerator(7),
  };
  for (const kind of ["torch-cpu", "torch-cuda"] as const) {
    const key = stepKeys({ kind, convention: "comfyui" }, [7, 20, 21])[1]!;
    const generator = begun[kind]();
    for (const step of [0, 1])
      expect(tripChance(key, shape).noise(step)).toEqual(generator.randn([3, ...shape]).slice(4, 8));
    const [first] = stepKeys({ kind, convention: "diffusers" }, [7]);
    const own = kind === "torch-cpu" ? new TorchCpuGenerator(7) : new TorchCudaGenerator(7);
    own.randn(shape);
    expect(tripChance(first!, shape).noise(0)).toEqual(own.randn(shape));
  }
  const sample = async (kind: "torch-cpu" | "torch-cuda", convention: "comfyui" | "whole-batch") => {
    const noise = { kind, convention };
    const request = { noise, solver: "euler-ancestral", steps: 4, seeds: [7, 8] };
    return (await new Session(preservingEngine()).sample(request)).images[1]!.data;
  };
  const pictures = [await sample("torch-cpu", "comfyui"), await sample("torch-cuda", "comfyui")];
  pictures.push(await sample("torch-cpu", "whole-batch"));
  expect(new Set(pictures.map((data) => data.join())).size).toBe(3);
});

test("a record with a configuration, churn and PyTorch's noise is verified to the bit", async () => {
  const session = new Session(preservingEngine());
  const { scheduler } = preservingEngine().model;
  const run = await session
    .search(randomSearch({ candidates: 4 }), {
      ...base,
      ...{
        solver: { ...scheduler!, _class_name: "EulerDiscreteScheduler" },
        churn: { sChurn: 4 },
        budget: {},
      },
      noise: { kind: "torch-cuda", convention: "a1111", gpu: "A100" },
    })
    .run();
  const record = JSON.parse(JSON.stringify(run.record())) as ReturnType<typeof run.record>;
  expect(record.problem).toMatchObject({ solver: "EulerDiscreteScheduler", churn: { sChurn: 4 } });
  expect(await session.verify(record)).toMatchObject({ most: 0, mismatches: [] });
});

test("NaN of the model is told with the evaluation and the level, for the sample that it is about", async () => {
  let calls = 0;
  const engine = preservingEngine({
    wrap: (denoiser) => ({
      ...denoiser,
      async velocity(x, samples, level, conditions) {
        const output = await denoiser.velocity(x, samples, level, conditions);
        if (++calls === 3) output[20] = NaN;
        return output;
      },
    }),
  });
  const run = await new Session(engine)
    .search(randomSearch({ candidates: 3 }), { ...base, solver: "dpmpp-2m" })
    .run();
  const { candidates } = run.record();
  expect(candidates.map(({ failure }) => failure)).toEqual([
    undefined,
    "the model: the model gave values that are no numbers at evaluation 3 of 8, at level 0.75",
    undefined,
  ]);
});

test("NaN in plain sampling is told with the seed, the evaluation and the level", async () => {
  const engine = preservingEngine({
    wrap: (denoiser) => ({
      ...denoiser,
      velocity: async (x) => new Float32Array(x.length).fill(NaN),
    }),
  });
  await expect(new Session(engine).sample({ steps: 4, seeds: [4] })).rejects.toThrow(
    /Sampling seed 4 failed: the model gave values that are no numbers at evaluation 1 of \d+, at level 1/,
  );
});
