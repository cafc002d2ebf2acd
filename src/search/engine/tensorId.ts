import { createHash } from "node:crypto";
import type { ImageData8, NoiseKey, TensorId } from "./engine.js";

/** Content addresses: the sha256 of a computation and all that it depends on. Two runs that ask for the same thing name it the same. */

export function priorId(shape: readonly number[], key: NoiseKey): TensorId {
  return address(["prior", shape, key.seed, key.path]);
}

export function aroundId(pivot: TensorId, key: NoiseKey, similarity: number): TensorId {
  return address(["around", pivot, key.seed, key.path, similarity]);
}

export interface DenoiseParameters {
  readonly solver: string;
  readonly levels: readonly number[];
  readonly label?: number;
  readonly guidance: number;
}

export function denoiseId(model: string, from: TensorId, parameters: DenoiseParameters): TensorId {
  const { solver, levels, label, guidance } = parameters;
  return address(["denoise", model, from, solver, levels, label ?? null, guidance]);
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
