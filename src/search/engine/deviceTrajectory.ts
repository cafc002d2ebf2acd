import type { Course, StepNoise } from "../solvers/course.js";
import type { Tensor } from "../tensor.js";
import { bridgeWay } from "./bridgeWay.js";
import type { Denoiser } from "./denoiser.js";
import { Aborted, guidancePasses } from "./guidedNetwork.js";
import type { TripChance } from "./tripChance.js";
import type { Watched } from "./watchedNetwork.js";

/** One sample of a batch on its way down a course. */
export interface Trip extends Watched {
  readonly course: Course;
}

/**
 * The whole way of a batch in the device's memory: where the denoiser can, and the steps are affine with one step's memory. Those are the steps
 * of Euler's, Heun's and the second-order multistep methods, of DDIM, the ancestral ones and the bridge's; not of schedulers that clip or look
 * further back. A rescale of guidance looks at each sample's deviation, so it goes step by step, and so does a job that keeps what it passes.
 */
export function deviceTrajectory(
  denoiser: Denoiser,
  group: readonly Trip[],
  chances: readonly (TripChance | undefined)[],
  signal?: AbortSignal,
): ((x: Tensor) => Promise<Tensor>) | undefined {
  const { course, job } = group[0]!;
  const { levels, guidance, rescale, stochastic } = job;
  const eta = stochastic?.eta;
  if (!denoiser.trajectory || rescale !== undefined || job.keeps) return undefined;
  if (denoiser.posterior && isExact(group)) return undefined;
  const way = eta === undefined ? course.affine(levels) : bridgeWay(course, levels, eta);
  if (!way) return undefined;
  const passes = guidancePasses(
    group.map(({ job: { condition } }) => condition),
    guidance,
  );
  const forwards = passes.guidance === undefined ? 1 : 2;
  const before = (): void => {
    if (signal?.aborted) throw new Aborted();
    for (const trip of group) {
      trip.nfe += 1;
      trip.forwards += forwards;
    }
  };
  return async (x) => {
    const start = way.start === 1 ? x.data : x.data.map((value) => value * way.start);
    const data = await denoiser.trajectory!(start, way.moves, passes, batchNoise(chances, x), before);
    return { data, shape: x.shape };
  };
}

/** Whether a batch may draw from the model's own posterior. */
export function isExact(group: readonly Watched[]): boolean {
  const { guidance, stochastic } = group[0]!.job;
  return (
    stochastic?.eta === 1 && guidance === 1 && group.every(({ job }) => job.stochastic?.noise === undefined)
  );
}

/** The noise of each step for all samples of a batch; it is good until that of the next step. */
export function batchNoise(chances: readonly (TripChance | undefined)[], x: Tensor): StepNoise {
  let noise: Float32Array | undefined;
  return (step) => {
    noise ??= new Float32Array(x.data.length);
    const size = noise.length / chances.length;
    // In this order: a sample may write one value behind its own.
    for (const [i, chance] of chances.entries()) {
      if (!chance) throw new Error("The solver adds noise, but the job says nothing of its chance.");
      chance.noise(step, noise, i * size);
    }
    return noise;
  };
}
