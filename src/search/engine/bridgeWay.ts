import { bridge } from "../schedules/bridge.js";
import type { AffineWay } from "../solvers/affineWay.js";
import type { Course } from "../solvers/course.js";

/** The way of `stochasticStep` (solvers/stochastic.ts) through `levels`: the x0-prediction, which is affine, then the bridge. */
export function bridgeWay(course: Course, levels: readonly number[], eta: number): AffineWay {
  const one = { data: Float32Array.of(1), shape: [1] };
  return {
    // On the path a state is what the network is shown.
    start: course.onPath(one, levels[0]!).data[0]!,
    moves: levels.slice(1).map((next, step) => {
      const level = levels[step]!;
      const { clean, state, deviation } = bridge(course.point(level), course.point(next), eta);
      const predict = course.clean(level);
      return {
        time: course.shown(one, level).time,
        ...{ keep: clean * predict(1, 0) + state, slope: clean * predict(0, 1), past: 0 },
        ...(deviation > 0 ? { add: deviation, chance: step } : { add: 0 }),
      };
    }),
  };
}
