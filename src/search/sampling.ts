import { InputError } from "./inputError.js";
import { realNumber, shown, wholeNumber } from "./check.js";
import { parseCondition, type Condition, type ParsedCondition } from "./condition.js";
import type { EngineModel } from "./engine/engine.js";
import { parseNoise, type NoiseChoice, type NoiseOption } from "./random/noiseChoice.js";
import { parseTorchSeed } from "./random/torchSeed.js";
import type { DiffusersSchedulerConfig } from "./schedulers/scheduler.js";
import { courseOf } from "./solvers/courses.js";
import { parseSolver, withEta, type Churn, type ParsedSolver } from "./solvers/parseSolver.js";
import type { SolverSpec } from "./solvers/solverSpec.js";

/** How one trajectory from noise to image is made. What is absent comes from the model's card. */
export interface SamplingOptions {
  /**
   * A name or the object of a diffusers scheduler_config.json. For a model that predicts noise, v or the sample: euler, euler-karras,
   * euler-ancestral (euler-a), heun, ddim, ddpm, pndm (plms), lms, lms-karras, kdpm2 (dpm2), kdpm2-ancestral (dpm2-a), dpmpp-2m,
   * dpmpp-2m-karras, dpmpp-2m-sde, dpmpp-2m-sde-karras, dpmpp-3m, dpm-singlestep (dpmpp-2s), dpmpp-sde, unipc, unipc-karras, deis, lcm, tcd;
   * "dpm++-" is the same as "dpmpp-". For a flow model: euler, heun, flow-euler, flow-heun, dpmpp-2m, dpmpp-2m-sde, dpmpp-3m, dpm-singlestep,
   * dpmpp-sde, unipc, deis. A name is what `Class.from_config(pipe.scheduler.config)` gives in diffusers; euler and heun of a flow model that
   * has no scheduler of its own take equal steps from 1 to 0.
   *
   * A full trajectory is the scheduler's loop. A search that begins or ends in the middle of it does so at a level of the schedule, where
   * multistep history starts anew with the orders of a beginning, or beside it: to and from such a level a state goes by one step of
   * Euler's method on the noise path.
   */
  readonly solver?: string | DiffusersSchedulerConfig;
  /** Denoising steps of one full trajectory. */
  readonly steps?: number;
  /** Classifier-free guidance scale; 1 = off. */
  readonly guidance?: number;
  /**
   * DDIM and TCD: their own eta. Of the others, 0 = as the solver is; up to 1 = each step draws from the posterior with eta^2 of its variance, at
   * one NFE a step, and the solver has no say.
   */
  readonly eta?: number;
  /** Stochastic churn of Euler and Heun (Karras et al. 2022, algorithm 2). */
  readonly churn?: Churn;
  /**
   * Whose numbers the starting noises are: the keyed ones of this package, or PyTorch's for a seed. `sample`: stochastic solvers go on drawing
   * from the same generator, as in diffusers. A search: its k-th noise (from 0) is that of the seed + k, stochastic solvers go on with its generator
   * on the way from there, and everything else (neighbours, renoising, children, bridges) has keyed numbers.
   */
  readonly noise?: NoiseOption;
  readonly condition?: Condition;
}

export const SAMPLING_KEYS = ["condition", "solver", "steps", "guidance", "eta", "churn", "noise"] as const;

/** Sampling options, checked and complete. */
export interface Sampling extends Pick<ParsedSolver, "name" | "config" | "churn" | "levels" | "course"> {
  readonly steps: number;
  /** Of both passes together: 1 where there is one, because the scale is an input of the network. */
  readonly guidance: number;
  /** What was asked for. */
  readonly scale: number;
  readonly eta: number;
  readonly condition?: ParsedCondition;
  readonly noise: NoiseChoice;
  /** The method of one trip, by what the trip asks for. */
  readonly methodAt: (eta: number) => Method;
  /** Euler's method on the path: what predicts clean samples. */
  readonly plain: SolverSpec;
}

