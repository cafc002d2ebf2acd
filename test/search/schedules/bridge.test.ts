import { expect, test } from "vitest";
import { bridge, forwardKernel } from "../../../src/search/schedules/bridge.js";
import { flowPoint } from "../../../src/search/schedules/pathPoint.js";

test("renoising from .6 to .8 keeps half and adds variance .55: N(0,1) data have .68 there, not .56", () => {
  const { keep, add } = forwardKernel(flowPoint(0.6), flowPoint(0.8));
  expect(keep).toBeCloseTo(0.5, 12);
  expect(add ** 2).toBeCloseTo(0.55, 12);
  const at = (level: number): number => (1 - level) ** 2 + level ** 2;
  expect(keep ** 2 * at(0.6) + add ** 2).toBeCloseTo(0.68, 12);
});

test("two forward kernels in a row are the one over both", () => {
  const [a, b, c] = [
    forwardKernel(flowPoint(0.2), flowPoint(0.5)),
    forwardKernel(flowPoint(0.5), flowPoint(0.9)),
    forwardKernel(flowPoint(0.2), flowPoint(0.9)),
  ];
  expect(a.keep * b.keep).toBeCloseTo(c.keep, 12);
  expect((b.keep * a.add) ** 2 + b.add ** 2).toBeCloseTo(c.add ** 2, 12);
  expect(forwardKernel(flowPoint(0), flowPoint(1))).toEqual({ keep: 0, add: 1 });
});

test("at eta 1 the bridge is the posterior q(x' | x, x0): precision 1/s'^2 + r^2/v", () => {
  for (const [level, next] of [
    [1, 0.5],
    [0.8, 0.6],
    [0.3, 0.01],
  ] as const) {
    const { keep: r, add } = forwardKernel(flowPoint(next), flowPoint(level));
    const v = add ** 2;
    const variance = 1 / (1 / next ** 2 + r ** 2 / v);
    const { clean, state, deviation } = bridge(flowPoint(level), flowPoint(next), 1);
    expect(deviation ** 2).toBeCloseTo(variance, 12);
    expect(clean).toBeCloseTo((variance * (1 - next)) / next ** 2, 12);
    expect(state).toBeCloseTo((variance * r) / v, 12);
  }
});

test("whatever eta is, the bridge carries the marginal of x0 on to that of the next level", () => {
  for (const eta of [0, 0.3, 0.7, 1]) {
    const [level, next] = [0.7, 0.4];
    const { clean, state, deviation } = bridge(flowPoint(level), flowPoint(next), eta);
    // x = a x0 + s z for a fixed x0: mean and variance of x' must be a' x0 and s'^2.
    expect(clean + state * (1 - level)).toBeCloseTo(1 - next, 12);
    expect(state ** 2 * level ** 2 + deviation ** 2).toBeCloseTo(next ** 2, 12);
  }
});

test("at eta 0 it is Euler's step, and the step to level 0 gives the clean sample", () => {
  const [x, x0, level, next] = [1.3, -0.4, 0.7, 0.4];
  const { clean, state, deviation } = bridge(flowPoint(level), flowPoint(next), 0);
  expect(deviation).toBe(0);
  expect(clean * x0 + state * x).toBeCloseTo(x + ((next - level) * (x - x0)) / level, 12);
  expect(bridge(flowPoint(0.5), flowPoint(0), 1)).toEqual({ clean: 1, state: 0, deviation: 0 });
});
