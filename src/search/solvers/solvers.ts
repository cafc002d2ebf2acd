import type { Solver } from "./solver.js";
import { euler } from "./euler.js";
import { heun } from "./heun.js";

/** Every solver by its name. */
export const solvers: { readonly [name in Solver["name"]]: Solver } = { euler, heun };

export const solverNames = Object.keys(solvers) as Solver["name"][];

/** Model evaluations of a whole trajectory through `levels`: n for Euler, 2n - 1 for Heun that ends at level 0. */
export function evaluationsOf(solver: Solver, levels: readonly number[]): number {
  let sum = 0;
  for (let i = 1; i < levels.length; i++) sum += solver.evaluations(levels[i - 1]!, levels[i]!);
  return sum;
}
