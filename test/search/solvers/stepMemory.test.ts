import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { Session, type Denoiser, type SampleRequest } from "../../../src/search/index.js";
import { courseOf } from "../../../src/search/solvers/courses.js";
import { namedSolver, solverNamesFor, type SolverModel } from "../../../src/search/solvers/namedSolvers.js";
import type { SolverSpec } from "../../../src/search/solvers/solverSpec.js";
import { arraysMade } from "../helpers/arraysMade.js";
import { preservingEngine, TRAINED } from "../helpers/preserving.js";

/** Values of the state: larger than any table of a scheduler. */
const SIZE = 2100;

async function arraysOf(method: string, model: SolverModel, steps: number): Promise<number> {
  const { method: found } = namedSolver(method, model);
  const solver: SolverSpec = typeof found === "string" ? found : { config: found, steps };
  const course = courseOf(solver);
  const levels =
    "levels" in course
      ? (course.levels as readonly number[])
      : Array.from({ length: steps + 1 }, (_, i) => 1 - i / steps);
  return arraysMade(SIZE, async () => {
    // Of the class that counts, so that what is made of them counts too.
    const output = new Float32Array(SIZE);
    const network = async (x: { readonly data: Float32Array; readonly shape: readonly number[] }) => {
      for (let i = 0; i < SIZE; i++) output[i] = 0.1 * x.data[i]!;
      return { data: output, shape: [...x.shape] };
    };
    const start = { data: new Float32Array(SIZE).fill(0.5), shape: [1, 1, 1, SIZE] };
    const noise = new Float32Array(SIZE).fill(0.3);
    await course.travel(network, start, levels, () => noise);
  });
}

const models: readonly SolverModel[] = [
  { prediction: "epsilon", scheduler: TRAINED },
  { prediction: "v", scheduler: { ...TRAINED, prediction_type: "v_prediction" } },
  { prediction: "flow" },
];

const solvers = models.flatMap((model) =>
  solverNamesFor(model).map((name) => [name, model.prediction, model] as const),
);

test.each(solvers)(
  "%s of a model of %s: longer trips need no more memory than short ones",
  async (name, _, model) => {
    const [short, long] = [await arraysOf(name, model, 12), await arraysOf(name, model, 30)];
    expect(short).toBeGreaterThan(0);
    expect(long).toBe(short);
  },
);

const SIDE = 48;
type Request = Omit<SampleRequest, "seeds" | "steps">;

/** Arrays that a session makes for two samples; what the network gives is always in the same one. */
async function sessionArrays(request: Request, isFlow: boolean, steps: number): Promise<number> {
  const wrap = (denoiser: Denoiser): Denoiser => {
    const output = new Float32Array(4 * SIDE * SIDE);
    return {
      async velocity(x) {
        for (let i = 0; i < x.length; i++) output[i] = 0.1 * x[i]!;
        return output.subarray(0, x.length);
      },
      dispose: () => denoiser.dispose(),
    };
  };
  const latent = [1, SIDE, SIDE] as const;
  const engine = isFlow
    ? analyticEngine({ side: SIDE, wrap })
    : preservingEngine({ wrap, more: { latent, image: latent } });
  return arraysMade(SIZE, () => new Session(engine).sample({ ...request, steps, seeds: [1, 2] }));
}

const guided = { guidance: 2, condition: "high" };
const requests: [string, Request, boolean][] = [
  ...["euler-ancestral", "ddpm", "lcm", "dpmpp-2m-sde", "dpmpp-sde", "kdpm2-ancestral", "heun"].map(
    (solver): (typeof requests)[number] => [`${solver} with guidance`, { solver, ...guided }, false],
  ),
  ["DDIM's own eta", { solver: "ddim", eta: 1 }, false],
  ["churn", { solver: "euler", churn: { sChurn: 3 } }, false],
  ["the bridge", { solver: "euler", eta: 0.6, ...guided }, false],
  ["PyTorch's noise", { solver: "euler-ancestral", noise: "torch-cpu" }, false],
  ["PyTorch's CUDA noise", { solver: "lcm", noise: "torch-cuda" }, false],
  [
    "a whole batch in one draw",
    { solver: "euler-ancestral", noise: { kind: "torch-cpu", convention: "whole-batch" } },
    false,
  ],
  ["the bridge of a flow model", { solver: "heun", eta: 0.6, guidance: 2, condition: "bright" }, true],
  ["a flow model's Euler", { solver: "euler", guidance: 2, condition: "bright" }, true],
];

test.each(requests)(
  "a session by %s: the noise of a step and its guidance take no new memory either",
  async (_, request, isFlow) => {
    const [short, long] = [await sessionArrays(request, isFlow, 5), await sessionArrays(request, isFlow, 12)];
    expect(short).toBeGreaterThan(2);
    expect(long).toBe(short);
  },
);
