import { expect, test } from "vitest";
import { rescaleGuidance } from "../../../src/search/engine/rescaleGuidance.js";

const deviation = (values: Float32Array): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
};

test("each sample's deviation goes the way asked for to that of its own conditional pass", () => {
  const conditional = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i) * (i < 12 ? 1 : 3));
  for (const rescale of [0.25, 1]) {
    const guided = Float32Array.from({ length: 24 }, (_, i) => 5 * Math.cos(1.7 * i));
    const before = guided.slice();
    // Of guidance's batch the first half is conditional.
    rescaleGuidance(guided, Float32Array.of(...conditional, ...before), 2, rescale);
    for (const start of [0, 12]) {
      const [of, was, is] = [conditional, before, guided].map((all) =>
        deviation(all.subarray(start, start + 12)),
      ) as [number, number, number];
      expect(is).toBeCloseTo(rescale * of + (1 - rescale) * was, 5);
    }
  }
});
