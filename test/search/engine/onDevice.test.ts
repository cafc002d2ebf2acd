import { describe, expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  feynmanKac,
  randomSearch,
  searchOverPaths,
  Session,
  successiveHalving,
  type Denoiser,
  type SampleRequest,
} from "../../../src/search/index.js";
import { solverNamesFor } from "../../../src/search/solvers/namedSolvers.js";
import { preservingEngine, TRAINED, TRAINED_EDM } from "../helpers/preserving.js";

/** Lets a denoiser take whole trajectories as a device would, in plain arithmetic, and counts them. */
function withTrajectory(count: { trajectories: number; calls: number }) {
  return (denoiser: Denoiser): Denoiser => ({
    velocity(...call) {
      count.calls++;
      return denoiser.velocity(...call);
    },
    async trajectory(start, moves, { count: samples, conditions, guidance }, noise, before) {
      count.trajectories++;
      const size = start.length;
      let x = start.slice();
      let m = new Float32Array(size);
      for (const { time, keep, slope, add, chance, past, remember } of moves) {
        before();
        const input = guidance === undefined ? x : Float32Array.of(...x, ...x);
        const both = await denoiser.velocity(input, conditions.length, time, conditions);
        const z = chance === undefined ? undefined : noise(chance);
        const out = x.map((_, i) =>
          guidance === undefined ? both[i]! : both[size + i]! + guidance * (both[i]! - both[size + i]!),
        );
        const now = x;
        x = now.map((value, i) => keep * value + slope * out[i]! + past * m[i]! + (z ? add * z[i]! : 0));
        m = now.map((value, i) => (remember ? remember.keep * value + remember.slope * out[i]! : 0));
      }
      expect(conditions.length % samples).toBe(0);
      return x;
    },
    dispose: () => denoiser.dispose(),
  });
}

type Request = Omit<SampleRequest, "seeds">;

const flow = { _class_name: "FlowMatchEulerDiscreteScheduler", num_train_timesteps: 1000, shift: 3 };
const at = { condition: "bright", guidance: 2, steps: 3 };

test.each<[string, Request, number]>([
  ["Euler", { ...at, solver: "euler" }, 1],
  ["Euler without guidance", { ...at, solver: "euler", guidance: 1 }, 1],
  ["the bridge of any named solver", { ...at, solver: "heun", eta: 0.6 }, 1],
  ["Heun", { ...at, solver: "heun" }, 1],
  ["a scheduler", { ...at, solver: flow }, 1],
  ["a scheduler with chance", { ...at, solver: { ...flow, stochastic_sampling: true } }, 1],
  ["the bridge on a scheduler's path", { ...at, solver: flow, eta: 0.6 }, 1],
  ["a method that looks two steps back", { ...at, steps: 6, solver: "dpmpp-3m" }, 0],
  ["Euler with rescaled guidance", { ...at, solver: "euler", guidanceRescale: 0.7 }, 0],
])(
  "a flow model: %s takes the device's way as often as it can, with the same pictures",
  async (_, request, trips) => {
    const count = { trajectories: 0, calls: 0 };
    const there = new Session(analyticEngine({ wrap: withTrajectory(count) }));
    const here = new Session(analyticEngine());
    const asked = { ...request, seeds: [1, 2] };
    const [found, expected] = [await there.sample(asked), await here.sample(asked)];
    expect(found.images.map(({ data }) => [...data])).toEqual(expected.images.map(({ data }) => [...data]));
    expect(count.trajectories).toBe(trips);
    expect(count.calls > 0).toBe(trips === 0);
    expect(there.ledger).toMatchObject({ nfe: here.ledger.nfe, forwards: here.ledger.forwards });
  },
);

const AFFINE = [
  "euler",
  "euler-karras",
  "euler-ancestral",
  "heun",
  "ddim",
  "ddpm",
  "kdpm2",
  "kdpm2-ancestral",
  "lcm",
  "tcd",
].concat([
  "dpmpp-2m",
  "dpmpp-2m-karras",
  "dpmpp-2m-sde",
  "dpmpp-2m-sde-karras",
  "dpm-singlestep",
  "dpmpp-sde",
  "deis",
]);
const REFUSED = ["euler-ancestral", "pndm", "kdpm2", "kdpm2-ancestral"];

describe.each(["epsilon", "v", "sample"] as const)("a model of %s", (prediction) => {
  const names = solverNamesFor({ prediction });

  test.each(names.filter((name) => prediction !== "sample" || !REFUSED.includes(name)))(
    "%s on the device gives the states of steps made one by one, at the same bill",
    async (solver) => {
      const count = { trajectories: 0, calls: 0 };
      const engines = [
        preservingEngine({ prediction, wrap: withTrajectory(count) }),
        preservingEngine({ prediction }),
      ] as const;
      const ends: Float32Array[][] = [];
      const bills: number[] = [];
      for (const engine of engines) {
        const asked = {
          condition: "high",
          guidance: 2,
          steps: 7,
          solver,
          seed: 4,
          verifier: "brightness",
          budget: {},
        };
        const run = await new Session(engine).search(randomSearch({ candidates: 2 }), asked).run();
        ends.push(await Promise.all(run.candidates.map(async (one) => (await one.latent()).data)));
        bills.push(run.ledger.nfe, run.ledger.forwards);
      }
      const [there, here] = ends as [Float32Array[], Float32Array[]];
      there.forEach((state, i) =>
        state.forEach((value, j) => expect(Math.abs(value - here[i]![j]!)).toBeLessThan(1e-4)),
      );
      expect(bills.slice(0, 2)).toEqual(bills.slice(2));
      expect(count.trajectories, solver).toBe(AFFINE.includes(solver) ? 1 : 0);
    },
  );
});

