import type { Solver } from "./solver.js";
import { advance } from "./advance.js";

/**
 * Heun's second-order step: the slope at both ends, averaged (Karras et al. 2022, algorithm 1). The step to level 0 is Euler's,
 * because the model is not trained at 0: n steps make 2n - 1 evaluations.
 */
export const heun: Solver = {
  name: "heun",
  evaluations: (_level, next) => (next > 0 ? 2 : 1),
  moves(level, next) {
    const length = next - level;
    const guess = { time: level, keep: 1, slope: length, add: 0, past: 0 };
    if (next <= 0) return [guess];
    // From where the step began, with half of its first slope.
    const remember = { keep: 1, slope: length / 2 };
    return [
      { ...guess, remember },
      { time: next, keep: 0, slope: length / 2, add: 0, past: 1 },
    ];
  },
  async step(velocity, x, level, next, into) {
    const slope = await velocity(x, level);
    const guess = advance(x, slope, next - level, into);
    if (next <= 0) return guess;
    const ahead = await velocity(guess, next);
    // The guess is not needed any more.
    const { data } = guess;
    const half = (next - level) / 2;
    for (let i = 0; i < data.length; i++) data[i] = x.data[i]! + half * (slope.data[i]! + ahead.data[i]!);
    return { data, shape: x.shape };
  },
};
