import type { Solver } from "./solver.js";
import { advance } from "./advance.js";

/** x_next = x + (next - level) v(x, level): first order, one evaluation a step. */
export const euler: Solver = {
  name: "euler",
  evaluations: () => 1,
  moves: (level, next) => [{ time: level, keep: 1, slope: next - level, add: 0, past: 0 }],
  async step(velocity, x, level, next, into) {
    return advance(x, await velocity(x, level), next - level, into);
  },
};
