import { InputError } from "../inputError.js";
import { oneOf, plainObject } from "../check.js";
import type { NoiseKey } from "../engine/engine.js";
import { cudaDevices, type CudaDevice, type CudaDeviceName } from "./torchCudaGenerator.js";
import { parseTorchSeed } from "./torchSeed.js";

/** Where starting noises come from. */
export type NoiseKind = "dnb" | "torch-cpu" | "torch-cuda";

/**
 * How a tool deals out the numbers of PyTorch's generators to images: a generator of its own for each image's seed ("diffusers", its list of
 * generators; "a1111", which seeds image i with seed + i), or one generator, of the first seed, for the whole batch in one draw ("whole-batch",
 * diffusers with a single generator; "comfyui", which draws on the CPU whatever the device).
 */
export type NoiseConvention = (typeof NOISE_CONVENTIONS)[number];
export const NOISE_CONVENTIONS = ["diffusers", "whole-batch", "a1111", "comfyui"] as const;

/** As a request may have it. */
export type NoiseOption =
  | NoiseKind
  | {
      readonly kind: "torch-cpu" | "torch-cuda";
      /** Default "diffusers". */
      readonly convention?: NoiseConvention;
      /** Of "torch-cuda": more values than one GPU has threads depend on which it is. */
      readonly gpu?: CudaDevice | CudaDeviceName;
    };

export interface NoiseChoice {
  readonly kind: NoiseKind;
  readonly convention: NoiseConvention;
  readonly gpu?: CudaDevice | CudaDeviceName;
}

const KINDS = ["dnb", "torch-cpu", "torch-cuda"] as const;

export function parseNoise(value: unknown): NoiseChoice {
  if (value === undefined) return { kind: "dnb", convention: "diffusers" };
  if (typeof value === "string") return { kind: oneOf(value, "noise", KINDS), convention: "diffusers" };
  const given = plainObject(value, "noise", ["kind", "convention", "gpu"]);
  const kind = oneOf(given["kind"], "noise.kind", ["torch-cpu", "torch-cuda"] as const);
  const convention = oneOf(given["convention"] ?? "diffusers", "noise.convention", NOISE_CONVENTIONS);
  if (given["gpu"] === undefined) return { kind, convention };
  if (kind === "torch-cpu") throw new InputError('noise.gpu is only for "torch-cuda". Leave it out.');
  return { kind, convention, gpu: parseGpu(given["gpu"]) };
}

/**
 * The keys of what stochastic steps draw: diffusers and A1111 go on with the generator of the starting noise. ComfyUI begins one where the latents lie
 * (`default_noise_sampler` of comfy/k_diffusion/sampling.py): of the same seed on a GPU, of the next one on the CPU.
 */
export function stepKeys(choice: NoiseChoice, seeds: readonly (number | bigint)[]): NoiseKey[] {
  const keys = noiseKeys(choice, seeds);
  const { kind, convention, gpu } = choice;
  if (convention !== "comfyui" || keys.length === 0) return keys;
  const isCuda = kind === "torch-cuda";
  const seed = written(isCuda ? seeds[0]! : BigInt.asUintN(64, BigInt(seeds[0]!) + 1n));
  const torch = { device: isCuda ? "cuda" : "cpu", ...(gpu === undefined ? {} : { gpu }) } as const;
  return keys.map(({ path }, image) => ({
    ...{ seed, path: `${path}/steps` },
    torch: { ...torch, images: keys.length, image, isForSteps: true },
  }));
}

/** The option that says the same, for a record. */
export function noiseOption({ kind, convention, gpu }: NoiseChoice): NoiseOption {
  if (kind === "dnb" || (convention === "diffusers" && gpu === undefined)) return kind;
  return { kind, convention, ...(gpu === undefined ? {} : { gpu }) };
}

/** The keys of the starting noises of images with these seeds, and of what is drawn on their way. */
export function noiseKeys(choice: NoiseChoice, seeds: readonly (number | bigint)[]): NoiseKey[] {
  const { kind, convention, gpu } = choice;
  if (kind === "dnb") return seeds.map((seed) => ({ seed: written(seed), path: "noise/0" }));
  for (const [i, seed] of seeds.entries()) parseTorchSeed(seed, `seeds[${i}]`);
  const device = kind === "torch-cpu" || convention === "comfyui" ? "cpu" : "cuda";
  const torch = { device, ...(gpu === undefined || device === "cpu" ? {} : { gpu }) } as const;
  const whole = convention === "whole-batch" || convention === "comfyui";
  return seeds.map((seed, image) =>
    whole
      ? {
          seed: written(seeds[0]!),
          path: `torch-${device}/${image} of ${seeds.length}`,
          torch: { ...torch, images: seeds.length, image },
        }
      : { seed: written(seed), path: `torch-${device}`, torch },
  );
}

/** JSON has no whole numbers beyond 2^53. */
function written(seed: number | bigint): number | string {
  return typeof seed === "number" || seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : String(seed);
}

function parseGpu(value: unknown): CudaDevice | CudaDeviceName {
  if (typeof value === "string")
    return oneOf(value, "noise.gpu", Object.keys(cudaDevices) as CudaDeviceName[]);
  const given = plainObject(value, "noise.gpu", ["multiprocessors", "threadsPerMultiprocessor"]);
  // SAFETY: the generator looks at both.
  return given as unknown as CudaDevice;
}
