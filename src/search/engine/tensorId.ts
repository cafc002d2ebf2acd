import { createHash } from "node:crypto";
import { sha256 } from "../sha256.js";
import { solverName, type SolverSpec } from "../solvers/solverSpec.js";
import type {
  DenoiseJob,
  EngineCondition,
  ImageData8,
  NoiseKey,
  StochasticSteps,
  TensorId,
} from "./engine.js";

/** Content addresses: the sha256 of a computation and all that it depends on. Two runs that ask for the same thing name it the same. */

export function priorId(shape: readonly number[], key: NoiseKey): TensorId {
  return address(["prior", shape, key.seed, key.path, ...(key.torch ? [key.torch] : [])]);
}

export function aroundId(pivot: TensorId, key: NoiseKey, similarity: number): TensorId {
  return address(["around", pivot, key.seed, key.path, similarity]);
}

export function withinId(pivot: TensorId, key: NoiseKey, radius: number): TensorId {
  return address(["within", pivot, key.seed, key.path, radius]);
}

export function mixId(pivot: TensorId, key: NoiseKey, keep: number, add: number): TensorId {
  return address(["mix", pivot, key.seed, key.path, keep, add]);
}

export interface DenoiseParameters {
  readonly solver: SolverSpec;
  readonly levels: readonly number[];
  readonly condition?: EngineCondition;
  readonly guidance: number;
  readonly rescale?: number;
  readonly stochastic?: StochasticSteps;
}

/** How the two passes of an evaluation become one. */
export type Guidance = Pick<DenoiseJob, "guidance" | "rescale">;

export function denoiseId(model: string, from: TensorId, parameters: DenoiseParameters): TensorId {
  const { solver, levels, condition, stochastic } = parameters;
  const way = wayId(
    levels,
    `${model}/${methodName(solver, stochastic?.eta)}/${conditionName(condition)}/${guidanceName(parameters)}`,
  );
  if (!stochastic) return hex(`denoise/${from}/${way}`);
  const { eta, key, noise } = stochastic;
  // Chance comes from the noise where it is given, so the key does not matter.
  return hex(`sde/${from}/${way}/${eta}/${noise ?? chanceName(key)}`);
}

/** On the flow path the bridge is the same whatever the solver. */
function methodName(solver: SolverSpec, eta: number | undefined): string {
  if (eta === undefined) return solverName(solver);
  return typeof solver === "string" ? String(eta) : `${eta}@${solverName(solver)}`;
}

function chanceName({ seed, path, torch }: NoiseKey): string {
  return torch ? address([seed, path, torch]) : `${seed}/${path}`;
}

/** Address of what many candidates of an operation have in common. Their levels are the same array, so it is computed once. */
function wayId(levels: readonly number[], rest: string): string {
  const known = WAYS.get(levels) ?? new Map<string, string>();
  WAYS.set(levels, known);
  const id = known.get(rest) ?? address([levels, rest]);
  known.set(rest, id);
  return id;
}

const WAYS = new WeakMap<readonly number[], Map<string, string>>();

/** What the network gives at a state, which its first step and its preview share. `at`: `Course.outputName` of its level. */
export function evaluationId(
  model: string,
  from: TensorId,
  at: string,
  condition: EngineCondition | undefined,
  guidance: Guidance,
): TensorId {
  return `${from}/${model.slice(0, 16)}/${at}/${conditionName(condition)}/${guidanceName(guidance)}`;
}

/** The same text for what is computed alike. */
export function guidanceName({ guidance, rescale }: Guidance): string {
  return rescale === undefined ? String(guidance) : `${guidance}~${rescale}`;
}

/** The same text for the same condition, whatever the order of its keys. A class alone is its index, no condition is empty. */
export function conditionName(condition: EngineCondition | undefined): string {
  if (!condition) return "";
  const { label, prompt, negative, style, guidance } = condition;
  const isClass = [prompt, negative, style, guidance].every((part) => part === undefined);
  if (isClass) return String(label ?? "");
  const known = NAMES.get(condition);
  if (known !== undefined) return known;
  const name = address([label ?? null, prompt ?? null, negative ?? null, style ?? null, guidance ?? null]);
  NAMES.set(condition, name);
  return name;
}

/** Prompts are long, and the candidates of a search share theirs. */
const NAMES = new WeakMap<EngineCondition, string>();

/** The x0-prediction where the trip that makes `state` passes a level. */
export function keptId(state: TensorId, level: number): TensorId {
  return hex(`kept/${state}/${level}`);
}

export function decodeId(model: string, from: TensorId): TensorId {
  return address(["decode", model, from]);
}

/** Of pixels that are only to be looked at. */
export function glanceId(model: string, from: TensorId): TensorId {
  return address(["glance", model, from]);
}

/** Of pixels that came from elsewhere. */
export function pixelsId(image: ImageData8): TensorId {
  return createHash("sha256")
    .update(`pixels/${image.width}x${image.height}x${image.channels}/`)
    .update(image.data)
    .digest("hex");
}

export function address(value: unknown): string {
  return hex(JSON.stringify(value));
}

function hex(text: string): string {
  return sha256(text).toString("hex");
}
