import { InputError } from "../inputError.js";
import { listed, shown } from "../check.js";
import type { EngineModel } from "../engine/engine.js";
import type { Prediction } from "../schedules/cleanSample.js";
import type { DiffusersSchedulerConfig } from "../schedulers/scheduler.js";
import { isEdm } from "../schedulers/edm.js";
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
  if (found) return { name: bare ?? found.name, method: configured(found.config, model) };
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

/** Fields that say how a model was trained, and those that its scheduler of another class has for it too. */
const CARRIED = [
  ...["num_train_timesteps", "beta_start", "beta_end", "beta_schedule", "trained_betas"],
  ...["rescale_betas_zero_snr", "timestep_spacing", "steps_offset", "set_alpha_to_one"],
  ...["clip_sample", "clip_sample_range", "thresholding", "dynamic_thresholding_ratio", "sample_max_value"],
  ...["original_inference_steps", "timestep_scaling"],
];

/** The same of one with EDM's preconditioning. */
const CARRIED_EDM = [
  ...[
    "num_train_timesteps",
    "final_sigmas_type",
    "sigma_min",
    "sigma_max",
    "sigma_data",
    "sigma_schedule",
    "rho",
  ],
];

/**
 * The model's own fields, then those of the solver: as `Class.from_config(pipe.scheduler.config, ...)` of diffusers, but from a scheduler of
 * another class only what is carried, so that a name is the same solver for every model.
 */
function configured(
  solver: DiffusersSchedulerConfig,
  { prediction, scheduler }: SolverModel,
): DiffusersSchedulerConfig {
  if (prediction === "flow") return flowConfigured(solver, scheduler);
  if (!scheduler) {
    throw new InputError(
      "The model says nothing of the noise that it was trained with, so a named solver cannot know it. Give a scheduler_config.json object as the solver.",
    );
  }
  const prediction_type = DIFFUSERS_PREDICTION[prediction];
  const carried = isEdm(scheduler) ? CARRIED_EDM : CARRIED;
  const own = Object.entries(scheduler).filter(
    ([field]) =>
      field !== "_class_name" && (scheduler._class_name === solver._class_name || carried.includes(field)),
  );
  const { clip_sample: _, ...forced } = solver;
  return { ...solver, ...Object.fromEntries(own), ...forced, prediction_type };
}

function flowConfigured(
  solver: DiffusersSchedulerConfig,
  scheduler: DiffusersSchedulerConfig | undefined,
): DiffusersSchedulerConfig {
  const { shift = 1, num_train_timesteps = 1000, use_dynamic_shifting = false } = scheduler ?? NO_SCHEDULER;
  if (scheduler?._class_name === solver._class_name) return { ...scheduler, ...solver };
  if (solver._class_name.startsWith("FlowMatch")) {
    const dynamic = solver._class_name.includes("Heun") ? {} : { use_dynamic_shifting };
    return { ...solver, num_train_timesteps, shift, ...dynamic };
  }
  return {
    ...{ prediction_type: "flow_prediction", use_flow_sigmas: true, flow_shift: shift },
    ...{ num_train_timesteps, use_dynamic_shifting },
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