test.each([
  [
    "search over paths by Euler ancestral",
    searchOverPaths({ paths: 2, width: 2 }),
    { solver: "euler-ancestral" },
  ],
  ["successive halving by DPM++ 2M SDE", successiveHalving({ candidates: 4 }), { solver: "dpmpp-2m-sde" }],
  ["Feynman-Kac by EDM's DPM++ 2M", feynmanKac({ particles: 4 }), { solver: "dpmpp-2m" }],
  ["random search by EDM's Euler", randomSearch({ candidates: 2 }), { solver: "euler" }],
])(
  "%s: begun and ended on the schedule and beside it, ways on the device end where others do",
  async (name, algorithm, wishes) => {
    const count = { trajectories: 0, calls: 0 };
    const trained = name.includes("EDM") ? TRAINED_EDM : TRAINED;
    const ends = await Promise.all(
      [withTrajectory(count), (denoiser: Denoiser) => denoiser].map(async (wrap) => {
        const session = new Session(preservingEngine({ trained, wrap }));
        const asked = { steps: 6, seed: 4, verifier: "brightness", budget: { nfe: 120 }, ...wishes };
        const run = await session.search(algorithm, asked).run();
        return { data: (await run.best!.latent()).data, best: run.best!.id, nfe: run.ledger.nfe };
      }),
    );
    const [there, here] = ends as [(typeof ends)[0], (typeof ends)[0]];
    expect([there.best, there.nfe]).toEqual([here.best, here.nfe]);
    there.data.forEach((value, i) => expect(Math.abs(value - here.data[i]!)).toBeLessThan(1e-4));
    expect(count.trajectories).toBeGreaterThan(0);
  },
);

test.each<[string, Request, number]>([
  ["the bridge", { solver: "dpmpp-2m", eta: 0.5 }, 1],
  ["DDIM's own eta", { solver: "ddim", eta: 0.5 }, 1],
  ["churn of Euler", { solver: "euler", churn: { sChurn: 2 } }, 1],
  [
    "a sample that is clipped",
    { solver: { ...TRAINED, _class_name: "DDIMScheduler", clip_sample: true } },
    0,
  ],
  [
    "a sample that is thresholded",
    { solver: { ...TRAINED, _class_name: "DPMSolverMultistepScheduler", thresholding: true } },
    0,
  ],
])("a model of epsilon: %s", async (_, request, trips) => {
  const count = { trajectories: 0, calls: 0 };
  const there = new Session(preservingEngine({ wrap: withTrajectory(count) }));
  const asked = { ...request, condition: "high", guidance: 2, steps: 5, seeds: [1, 2] };
  const [found, expected] = [await there.sample(asked), await new Session(preservingEngine()).sample(asked)];
  expect(found.images.map(({ data }) => [...data])).toEqual(expected.images.map(({ data }) => [...data]));
  expect(count.trajectories).toBe(trips);
});

test("where values on the device are no numbers, the way is taken once more to name the step, and the others keep theirs", async () => {
  const count = { trajectories: 0, calls: 0 };
  // From level 0.5 on, what becomes of one seed is no number.
  const breaking = (denoiser: Denoiser): Denoiser => ({
    ...denoiser,
    async velocity(x, samples, level, conditions) {
      const out = await denoiser.velocity(x, samples, level, conditions);
      const size = x.length / samples;
      if (level <= 0.5) out[size] = NaN;
      return out;
    },
  });
  const wrap = (denoiser: Denoiser): Denoiser => withTrajectory(count)(breaking(denoiser));
  const engine = analyticEngine({ wrap });
  const key = (seed: number) => ({ seed, path: "noise/0" });
  const way = { solver: "euler", levels: [1, 0.75, 0.5, 0.25, 0], guidance: 1 } as const;
  await engine.noise([1, 2].map((seed) => ({ id: `noise ${seed}`, how: "prior", key: key(seed) })));
  const results = await engine.denoise(
    [1, 2].map((seed) => ({ id: `${seed}`, from: `noise ${seed}`, ...way })),
  );
  expect(results).toMatchObject([
    { outcome: "done", nfe: 8 },
    { outcome: "failed", nfe: 8 },
  ]);
  expect(results[1]!.failure).toBe(
    "the model gave values that are no numbers at evaluation 3 of 4, at level 0.5",
  );
  expect(count).toEqual({ trajectories: 1, calls: 4 });
  const plain = analyticEngine();
  await plain.noise([{ id: "noise 1", how: "prior", key: key(1) }]);
  await plain.denoise([{ id: "1", from: "noise 1", ...way }]);
  expect((await engine.read("1")).data).toEqual((await plain.read("1")).data);
});
