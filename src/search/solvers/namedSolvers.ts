import { InputError } from "../inputError.js";
import { listed, shown } from "../check.js";
import type { EngineModel } from "../engine/engine.js";
import type { Prediction } from "../schedules/cleanSample.js";
import type { DiffusersSchedulerConfig } from "../schedulers/scheduler.js";
import { isEdm } from "../schedulers/edm.js";
import { carriedFields } from "./carriedFields.js";
import { DIFFUSERS_PREDICTION } from "./schedulerPrediction.js";
import type { Solver } from "./solver.js";

/** What of a model decides which solvers it can have. */
export type SolverModel = Pick<EngineModel, "prediction" | "scheduler">;

interface NamedSolver {
  readonly name: string;
  readonly aliases: readonly string[];
  /** A class of diffusers with what it has other than its defaults. */
  readonly config: DiffusersSchedulerConfig;
}

const MULTISTEP = "DPMSolverMultistepScheduler";
const SINGLESTEP = "DPMSolverSinglestepScheduler";
const KARRAS = { use_karras_sigmas: true };
const SDE = { algorithm_type: "sde-dpmsolver++" };

/** For networks that predict noise, v or the sample. */
const PRESERVING: readonly NamedSolver[] = [
  named("euler", "EulerDiscreteScheduler"),
  named("euler-karras", "EulerDiscreteScheduler", KARRAS),
  named("euler-ancestral", "EulerAncestralDiscreteScheduler", {}, "euler-a"),
  named("heun", "HeunDiscreteScheduler"),
  named("ddim", "DDIMScheduler", { clip_sample: false }),
  named("ddpm", "DDPMScheduler", { clip_sample: false }),
  named("pndm", "PNDMScheduler", { skip_prk_steps: true }, "plms"),
  named("lms", "LMSDiscreteScheduler"),
  named("lms-karras", "LMSDiscreteScheduler", KARRAS),
  named("kdpm2", "KDPM2DiscreteScheduler", {}, "dpm2"),
  named("kdpm2-ancestral", "KDPM2AncestralDiscreteScheduler", {}, "dpm2-a"),
  named("dpmpp-2m", MULTISTEP, {}, "dpm++-2m"),
  named("dpmpp-2m-karras", MULTISTEP, KARRAS, "dpm++-2m-karras"),
  named("dpmpp-2m-sde", MULTISTEP, SDE, "dpm++-2m-sde"),
  named("dpmpp-2m-sde-karras", MULTISTEP, { ...SDE, ...KARRAS }, "dpm++-2m-sde-karras"),
  named("dpmpp-3m", MULTISTEP, { solver_order: 3 }, "dpm++-3m"),
  named("dpm-singlestep", SINGLESTEP, { lower_order_final: true }, "dpmpp-2s", "dpm++-2s"),
  named("dpmpp-sde", SINGLESTEP, { lower_order_final: true, ...SDE }, "dpm++-sde"),
  named("unipc", "UniPCMultistepScheduler"),
  named("unipc-karras", "UniPCMultistepScheduler", KARRAS),
  named("deis", "DEISMultistepScheduler"),
  named("lcm", "LCMScheduler"),
  named("tcd", "TCDScheduler"),
];

const EDM_MULTISTEP = "EDMDPMSolverMultistepScheduler";

/** For networks with EDM's preconditioning. */
const PRECONDITIONED: readonly NamedSolver[] = [
  named("euler", "EDMEulerScheduler"),
  named("dpmpp-2m", EDM_MULTISTEP, {}, "dpm++-2m"),
  named("dpmpp-2m-sde", EDM_MULTISTEP, SDE, "dpm++-2m-sde"),
  named("dpmpp-3m", EDM_MULTISTEP, { solver_order: 3 }, "dpm++-3m"),
];

/** For networks of flow matching. */
const FLOW: readonly NamedSolver[] = [
  named("flow-euler", "FlowMatchEulerDiscreteScheduler"),
  named("flow-heun", "FlowMatchHeunDiscreteScheduler"),
  named("dpmpp-2m", MULTISTEP, {}, "dpm++-2m"),
  named("dpmpp-2m-sde", MULTISTEP, SDE, "dpm++-2m-sde"),
  named("dpmpp-3m", MULTISTEP, { solver_order: 3 }, "dpm++-3m"),
  named("dpm-singlestep", SINGLESTEP, { lower_order_final: true }, "dpmpp-2s", "dpm++-2s"),
  named("dpmpp-sde", SINGLESTEP, { lower_order_final: true, ...SDE }, "dpm++-sde"),
  named("unipc", "UniPCMultistepScheduler"),
  named("deis", "DEISMultistepScheduler"),
];

/** The solvers of the bare flow path, equal steps from 1 to 0; a model with a schedule of its own has that instead. */
const BARE: readonly Solver["name"][] = ["euler", "heun"];

