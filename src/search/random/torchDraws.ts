import { imageNoises, type ImageNoises } from "./torchImageNoises.js";
import type { CudaDevice, CudaDeviceName } from "./torchCudaGenerator.js";

/** Which of PyTorch's numbers: those of one generator, for one image by itself or for a whole batch of them. */
export interface TorchDraw {
  readonly seed: number | string;
  readonly device: "cpu" | "cuda";
  readonly gpu?: CudaDevice | CudaDeviceName;
  /** Of a batch that is drawn in one piece. */
  readonly images?: number;
  readonly image?: number;
  /** Of one image. */
  readonly shape: readonly number[];
}

interface Generator {
  readonly noises: ImageNoises;
  /** Draws that it has made. */
  made: number;
  latest: readonly Float32Array[] | undefined;
}

/** Generators that were asked last: the images of a batch share theirs, and a later draw goes on where the one before it ended. */
const generators = new Map<string, Generator>();
const MOST = 64;

/**
 * The n-th draw (from 0) of a generator, as diffusers makes it: the first is the starting noise, the others are those of stochastic steps. It is
 * good until the next draw.
 */
export function torchDraw(request: TorchDraw, n: number): Float32Array {
  const { image = 0, ...of } = request;
  const name = JSON.stringify(of);
  let generator = generators.get(name);
  if (!generator || generator.made > n + 1) generator = { noises: begin(of), made: 0, latest: undefined };
  generators.delete(name);
  generators.set(name, generator);
  if (generators.size > MOST) generators.delete(generators.keys().next().value!);
  for (; generator.made <= n; generator.made++) generator.latest = generator.noises.draw(generator.latest);
  return generator.latest![image]!;
}

function begin({ seed, device, gpu, images, shape }: Omit<TorchDraw, "image">): ImageNoises {
  const own = BigInt(seed);
  const more = { shape, device, ...(gpu === undefined ? {} : { gpu }) };
  return images === undefined
    ? imageNoises({ convention: "diffusers-list", seed: [own], images: 1, ...more })
    : imageNoises({ convention: "diffusers-batch", seed: own, images, ...more });
}
