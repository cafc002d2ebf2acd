import { InputError } from "../inputError.js";
import type { NoisePath } from "../schedules/noisePath.js";
import type { Schedule, Scheduler, Stand } from "../schedulers/scheduler.js";

/**
 * The noise levels of one schedule, named on a model's path. The first is always 1, whatever timestep the schedule begins at, and the last 0,
 * because that is where trajectories begin and end; a state there is what the scheduler has there.
 */
export interface SchedulerGrid {
  /** Descending from 1 to 0, one for each stand. */
  readonly levels: readonly number[];
  readonly stands: readonly Stand[];
  /** Number of the stand at exactly this level; undefined for a level off the grid. */
  readonly indexOf: (level: number) => number | undefined;
}

/** Of two stands that the path cannot tell apart the later one is this much lower. */
const APART = 2 ** -40;

export function schedulerGrid(scheduler: Scheduler, schedule: Schedule, path: NoisePath): SchedulerGrid {
  const stands = scheduler.stands(schedule);
  stands.slice(1).forEach(({ signal, noise }, i) => {
    const before = stands[i]!;
    if (noise * before.signal <= before.noise * signal * (1 + 1e-6)) return;
    throw new InputError(
      `${scheduler.name} of this configuration goes up to more noise on its way, so it makes no image from noise. Look at invert_sigmas and the noise levels.`,
    );
  });
  const levels = [1];
  for (const { signal, noise } of stands.slice(1, -1)) {
    levels.push(Math.min(path.levelOf(noise / signal), levels.at(-1)! - APART));
  }
  levels.push(0);
  const indices = new Map(levels.map((level, i) => [level, i]));
  return { levels, stands, indexOf: (level) => indices.get(level) };
}
