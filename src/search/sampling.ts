import { realNumber, wholeNumber } from "./check.js";
import { parseCondition, type Condition, type ParsedCondition } from "./condition.js";
import type { EngineModel } from "./engine/engine.js";
import type { Guidance } from "./engine/tensorId.js";
import { parseGuidance, type GuidanceOptions } from "./guidance.js";
import { parseNoise, type NoiseChoice, type NoiseOption } from "./random/noiseChoice.js";
import { parseTorchSeed } from "./random/torchSeed.js";
import type { DiffusersSchedulerConfig } from "./schedulers/scheduler.js";
import { courseOf } from "./solvers/courses.js";
import { parseSolver, withEta, type Churn, type ParsedSolver } from "./solvers/parseSolver.js";
import { plainOf, type SolverSpec } from "./solvers/solverSpec.js";

/** How one trajectory from noise to image is made. What is absent comes from the model's card. */
export interface SamplingOptions {
  /**
   * A name or the object of a diffusers scheduler_config.json. For a model that predicts noise, v or the sample: euler, euler-karras,
   * euler-ancestral (euler-a), heun, ddim, ddpm, pndm (plms), lms, lms-karras, kdpm2 (dpm2), kdpm2-ancestral (dpm2-a), dpmpp-2m,
   * dpmpp-2m-karras, dpmpp-2m-sde, dpmpp-2m-sde-karras, dpmpp-3m, dpm-singlestep (dpmpp-2s), dpmpp-sde, unipc, unipc-karras, deis, lcm, tcd;
   * "dpm++-" is the same as "dpmpp-". For a flow model: euler, heun, flow-euler, flow-heun, dpmpp-2m, dpmpp-2m-sde, dpmpp-3m, dpm-singlestep,
   * dpmpp-sde, unipc, deis. For one with EDM's preconditioning (Playground 2.5): euler, dpmpp-2m, dpmpp-2m-sde, dpmpp-3m.
   *
   * A name sets its own fields. Of the model's own scheduler all fields stay that its class has, as in
   * `Class.from_config(pipe.scheduler.config)` of diffusers: those of training (num_train_timesteps, betas, rescale_betas_zero_snr, the
   * prediction), timestep_spacing and steps_offset, Karras' and other spacing of levels, sigma_min and sigma_max, final_sigmas_type, clipping and
   * thresholding. Three differences: a name with "dpm" or "deis" says its algorithm, and with "dpm" its order; the shift of a flow model is carried between `shift` and
   * `flow_shift`; "ddim" and "ddpm" clip only where the model's scheduler says so, because a latent has no range. For other fields give the
   * configuration as the object. Euler and heun of a flow model that has no scheduler of its own take equal steps from 1 to 0.
   *
   * A full trajectory is the scheduler's loop. A search that begins or ends in the middle of it does so at a level of the schedule, where
   * multistep history starts anew with the orders of a beginning, or beside it: to and from such a level a state goes by one step of
   * Euler's method on the noise path.
   */
  readonly solver?: string | DiffusersSchedulerConfig;
  /** Denoising steps of one full trajectory. */
  readonly steps?: number;
  /**
   * Classifier-free guidance scale; 1 = off. A diffusers folder takes 0 to 1 for off too, as its pipelines do (turbo models, FLUX schnell). Of a model
   * that embeds it (FLUX dev): what its network is told.
   */
  readonly guidance?: number;
  /**
   * From 0 (default) to 1: how far the standard deviation of what guidance gives goes back to that of the conditional pass (Lin et al. 2023,
   * section 3.4; diffusers' guidance_rescale). For models trained to zero signal-to-noise, which guidance makes too bright. Needs guidance.
   */
  readonly guidanceRescale?: number;
  /**
   * Of a model that embeds its guidance scale: the scale of classifier-free guidance away from the negative prompt, by a second pass of the
   * network (diffusers' true_cfg_scale). Default 1, which makes one pass; a negative prompt needs another.
   */
  readonly trueGuidance?: number;
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

export const SAMPLING_KEYS = [
  ...["condition", "solver", "steps", "guidance", "guidanceRescale", "trueGuidance"],
  ...["eta", "churn", "noise"],
];

/** Sampling options, checked and complete. */
export interface Sampling extends Pick<ParsedSolver, "name" | "config" | "churn" | "levels" | "course"> {
  readonly steps: number;
  /** How the two passes become one. Its scale is 1 where there is one pass. */
  readonly guided: Guidance;
  /** As asked for. */
  readonly asked: GuidanceOptions;
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
  const condition = parseCondition(given["condition"], model);
  const eta = realNumber(given["eta"] ?? solver.ownEta ?? 0, "eta", 0, 1);
  const noise = parseNoise(given["noise"]);
  const guidance = parseGuidance(given, condition, model);
  const { name, config, churn, levels, spec } = solver;
  const methodAt = methods(solver);
  return {
    ...{ name, levels, steps, ...guidance, eta, noise, methodAt },
    course: courseOf(methodAt(eta).solver),
    plain: plainOf(spec),
    ...(config ? { config } : {}),
    ...(churn ? { churn } : {}),
  };
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
