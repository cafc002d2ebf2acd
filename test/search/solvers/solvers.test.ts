import { expect, test } from "vitest";
import { gaussianDenoiser } from "../../../src/search/analytic/gaussian.js";
import { normals } from "../../../src/search/random/normals.js";
import { flowLevels } from "../../../src/search/schedules/flow.js";
import { evaluationsOf, solvers } from "../../../src/search/solvers/solvers.js";
import type { Solver, Velocity } from "../../../src/search/solvers/solver.js";
import type { Tensor } from "../../../src/search/tensor.js";

// One Gaussian: the flow is solved by x0 = mean + deviation * x1.
const MEAN = 0.7;
const DEVIATION = 0.5;

async function solve(solver: Solver, steps: number): Promise<{ error: number; evaluations: number }> {
  const denoiser = gaussianDenoiser({ mean: MEAN, deviation: DEVIATION });
  let evaluations = 0;
  const velocity: Velocity = async (x, level) => {
    evaluations++;
    return { data: await denoiser.velocity(x.data, 1, level, [undefined]), shape: x.shape };
  };
  const noise = normals({ seed: 1, path: "noise" }, 256);
  const levels = flowLevels(steps);
  let x: Tensor = { data: noise, shape: [1, 1, 16, 16] };
  for (let i = 1; i < levels.length; i++) x = await solver.step(velocity, x, levels[i - 1]!, levels[i]!);
  let squares = 0;
  noise.forEach((value, i) => (squares += (x.data[i]! - MEAN - DEVIATION * value) ** 2));
  return { error: Math.sqrt(squares / noise.length), evaluations };
}

test("Euler is of first order: half the step, half the error", async () => {
  for (const steps of [16, 32, 64, 128]) {
    const ratio = (await solve(solvers.euler, steps)).error / (await solve(solvers.euler, 2 * steps)).error;
    expect(ratio).toBeGreaterThan(1.85);
    expect(ratio).toBeLessThan(2.15);
  }
});

test("Heun is of second order: half the step, a quarter of the error", async () => {
  for (const steps of [8, 16, 32, 64]) {
    const ratio = (await solve(solvers.heun, steps)).error / (await solve(solvers.heun, 2 * steps)).error;
    expect(ratio).toBeGreaterThan(3.6);
    expect(ratio).toBeLessThan(4.6);
  }
});

test("Euler evaluates n times, Heun 2n - 1, and both say so beforehand", async () => {
  for (const steps of [1, 2, 8, 64]) {
    expect((await solve(solvers.euler, steps)).evaluations).toBe(steps);
    expect((await solve(solvers.heun, steps)).evaluations).toBe(2 * steps - 1);
    expect(evaluationsOf(solvers.euler, flowLevels(steps))).toBe(steps);
    expect(evaluationsOf(solvers.heun, flowLevels(steps))).toBe(2 * steps - 1);
  }
});

test("a step leaves the state it was given as it was", async () => {
  const x: Tensor = { data: Float32Array.of(1, 2), shape: [1, 1, 1, 2] };
  const velocity: Velocity = async (state) => ({ data: state.data.slice(), shape: state.shape });
  for (const solver of Object.values(solvers)) await solver.step(velocity, x, 1, 0.5);
  expect([...x.data]).toEqual([1, 2]);
});
