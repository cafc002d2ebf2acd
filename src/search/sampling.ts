import { InputError } from "./inputError.js";
import { oneOf, realNumber, shown, wholeNumber } from "./check.js";
import { parseCondition, type Condition, type ParsedCondition } from "./condition.js";
import type { EngineModel } from "./engine/engine.js";
import { flowLevels } from "./schedules/flow.js";
import type { Solver } from "./solvers/solver.js";
import { evaluationsOf, solverNames, solvers } from "./solvers/solvers.js";

/** How one trajectory from noise to image is made. What is absent comes from the model's card. */
export interface SamplingOptions {
  readonly solver?: Solver["name"];
  /** Denoising steps of one full trajectory. */
  readonly steps?: number;
  /** Classifier-free guidance scale; 1 = off. */
  readonly guidance?: number;
  /** 0 = the ODE; up to 1 = each step draws from the posterior with eta^2 of its variance, at one NFE a step, and the solver has no say. */
  readonly eta?: number;
  /** Only "dnb", the keyed noise, in this version. */
  readonly noise?: "dnb";
  readonly condition?: Condition;
}

export const SAMPLING_KEYS = ["condition", "solver", "steps", "guidance", "eta", "noise"] as const;

/** Sampling options, checked and complete. */
export interface Sampling {
  readonly solver: Solver;
  readonly steps: number;
  /** Of both passes together: 1 where there is one, because the scale is an input of the network. */
  readonly guidance: number;
  /** What was asked for. */
  readonly scale: number;
  readonly eta: number;
  readonly levels: readonly number[];
  readonly condition?: ParsedCondition;
}

/** `given`: an object whose keys have been checked. */
export function parseSampling(given: Readonly<Record<string, unknown>>, model: EngineModel): Sampling {
  const { defaults } = model;
  const solver = solvers[oneOf(given["solver"] ?? defaults.solver, "solver", solverNames)];
  const steps = wholeNumber(given["steps"] ?? defaults.steps, "steps", 1, 10_000);
  const asked = parseCondition(given["condition"], model);
  const eta = realNumber(given["eta"] ?? 0, "eta", 0, 1);
  oneOf(given["noise"] ?? "dnb", "noise", ["dnb"]);
  const scale = realNumber(given["guidance"] ?? (asked ? defaults.guidance : 1), "guidance", 0);
  if (!asked && scale !== 1) {
    throw new InputError(
      `guidance is ${shown(scale)}, but ${model.labels || model.textConditioned ? "there is no condition to guide to. Give one, or leave" : "the model takes no condition that it could guide to. Leave"} guidance at 1.`,
    );
  }
  const levels = flowLevels(steps);
  const embeds = model.embedsGuidance === true;
  if (embeds && asked?.condition.negative !== undefined) {
    throw new InputError(
      "The model has the guidance scale as an input and makes one pass, so it takes no negative prompt. Leave it out.",
    );
  }
  const condition =
    embeds && asked ? { ...asked, condition: { ...asked.condition, guidance: scale } } : asked;
  return {
    ...{ solver, steps, guidance: embeds ? 1 : scale, scale, eta, levels },
    ...(condition ? { condition } : {}),
  };
}

/** NFE of one full trajectory. */
export function trajectoryCost({ solver, eta, levels }: Sampling): number {
  return eta > 0 ? levels.length - 1 : evaluationsOf(solver, levels);
}

export function parseSeed(value: unknown, what: string): number {
  return wholeNumber(value, what, 0);
}
