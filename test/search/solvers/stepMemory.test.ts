import { afterEach, expect, test, vi } from "vitest";
import { courseOf } from "../../../src/search/solvers/courses.js";
import { namedSolver, solverNamesFor, type SolverModel } from "../../../src/search/solvers/namedSolvers.js";
import type { SolverSpec } from "../../../src/search/solvers/solverSpec.js";
import { TRAINED } from "../helpers/preserving.js";

/** Values of the state: larger than any table of a scheduler. */
const SIZE = 1500;

afterEach(() => vi.unstubAllGlobals());

/** How many arrays of at least `SIZE` values `work` makes. */
async function made(work: () => Promise<unknown>): Promise<number> {
  const before = Float32Array;
  let count = 0;
  class Counted extends before {
    constructor(...given: [length: number]) {
      super(...given);
      if (this.length >= SIZE && this.byteOffset === 0) count++;
    }
  }
  vi.stubGlobal("Float32Array", Counted);
  try {
    await work();
  } finally {
    vi.unstubAllGlobals();
  }
  return count;
}

async function arraysOf(method: string, model: SolverModel, steps: number): Promise<number> {
  const { method: found } = namedSolver(method, model);
  const solver: SolverSpec = typeof found === "string" ? found : { config: found, steps };
  const course = courseOf(solver);
  const levels =
    "levels" in course
      ? (course.levels as readonly number[])
      : Array.from({ length: steps + 1 }, (_, i) => 1 - i / steps);
  return made(async () => {
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
