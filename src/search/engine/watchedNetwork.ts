import type { Network } from "../solvers/course.js";
import type { Denoiser } from "./denoiser.js";
import type { DenoiseJob } from "./engine.js";
import { guidedNetwork } from "./guidedNetwork.js";

/** One sample of a batch, with what has been spent on it. */
export interface Watched {
  readonly job: DenoiseJob;
  nfe: number;
  forwards: number;
  /** Where the model gave what is no number. */
  broken?: string;
}

/**
 * The network of a batch, which counts what has run into each of its samples and notes where the model gave a sample what is no number.
 * `evaluations`: how many the trip has in `all`, and how many of them were `made` before.
 */
export function watchedNetwork(
  denoiser: Denoiser,
  batch: readonly Watched[],
  { all, made }: { readonly all: number; readonly made: number },
  signal?: AbortSignal,
): Network {
  const spent = {
    add: (nfe: number, forwards: number): void => {
      for (const each of batch) {
        each.nfe += nfe;
        each.forwards += forwards;
      }
    },
  };
  const conditions = batch.map(({ job }) => job.condition);
  const network = guidedNetwork(denoiser, conditions, batch[0]!.job, spent, signal);
  let count = made;
  return async (x, time, level) => {
    const output = await network(x, time, level);
    count++;
    const size = output.data.length / batch.length;
    for (const [i, each] of batch.entries()) {
      if (each.broken !== undefined || areFinite(output.data, i * size, size)) continue;
      const where = `evaluation ${count} of ${all}, at level ${Number(level.toPrecision(4))}`;
      each.broken = `${denoiser.file ?? "the model"} gave values that are no numbers at ${where}${denoiser.file === undefined ? "" : NEXT}`;
    }
    return output;
  };
}

/** What to do about a network of a file. */
const NEXT =
  ". A float16 network may overflow: take a float32 export of it; or see whether a lower guidance helps, and whether the file is whole";

/** A product with what is no number, or infinite, is none. */
function areFinite(values: Float32Array, start: number, count: number): boolean {
  let zero = 0;
  for (let i = start; i < start + count; i++) zero += values[i]! * 0;
  return zero === 0;
}