/** Names of the solvers that a model can have. */
export function solverNamesFor(model: SolverModel): readonly string[] {
  const names = solversOf(model).map(({ name }) => name);
  return model.prediction === "flow" ? [...BARE, ...names] : names;
}

function solversOf({ prediction, scheduler }: SolverModel): readonly NamedSolver[] {
  if (prediction === "flow") return FLOW;
  return scheduler && isEdm(scheduler) ? PRECONDITIONED : PRESERVING;
}

/** Of a name or an alias, in any case of letters; the class of the model's own scheduler names that. */
export function namedSolver(
  value: string,
  model: SolverModel,
): { readonly name: string; readonly method: Solver["name"] | DiffusersSchedulerConfig } {
  const wanted = value.trim().toLowerCase();
  const isFlow = model.prediction === "flow";
  const bare = isFlow ? BARE.find((name) => name === wanted) : undefined;
  if (bare && !model.scheduler) return { name: bare, method: bare };
  const own = model.scheduler;
  if (own?._class_name === value) return { name: value, method: own };
  const found = find(bare ? `flow-${bare}` : wanted, solversOf(model));
  if (found) return { name: bare ?? found.name, method: configured(found, model) };
  const names = listed("There is", solverNamesFor(model));
  const other = [FLOW, PRESERVING, PRECONDITIONED].some((solvers) => find(wanted, solvers));
  const kind =
    solversOf(model) === PRECONDITIONED
      ? "with EDM's preconditioning"
      : `that predicts ${PREDICTED[model.prediction]}`;
  throw new InputError(
    other
      ? `solver ${shown(value)} is not for a model ${kind}. ${names}.`
      : `solver ${shown(value)} does not exist. ${names}.`,
  );
}

export const PREDICTED: Readonly<Record<Prediction, string>> = {
  flow: "the velocity of flow matching",
  epsilon: "the noise (epsilon)",
  v: "v",
  sample: "the clean sample",
};

/** Fields that a name decides, also where it leaves them at the class's defaults: of these nothing is taken from the model's scheduler. */
function decidedBy(name: string): readonly string[] {
  return [
    // A variance that a network gives beside its prediction never comes to a solver: pipelines drop it.
    ...(name.startsWith("dpm") ? ["solver_order", "algorithm_type", "variance_type"] : []),
    ...(name === "deis" ? ["algorithm_type"] : []),
    ...(name.endsWith("karras") ? ["use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas"] : []),
  ];
}

/**
 * The configuration of a solver for a model: the model's own fields as diffusers carries them from class to class, then those that the name
 * says. A latent has no range to be clipped to, so DDIM and DDPM clip only where the model's own scheduler says so.
 */
function configured(
  { name, config: solver }: NamedSolver,
  { prediction, scheduler }: SolverModel,
): DiffusersSchedulerConfig {
  const carried = Object.entries(scheduler ? carriedFields(scheduler, solver) : {});
  const decided = decidedBy(name);
  const own = Object.fromEntries(carried.filter(([field]) => !decided.includes(field)));
  if (prediction === "flow") return flowConfigured(solver, own, scheduler);
  if (!scheduler) {
    throw new InputError(
      "The model says nothing of the noise that it was trained with, so a named solver cannot know it. Give a scheduler_config.json object as the solver.",
    );
  }
  const prediction_type = DIFFUSERS_PREDICTION[prediction];
  const { clip_sample: _, ...forced } = solver;
  return { ...solver, ...own, ...forced, prediction_type };
}

/** As `from_config` with use_flow_sigmas, the prediction and the shift, which the two kinds of scheduler name differently. */
function flowConfigured(
  solver: DiffusersSchedulerConfig,
  own: Readonly<Record<string, unknown>>,
  scheduler: DiffusersSchedulerConfig | undefined,
): DiffusersSchedulerConfig {
  const {
    flow_shift = 1,
    shift = flow_shift,
    num_train_timesteps = 1000,
    use_dynamic_shifting = false,
  } = scheduler ?? NO_SCHEDULER;
  if (solver._class_name.startsWith("FlowMatch")) {
    const dynamic = solver._class_name.includes("Heun") ? {} : { use_dynamic_shifting };
    return { ...solver, num_train_timesteps, shift, ...dynamic, ...own };
  }
  return {
    ...{ prediction_type: "flow_prediction", use_flow_sigmas: true, flow_shift: shift },
    ...{ num_train_timesteps, use_dynamic_shifting },
    ...own,
    ...solver,
  };
}

const NO_SCHEDULER: Readonly<Record<string, unknown>> = {};

function find(wanted: string, solvers: readonly NamedSolver[]): NamedSolver | undefined {
  return solvers.find(({ name, aliases }) => name === wanted || aliases.includes(wanted));
}

function named(
  name: string,
  className: string,
  more: Readonly<Record<string, unknown>> = {},
  ...aliases: string[]
): NamedSolver {
  return { name, aliases, config: { _class_name: className, ...more } };
}
