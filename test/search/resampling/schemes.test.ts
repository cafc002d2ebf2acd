import { expect, test } from "vitest";
import { uniforms } from "../../../src/search/random/uniforms.js";
import { resampleCounts, resamplingSchemes } from "../../../src/search/resampling/schemes.js";
import { effectiveSampleSize, logMeanExp, logSumExp } from "../../../src/search/resampling/weights.js";
import { mean, variance } from "../helpers/mixtures.js";

const weights = [0.05, 0.15, 0.3, 0.5];
const logWeights = weights.map(Math.log);
const RUNS = 20_000;

function draw(scheme: (typeof resamplingSchemes)[number], count = 10): number[][] {
  return Array.from({ length: RUNS }, (_, run) =>
    resampleCounts(scheme, logWeights, count, uniforms({ seed: 1, path: `${scheme}/${run}` }, count)),
  );
}

test.each(resamplingSchemes)("%s: counts are n w in the mean and sum to n", (scheme) => {
  const counts = draw(scheme);
  expect(new Set(counts.map((one) => one.reduce((sum, n) => sum + n, 0)))).toEqual(new Set([10]));
  weights.forEach((weight, i) => {
    // Four standard errors of the scheme with the largest variance.
    const tolerance = 4 * Math.sqrt((10 * weight * (1 - weight)) / RUNS);
    expect(Math.abs(mean(counts.map((one) => one[i]!)) - 10 * weight)).toBeLessThan(tolerance);
  });
});

test("systematic and SSP counts are n w rounded up or down", () => {
  for (const scheme of ["systematic", "ssp"] as const) {
    const counts = draw(scheme);
    const seen = weights.map((_, i) => [...new Set(counts.map((one) => one[i]!))].sort());
    expect(seen).toEqual([[0, 1], [1, 2], [3], [5]]);
  }
});

test("multinomial counts have variance n w (1 - w); residual and SSP never give less than floor(n w)", () => {
  const counts = draw("multinomial");
  weights.forEach((weight, i) => {
    const expected = 10 * weight * (1 - weight);
    expect(variance(counts.map((one) => one[i]!)) / expected).toBeCloseTo(1, 1);
  });
  for (const scheme of ["residual", "ssp"] as const) {
    const short = draw(scheme).filter((one) => one.some((n, i) => n < Math.floor(10 * weights[i]!)));
    expect(short).toEqual([]);
  }
});

test.each(resamplingSchemes)("%s: never chooses a weight of zero, for any uniform", (scheme) => {
  for (const u of [0, 0.25, 0.5, 1 - 2 ** -53]) {
    const counts = resampleCounts(scheme, [-Infinity, 0, -Infinity, 1, -Infinity], 7, Array(7).fill(u));
    expect([counts[0], counts[2], counts[4]]).toEqual([0, 0, 0]);
    expect(counts[1]! + counts[3]!).toBe(7);
  }
});

test("effective sample size: 1 / sum w^2, K for equal weights, 1 for one that has it all", () => {
  expect(effectiveSampleSize(logWeights)).toBeCloseTo(2.739726, 6);
  expect(effectiveSampleSize([3, 3, 3, 3, 3])).toBeCloseTo(5, 12);
  expect(effectiveSampleSize([-Infinity, 0, -Infinity])).toBe(1);
});

test("a factor on the weights changes nothing, not even e^1000", () => {
  for (const constant of [-1000, 1000, 1e300]) {
    const moved = logWeights.map((weight) => weight + constant);
    if (constant !== 1e300) expect(effectiveSampleSize(moved)).toBeCloseTo(2.739726, 6);
    for (const scheme of resamplingSchemes) {
      const chance = uniforms({ seed: 4, path: scheme }, 10);
      const counts = resampleCounts(scheme, moved, 10, chance);
      expect(counts.reduce((sum, n) => sum + n, 0)).toBe(10);
      if (constant !== 1e300) expect(counts).toEqual(resampleCounts(scheme, logWeights, 10, chance));
    }
  }
  expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.LN2, 10);
  expect(logMeanExp([-2000, -2000])).toBeCloseTo(-2000, 10);
});

test("weights that are all zero are an error with a sentence, never NaN", () => {
  for (const scheme of resamplingSchemes) {
    expect(() => resampleCounts(scheme, [-Infinity, -Infinity], 2, [0.5, 0.5])).toThrow(
      "All 2 weights are zero, so there is nothing to resample by.",
    );
  }
  expect(() => effectiveSampleSize([-Infinity])).toThrow("All 1 weights are zero");
});
