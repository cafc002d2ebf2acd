import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { Session, type Denoiser, type SampleRequest } from "../../../src/search/index.js";
import { preservingEngine, TRAINED } from "../helpers/preserving.js";

/** Lets a denoiser take whole trajectories as a device would, in plain arithmetic, and counts them. */
function withTrajectory(count: { trajectories: number; calls: number }) {
  return (denoiser: Denoiser): Denoiser => ({
    velocity(...call) {
      count.calls++;
      return denoiser.velocity(...call);
    },
    async trajectory(start, steps, { count: samples, conditions, guidance }, before) {
      count.trajectories++;
      let x = start.slice();
      for (const { level, keep, slope, add, noise } of steps) {
        before();
        const input = guidance === undefined ? x : Float32Array.of(...x, ...x);
        const out = await denoiser.velocity(input, conditions.length, level, conditions);
        const z = noise?.();
        const size = x.length;
        const guided = (i: number): number =>
          guidance === undefined ? out[i]! : out[size + i]! + guidance * (out[i]! - out[size + i]!);
        x = x.map((value, i) => keep * value + slope * guided(i) + (z ? add * z[i]! : 0));
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
  ["Heun", { ...at, solver: "heun" }, 0],
  ["a scheduler", { ...at, solver: flow }, 0],
  ["the bridge on a scheduler's path", { ...at, solver: flow, eta: 0.6 }, 0],
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

test.each(["epsilon", "v", "sample"] as const)(
  "a model of %s never takes it, whatever the solver",
  async (prediction) => {
    const count = { trajectories: 0, calls: 0 };
    const configured = {
      ...{ ...TRAINED, _class_name: "DDIMScheduler", skip_prk_steps: undefined },
      prediction_type: prediction === "v" ? "v_prediction" : prediction,
    };
    const session = new Session(preservingEngine({ prediction, wrap: withTrajectory(count) }));
    for (const solver of ["euler", "ddim", "heun", "dpmpp-2m", configured]) {
      for (const eta of [0, 0.5]) {
        await session.sample({ condition: "high", guidance: 2, steps: 3, solver, eta, seeds: [1] });
      }
    }
    expect(count.trajectories).toBe(0);
    expect(count.calls).toBeGreaterThan(20);
  },
);

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
