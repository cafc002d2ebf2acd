import { expect, test } from "vitest";
import { FeedTensors } from "../../../../src/search/onnx/diffusers/feedTensors.js";
import { Scratch } from "../../../../src/search/onnx/scratch.js";

const types = ["float16", "float32", "float64", "int32", "int64"] as const;
const tensors = new FeedTensors(new Map(types.map((type) => [type, { type, shape: ["n"] }])));
const numbers: Readonly<Record<(typeof types)[number], readonly (number | bigint)[]>> = {
  // 1.5 and -2 as the bits of float16.
  float16: [0x3e00, 0xc000],
  float32: [1.5, -2],
  float64: [1.5, -2],
  int32: [1, -2],
  int64: [1n, -2n],
};

test.each(types)("%s: a value is converted, each time into the same memory", (type) => {
  const scratch = new Scratch();
  const values = { data: Float32Array.of(1.5, -2), dims: [2] };
  const [first] = Object.values(tensors.of({ [type]: values }, scratch));
  expect([first!.type, [...(first!.data as Float32Array)], first!.dims]).toEqual([type, numbers[type], [2]]);
  values.data[0] = 3;
  const [second] = Object.values(tensors.of({ [type]: values }, scratch));
  expect(second!.data).toBe(first!.data);
  expect(Number((second!.data as Float32Array)[0])).toBe(type === "float16" ? 0x4200 : 3);
});

test.each(types)("%s: what lasts is converted once, in memory of its own", (type) => {
  const scratch = new Scratch();
  const lasting = { data: Float32Array.of(1.5, -2), dims: [2], lasting: true } as const;
  const { [type]: first } = tensors.of({ [type]: lasting }, scratch);
  tensors.of({ [type]: { data: Float32Array.of(7, 7), dims: [2] } }, scratch);
  expect(tensors.of({ [type]: lasting }, scratch)[type]).toBe(first);
  expect([...(first!.data as Float32Array)]).toEqual(numbers[type]);
});
