import { oneOf, shown } from "../check.js";
import { InputError } from "../inputError.js";
import { TorchCpuGenerator } from "./torchCpuGenerator.js";
import { TorchCudaGenerator, type CudaDevice, type CudaDeviceName } from "./torchCudaGenerator.js";
import { parseShape, parseTorchSeed } from "./torchSeed.js";

/**
 * How the tools draw the noise of several images:
 * - "diffusers-list": a generator per image, each with its own seed (a list of generators).
 * - "diffusers-batch": one generator, one draw of the whole batch.
 * - "a1111": seed + i for image i, a generator each; the GPU's numbers ("NV") or the CPU's.
 * - "comfyui": one draw of the whole batch from the CPU's generator, whatever the device.
 */
export const IMAGE_NOISES = ["diffusers-list", "diffusers-batch", "a1111", "comfyui"] as const;
export type ImageNoiseConvention = (typeof IMAGE_NOISES)[number];

export interface ImageNoiseRequest {
  readonly convention: ImageNoiseConvention;
  /** One per image for "diffusers-list"; otherwise the first image's. */
  readonly seed: number | bigint | readonly (number | bigint)[];
  readonly images: number;
  /** Of one image, e.g. [4, 64, 64]. */
  readonly shape: readonly number[];
  /** Default "cpu". */
  readonly device?: "cpu" | "cuda";
  readonly gpu?: CudaDevice | CudaDeviceName;
}

/** Draws for all images, one array each. Later calls go on where the earlier ones ended, as a stochastic sampler needs it. */
export interface ImageNoises {
  /** `into`: the arrays of an earlier draw, to be written over. */
  draw(into?: readonly Float32Array[]): readonly Float32Array[];
}

export function imageNoises(request: ImageNoiseRequest): ImageNoises {
  const { seed, images, shape } = request;
  const convention = oneOf(request.convention, "convention", IMAGE_NOISES);
  const device = oneOf(request.device ?? "cpu", "device", ["cpu", "cuda"] as const);
  const count = parseShape([images]);
  const generator = (of: number | bigint): TorchCpuGenerator | TorchCudaGenerator =>
    device === "cpu" || convention === "comfyui"
      ? new TorchCpuGenerator(of)
      : new TorchCudaGenerator(of, request.gpu);
  if (convention === "comfyui" || convention === "diffusers-batch") {
    const one = generator(single(seed, convention));
    const size = parseShape(shape);
    let batch: Float32Array | undefined;
    return {
      draw(into = Array.from({ length: count }, () => new Float32Array(size))) {
        batch = one.randn([count, ...shape], batch);
        for (const [i, values] of into.entries()) values.set(batch.subarray(i * size, (i + 1) * size));
        return into;
      },
    };
  }
  const seeds = convention === "a1111" ? following(single(seed, convention), count) : listed(seed, count);
  const generators = seeds.map(generator);
  return { draw: (into) => generators.map((each, i) => each.randn([1, ...shape], into?.[i])) };
}

function single(seed: ImageNoiseRequest["seed"], convention: string): number | bigint {
  if (typeof seed === "number" || typeof seed === "bigint") return seed;
  throw new InputError(`The convention "${convention}" takes one seed, not ${shown(seed)}.`);
}

function listed(seed: ImageNoiseRequest["seed"], count: number): readonly (number | bigint)[] {
  if (Array.isArray(seed) && seed.length === count) return seed as (number | bigint)[];
  const found = Array.isArray(seed) ? `${seed.length} seeds` : shown(seed);
  throw new InputError(
    `The convention "diffusers-list" takes one seed an image, ${count} of them, not ${found}.`,
  );
}

function following(seed: number | bigint, count: number): bigint[] {
  parseTorchSeed(seed);
  return Array.from({ length: count }, (_, i) => BigInt(seed) + BigInt(i));
}
