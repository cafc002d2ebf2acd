import { expect, test } from "vitest";
import fixture from "../../fixtures/schedulers/from-config.json" with { type: "json" };
import type { DiffusersSchedulerConfig } from "../../../src/search/index.js";
import { isEdm } from "../../../src/search/schedulers/edm.js";
import { fieldsOf, schedulerFromConfig } from "../../../src/search/schedulers/schedulerFromConfig.js";
import { namedSolver, solverNamesFor, type SolverModel } from "../../../src/search/solvers/namedSolvers.js";
import { parseSolver } from "../../../src/search/solvers/parseSolver.js";
import { predictionOf } from "../../../src/search/solvers/schedulerPrediction.js";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";

// Class.from_config(pipe.scheduler.config, ...) of diffusers 0.42.1, by training/fixtures/named_solvers.py.
const models = fixture.models as unknown as Readonly<Record<string, DiffusersSchedulerConfig>>;
const cases = fixture.cases as unknown as readonly {
  readonly model: string;
  readonly name: string;
  readonly class: string;
  readonly fields: Readonly<Record<string, unknown>>;
}[];

const modelOf = (name: string): SolverModel => {
  const scheduler = models[name]!;
  const prediction = isEdm(scheduler) ? "epsilon" : predictionOf(scheduler);
  return { prediction, scheduler };
};
const named = (model: SolverModel, name: string): DiffusersSchedulerConfig =>
  namedSolver(name, model).method as DiffusersSchedulerConfig;

/** All fields of a class, with its defaults for those that are absent and in the form in which it computes with them. */
const complete = (config: DiffusersSchedulerConfig): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fieldsOf(config)).map(([name, field]) => [
      name,
      config[name] === undefined ? field.absent : field.parse(config[name], name),
    ]),
  );

test.each(cases)("$name for the scheduler of $model is what diffusers makes of it", (given) => {
  const config = named(modelOf(given.model), given.name);
  const expected = complete({ _class_name: given.class, ...given.fields });
  // The difference that is documented: only where the model's scheduler says so.
  if (["ddim", "ddpm"].includes(given.name))
    expected["clip_sample"] = models[given.model]!["clip_sample"] ?? false;
  expect(config._class_name).toBe(given.class);
  expect(complete(config)).toEqual(expected);
  expect(
    schedulerFromConfig(config).timesteps(10, given.fields["use_dynamic_shifting"] ? { mu: 0.8 } : {}).length,
  ).toBeGreaterThan(9);
});

test("the cases are of all names, and of each kind of model", () => {
  for (const [name] of Object.entries(models)) {
    const own = cases.filter(({ model }) => model === name).map((each) => each.name);
    const known = solverNamesFor(modelOf(name));
    expect(new Set(own)).toEqual(new Set(known.filter((each) => !BARE.includes(each) || own.includes(each))));
  }
});
/** Of a flow model with a scheduler these are flow-euler and flow-heun. */
const BARE = ["euler", "heun"];

test("a name is what it says, whatever the model's own scheduler of the same class is", () => {
  const scheduler = models["levels of its own"]!;
  const config = named({ prediction: "epsilon", scheduler }, "dpmpp-2m");
  expect(complete(config)).toMatchObject({ solver_order: 2, algorithm_type: "dpmsolver++" });
  expect(complete(named({ prediction: "epsilon", scheduler }, "DPMSolverMultistepScheduler"))).toMatchObject({
    solver_order: 3,
    algorithm_type: "sde-dpmsolver++",
  });
  const exponential = named(modelOf("UniPC"), "dpmpp-2m-karras");
  expect(complete(exponential)).toMatchObject({ use_karras_sigmas: true, use_exponential_sigmas: false });
});

test("the limits of a dynamic shift are those of the model's scheduler, in classes too that have no such field", () => {
  const { model } = analyticEngine();
  const scheduler = { ...models["FLUX dev"]!, base_shift: 0.1, max_shift: 2 };
  const mu = (solver: string): number | undefined => {
    const { spec } = parseSolver(solver, 4, { ...model, scheduler, schedule: { tokens: 4096 } });
    return typeof spec === "string" ? undefined : spec.schedule?.mu;
  };
  for (const name of ["flow-euler", "dpmpp-2m"]) expect(mu(name)).toBeCloseTo(2, 12);
  expect(mu("flow-heun")).toBeUndefined();
});
