import { InputError } from "../inputError.js";
import { listed, plainObject, realNumber, shown } from "../check.js";
import type { EngineModel } from "../engine/engine.js";
import { isEdm } from "../schedulers/edm.js";
import { linspace } from "../schedulers/numpy.js";
import type { DiffusersSchedulerConfig, ScheduleOptions } from "../schedulers/scheduler.js";
import { schedulerFromConfig } from "../schedulers/schedulerFromConfig.js";
import { flowLevels } from "../schedules/flow.js";
import type { Course } from "./course.js";
import { courseOf } from "./courses.js";
import { namedSolver, PREDICTED, solverNamesFor } from "./namedSolvers.js";
import type { SchedulerCourse } from "./schedulerCourse.js";
import { resolutionShift } from "./resolutionShift.js";
import { predictionOf } from "./schedulerPrediction.js";
import type { SchedulerSpec, SolverOptions, SolverSpec } from "./solverSpec.js";

/** A solver, checked against its model. */
export interface ParsedSolver {
  /** As the record has it: the name without aliases, or the class of a configuration. */
  readonly name: string;
  /** The configuration that was given, where no name stands for it. */
  readonly config?: DiffusersSchedulerConfig;
  readonly spec: SolverSpec;
  readonly course: Course;
  /** Noise levels of one full trajectory, descending from 1 to 0. */
  readonly levels: readonly number[];
  /** The default eta of one that takes an eta itself (DDIM 0, TCD 0.3); undefined for the others. */
  readonly ownEta: number | undefined;
  readonly churn?: Churn;
}

/** Karras et al. 2022, algorithm 2. */
export type Churn = Omit<SolverOptions, "eta">;

const OWN_ETA: Readonly<Record<string, number>> = { DDIMScheduler: 0, TCDScheduler: 0.3 };

/** `value`: a name, or the object of a scheduler_config.json. Throws for what the model cannot have, and lists what it can. */
export function parseSolver(
  value: unknown,
  steps: number,
  model: EngineModel,
  churned?: unknown,
): ParsedSolver {
  const churn = churned === undefined ? undefined : parseChurn(churned);
  const isName = typeof value === "string";
  const { name, method } = isName ? namedSolver(value, model) : parseConfig(value, model);
  if (typeof method === "string") {
    if (churn) throw new InputError(`churn: the solver "${method}" of this model has none. Leave it out.`);
    const parts = { course: courseOf(method), levels: flowLevels(steps), ownEta: undefined };
    return { name, spec: method, ...parts };
  }
  const ownEta = OWN_ETA[method._class_name];
  const schedule = scheduleOptions(isName ? { ...shiftOf(model), ...method } : method, steps, model);
  const spec: SchedulerSpec = {
    ...{ config: method, steps },
    ...(schedule ? { schedule } : {}),
    ...(churn ? { options: churn } : {}),
  };
  // SAFETY: the course of a scheduler is one of these.
  const course = courseOf(ownEta ? withEta(spec, ownEta) : spec) as SchedulerCourse;
  return {
    ...{ name, spec, course, levels: course.levels, ownEta },
    ...(isName ? {} : { config: method }),
    ...(churn ? { churn } : {}),
  };
}

/** The same method with this eta. */
export function withEta(spec: SolverSpec, eta: number): SolverSpec {
  return typeof spec === "string" ? spec : { ...spec, options: { ...spec.options, eta } };
}

function parseConfig(
  value: unknown,
  model: EngineModel,
): { readonly name: string; readonly method: DiffusersSchedulerConfig } {
  if (typeof value !== "object" || value === null || Array.isArray(value) || !("_class_name" in value)) {
    throw new InputError(
      `solver is ${shown(value)}, but must be a name or the object of a scheduler_config.json, with its _class_name. ${listed("There is", solverNamesFor(model))}.`,
    );
  }
  // SAFETY: its course looks at every field.
  const config = value as DiffusersSchedulerConfig;
  const { name } = schedulerFromConfig(config);
  const predicts = predictionOf(config);
  const isPreconditioned = model.scheduler !== undefined && isEdm(model.scheduler);
  if (isEdm(config) !== isPreconditioned) {
    const [other, own] = ["noise levels of betas or of flow matching", "EDM's preconditioning (sigma_data)"];
    throw new InputError(
      `${name} is for networks with ${isPreconditioned ? other : own}, but this one has ${isPreconditioned ? own : other}. ${listed("There is", solverNamesFor(model))}.`,
    );
  }
  if (predicts === model.prediction) return { name, method: config };
  throw new InputError(
    `${name} of this configuration is for a model that predicts ${PREDICTED[predicts]}, but this one predicts ${PREDICTED[model.prediction]}. ` +
      `Set its prediction_type, or take a named solver. ${listed("There is", solverNamesFor(model))}.`,
  );
}

/** What the pipelines of diffusers give `set_timesteps`: FLUX its even sigmas, and a dynamic shift the mu of the image's size. */
function scheduleOptions(
  config: DiffusersSchedulerConfig,
  steps: number,
  { schedule = {}, latent }: EngineModel,
): ScheduleOptions | undefined {
  const even = schedule.even && config._class_name === "FlowMatchEulerDiscreteScheduler";
  const sigmas = even ? [...linspace(1, 1 / steps, steps)] : undefined;
  const tokens = schedule.tokens ?? (latent[1] * latent[2]) / 4;
  const mu = resolutionShift(config, tokens, schedule.maxShift);
  if (!sigmas && mu === undefined) return undefined;
  return { ...(sigmas ? { sigmas } : {}), ...(mu === undefined ? {} : { mu }) };
}

/** By what the pipelines of diffusers find mu: fields of the model's scheduler that stay in the configuration of one of another class. */
function shiftOf({ scheduler }: EngineModel): Readonly<Record<string, unknown>> {
  const fields = ["base_shift", "max_shift", "base_image_seq_len", "max_image_seq_len"];
  return Object.fromEntries(Object.entries(scheduler ?? {}).filter(([field]) => fields.includes(field)));
}

function parseChurn(value: unknown): Churn {
  const given = plainObject(value, "churn", ["sChurn", "sTmin", "sTmax", "sNoise"]);
  const numbers = Object.entries(given).map(([key, each]) => [key, realNumber(each, `churn.${key}`, 0)]);
  return Object.fromEntries(numbers) as Churn;
}
