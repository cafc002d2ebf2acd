import { join } from "node:path";
import { expect, test } from "vitest";
import { Session } from "../../../../src/search/index.js";
import { openModel } from "../../../../src/search/onnx/openModel.js";
import { casesOf, expectedOf, pipelines, type Case } from "./reference.js";

async function open(name: string, request: Case): Promise<Session> {
  const [, height, width] = request.shape;
  return new Session(await openModel(join(pipelines, name), { device: "cpu", batch: 3, height, width }));
}

// What a cell has of it: 8-bit pixels, the bar of 1e-3 of the exact ones on top of the rounding.
test.each(["sd1", "sd2", "sdxl", "lcm", "sd3", "flux", "dit", "pixart"])(
  "%s: session.sample with its own scheduler and PyTorch's noise gives diffusers' images",
  async (name) => {
    let compared = 0;
    for (const [number, request] of (await casesOf(name)).entries()) {
      const session = await open(name, request);
      const label = request.class_labels?.[0];
      const { images } = await session.sample({
        condition: {
          ...(request.prompt === undefined ? {} : { prompt: request.prompt }),
          ...(request.negative_prompt === undefined ? {} : { negative: request.negative_prompt }),
          ...(label === undefined ? {} : { label: session.model.labels![label]! }),
        },
        seeds: [...request.seeds],
        steps: request.num_inference_steps,
        guidance: request.guidance_scale,
        ...(request.guidance_rescale === undefined ? {} : { guidanceRescale: request.guidance_rescale }),
        ...(request.true_cfg_scale === undefined ? {} : { trueGuidance: request.true_cfg_scale }),
        noise: "torch-cpu",
      });
      const expected = await expectedOf(name, number);
      const size = expected.length / images.length;
      for (const [i, image] of images.entries()) {
        image.data.forEach((value, at) => {
          const off = Math.abs(value - 255 * expected[i * size + at]!);
          if (off > 0.5 + 0.255) expect(`case ${number}, image ${i}, value ${at}: off by ${off}`).toBe("");
        });
      }
      compared++;
      await session.dispose();
    }
    expect(compared).toBeGreaterThanOrEqual(2);
  },
);
