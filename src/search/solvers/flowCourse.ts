import { cleanSample } from "../schedules/cleanSample.js";
import { flowPoint } from "../schedules/pathPoint.js";
import type { Course } from "./course.js";
import type { Solver } from "./solver.js";
import { evaluationsOf } from "./solvers.js";

/** A solver of the flow ODE, which takes any levels as they come. */
export function flowCourse(solver: Solver): Course {
  return {
    point: flowPoint,
    onPath: (x) => x,
    shown: (x, level) => ({ input: x, time: level }),
    outputName: (level) => String(level),
    clean: (level) => cleanSample("flow", flowPoint(level)),
    // Heun looks ahead to a level before it is there.
    atState: "last",
    isStochastic: false,
    evaluations: (levels) => evaluationsOf(solver, levels),
    affine: (levels) => ({
      start: 1,
      moves: levels.slice(1).flatMap((next, i) => solver.moves(levels[i]!, next)),
    }),
    async travel(network, start, levels) {
      const velocity = (state: typeof start, level: number) => network(state, level, level);
      const size = start.data.length;
      // Two states take turns, so that a step needs no new memory.
      let [into, other] = [new Float32Array(size), new Float32Array(size)];
      let x = start;
      for (let i = 1; i < levels.length; i++) {
        x = await solver.step(velocity, x, levels[i - 1]!, levels[i]!, into);
        [into, other] = [other, into];
      }
      return x;
    },
  };
}
