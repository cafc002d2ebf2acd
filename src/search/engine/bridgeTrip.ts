import { Arena } from "../schedulers/arena.js";
import type { Network } from "../solvers/course.js";
import { stochasticStep } from "../solvers/stochastic.js";
import type { Tensor } from "../tensor.js";
import type { Denoiser } from "./denoiser.js";
import { batchNoise, isExact, type Trip } from "./deviceTrajectory.js";
import type { TripChance } from "./tripChance.js";

/** A batch down its levels by the posterior bridge (solvers/stochastic.ts), one evaluation a step. `group`: trips of one course and way. */
export async function bridgeTrip(
  network: Network,
  start: Tensor,
  group: readonly Trip[],
  chances: readonly TripChance[],
  denoiser: Denoiser,
): Promise<Tensor> {
  const { course, job } = group[0]!;
  const eta = job.stochastic!.eta!;
  const isDrawn = denoiser.posterior && isExact(group);
  const noise = batchNoise(chances, start);
  const arena = new Arena();
  // Two states take turns, so that a step needs no new memory.
  let [into, other] = [new Float32Array(start.data.length), new Float32Array(start.data.length)];
  let x = start;
  for (const [step, next] of job.levels.slice(1).entries()) {
    const level = job.levels[step]!;
    const { input, time } = arena.during(() => course.shown(x, level));
    const output = await network(input, time, level);
    const posterior = isDrawn
      ? denoiser.posterior!(x.data, group.length, level, (i) => ({
          uniform: chances[i]!.uniform(step),
          normals: chances[i]!.normals(step),
        }))
      : undefined;
    x = stochasticStep(
      arena.during(() => course.onPath(x, level)),
      output,
      {
        from: course.point(level),
        to: course.point(next),
        eta,
        clean: course.clean(level),
        ...(posterior ? { posterior } : {}),
        noise: () => noise(step),
        into,
      },
    );
    arena.keepOnly();
    [into, other] = [other, into];
  }
  return x;
}