export interface Method {
  readonly solver: SolverSpec;
  /** Of the posterior bridge; undefined where the solver itself goes. */
  readonly bridge: number | undefined;
  /** Whether the trip needs noise. */
  readonly isStochastic: boolean;
}

/** `given`: an object whose keys have been checked. */
export function parseSampling(given: Readonly<Record<string, unknown>>, model: EngineModel): Sampling {
  const { defaults } = model;
  const steps = wholeNumber(given["steps"] ?? defaults.steps, "steps", 1, 10_000);
  const solver = parseSolver(given["solver"] ?? defaults.solver, steps, model, given["churn"]);
  const asked = parseCondition(given["condition"], model);
  const eta = realNumber(given["eta"] ?? solver.ownEta ?? 0, "eta", 0, 1);
  const noise = parseNoise(given["noise"]);
  const scale = parseGuidance(given["guidance"], asked, model);
  const embeds = model.embedsGuidance === true;
  if (embeds && asked?.condition.negative !== undefined) {
    throw new InputError(
      "The model has the guidance scale as an input and makes one pass, so it takes no negative prompt. Leave it out.",
    );
  }
  const condition =
    embeds && asked ? { ...asked, condition: { ...asked.condition, guidance: scale } } : asked;
  const { name, config, churn, levels, spec } = solver;
  const methodAt = methods(solver);
  return {
    ...{ name, levels, steps, guidance: embeds ? 1 : scale, scale, eta, noise, methodAt },
    course: courseOf(methodAt(eta).solver),
    plain: typeof spec === "string" ? "euler" : { ...spec, plain: true },
    ...(config ? { config } : {}),
    ...(churn ? { churn } : {}),
    ...(condition ? { condition } : {}),
  };
}

function parseGuidance(value: unknown, condition: ParsedCondition | undefined, model: EngineModel): number {
  const scale = realNumber(value ?? (condition ? model.defaults.guidance : 1), "guidance", 0);
  if (condition || scale === 1) return scale;
  throw new InputError(
    model.labels || model.textConditioned
      ? `guidance is ${shown(scale)}, but there is no condition to guide to. Give one, or leave guidance at 1.`
      : `guidance is ${shown(scale)}, but the model takes no condition that it could guide to. Leave guidance at 1.`,
  );
}

/** One object for each eta: candidates share it, and what is known of it. */
function methods({ spec, ownEta }: ParsedSolver): (eta: number) => Method {
  const known = new Map<number, Method>();
  const make = (eta: number): Method => {
    if (ownEta === undefined && eta > 0) return { solver: spec, bridge: eta, isStochastic: true };
    const solver = ownEta === undefined ? spec : withEta(spec, eta);
    return { solver, bridge: undefined, isStochastic: courseOf(solver).isStochastic };
  };
  return (eta) => {
    const method = known.get(eta) ?? make(eta);
    known.set(eta, method);
    return method;
  };
}

/** Network evaluations of a trip through these levels. */
export function evaluationsAt({ methodAt }: Sampling, levels: readonly number[], eta: number): number {
  const { solver, bridge } = methodAt(eta);
  return bridge === undefined ? courseOf(solver).evaluations(levels) : levels.length - 1;
}

/** NFE of one full trajectory. */
export function trajectoryCost(sampling: Sampling): number {
  return evaluationsAt(sampling, sampling.levels, sampling.eta);
}

/** Of a search; its record has the seed as a JSON number. */
export function parseSeed(value: unknown, what: string): number {
  return wholeNumber(
    typeof value === "bigint" && value >= 0n && value <= SAFE ? Number(value) : value,
    what,
    0,
  );
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Of one image: 64 bits; beyond 2^53 as a bigint. */
export function parseImageSeed(value: unknown, what: string): number | bigint {
  parseTorchSeed(value, what);
  return value as number | bigint;
}
