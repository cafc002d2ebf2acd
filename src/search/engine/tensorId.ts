import { createHash } from "node:crypto";
import type { ImageData8, NoiseKey, StochasticSteps, TensorId } from "./engine.js";

/** Content addresses: the sha256 of a computation and all that it depends on. Two runs that ask for the same thing name it the same. */

export function priorId(shape: readonly number[], key: NoiseKey): TensorId {
  return address(["prior", shape, key.seed, key.path]);
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
  readonly solver: string;
  readonly levels: readonly number[];
  readonly label?: number;
  readonly guidance: number;
  readonly stochastic?: StochasticSteps;
}

export function denoiseId(model: string, from: TensorId, parameters: DenoiseParameters): TensorId {
  const { solver, levels, label, guidance, stochastic } = parameters;
  if (!stochastic) return address(["denoise", model, from, solver, levels, label ?? null, guidance]);
  const { eta, key, noise } = stochastic;
  // Chance comes from the noise where it is given, so the key does not matter.
  const chance = noise === undefined ? [key.seed, key.path] : [noise];
  return address(["sde", model, from, eta, ...chance, levels, label ?? null, guidance]);
}

/** The model's velocity at a state, which its first step and its preview share. */
export function evaluationId(
  model: string,
  from: TensorId,
  level: number,
  label: number | undefined,
  guidance: number,
): TensorId {
  return `${from}/${model.slice(0, 16)}/${level}/${label ?? ""}/${guidance}`;
}

export function decodeId(model: string, from: TensorId): TensorId {
  return address(["decode", model, from]);
}

/** Of pixels that came from elsewhere. */
export function pixelsId(image: ImageData8): TensorId {
  return createHash("sha256")
    .update(`pixels/${image.width}x${image.height}x${image.channels}/`)
    .update(image.data)
    .digest("hex");
}

export function address(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
