import { join } from "node:path";
import { expect, test } from "vitest";
import { openModel } from "../../../../src/search/onnx/openModel.js";
import { latentSpaceOf } from "../../../../src/search/onnx/diffusers/latentSpace.js";

const folder = (name: string): string => join(__dirname, "../../../fixtures/pipelines", name);

test.each([
  ["sd1", "sd"],
  ["sdxl", "sdxl"],
  ["sd3", "sd3"],
  ["flux", "flux"],
])("%s has the colours of %s", async (name, space) => {
  const engine = await openModel(folder(name));
  expect(engine.model.latentSpace).toBe(space);
  await engine.dispose();
});

test("an autoencoder that is not known, or that scales each channel, has none", () => {
  expect(latentSpaceOf([2, 2])).toBeUndefined();
  expect(latentSpaceOf([1 / 0.18215, 3])).toBeUndefined();
  expect(latentSpaceOf([])).toBeUndefined();
});
