import type { Course } from "../solvers/course.js";
import type { Tensor } from "../tensor.js";
import { bridgeSteps, eulerSteps } from "./affineSteps.js";
import type { Denoiser } from "./denoiser.js";
import { Aborted, guidancePasses } from "./guidedNetwork.js";
import type { TripChance } from "./tripChance.js";
import type { Watched } from "./watchedNetwork.js";

/** One sample of a batch on its way down a course. */
export interface Trip extends Watched {
  readonly course: Course;
}

/**
 * The whole way of a batch in the device's memory: where the denoiser can, and the steps are affine. Those are the steps of Euler's method and
 * the bridge's on the flow path; a diffusers scheduler scales what its network is given, and a rescale of guidance looks at each sample's
 * deviation, so these two go step by step; so does a job that keeps what it passes on its way.
 */
export function deviceTrajectory(
  denoiser: Denoiser,
  group: readonly Trip[],
  chances: readonly (TripChance | undefined)[],
  signal?: AbortSignal,
): ((x: Tensor) => Promise<Tensor>) | undefined {
  const { course, job } = group[0]!;
  const { solver, levels, guidance, rescale, stochastic } = job;
  const eta = stochastic?.eta;
  const isAffine = typeof solver === "string" && (eta !== undefined || solver === "euler");
  if (!denoiser.trajectory || !isAffine || rescale !== undefined || job.keeps) return undefined;
  if (denoiser.posterior && isExact(group)) return undefined;
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
    const noise = (step: number): Float32Array => stackNoise(chances, step, x);
    const steps = eta === undefined ? eulerSteps(levels) : bridgeSteps(course, levels, eta, noise);
    const data = await denoiser.trajectory!(x.data, steps, passes, before);
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

/** The noise of one step for all samples of a batch. */
export function stackNoise(
  chances: readonly (TripChance | undefined)[],
  step: number,
  x: Tensor,
): Float32Array {
  const noise = new Float32Array(x.data.length);
  const size = noise.length / chances.length;
  chances.forEach((chance, i) => {
    if (!chance) throw new Error("The solver adds noise, but the job says nothing of its chance.");
    noise.set(chance.noise(step), i * size);
  });
  return noise;
}
