import { expect, test } from "vitest";
import { probability } from "../../../src/search/onnx/onnxClassifier.js";

test("it is the softmax, and two sure images keep their order", () => {
  const logits = Float32Array.of(1, 2, 0.5);
  const sum = Math.exp(1) + Math.exp(2) + Math.exp(0.5);
  expect(probability(logits, 1)).toBeCloseTo(Math.exp(2) / sum, 12);
  expect(probability(Float32Array.of(1000, -1000), 1)).toBe(0);
  // In float32 both are 1.
  expect(probability(Float32Array.of(26, 0), 0)).toBeGreaterThan(probability(Float32Array.of(25, 0), 0));
  expect(probability(Float32Array.of(25, 0), 0)).toBeLessThan(1);
});

test("of several images one after the other it takes the logits of one", () => {
  const batch = Float32Array.of(1, 2, 0.5, 3, -1, 4);
  expect(probability(batch, 2, 3, 3)).toBe(probability(batch.slice(3), 2));
  expect(probability(batch, 0, 0, 3)).toBe(probability(batch.slice(0, 3), 0));
});
