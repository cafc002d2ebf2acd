import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPipeline, type Pipeline } from "../../../../src/search/onnx/diffusers/openPipeline.js";
import { FolderFiles } from "../../../../src/search/onnx/files/folderFiles.js";
import { casesOf, expectedOf, optionsOf, pipelines, sampled, type Case } from "./reference.js";

async function open(name: string, request: Case): Promise<Pipeline> {
  return openPipeline(await FolderFiles.open(join(pipelines, name)), optionsOf(request));
}

/** The largest difference of each case, of images in 0..1. */
async function differences(name: string, reference = name): Promise<number[]> {
  const worst: number[] = [];
  for (const [number, request] of (await casesOf(reference)).entries()) {
    const pipeline = await open(name, request);
    const [image, expected] = [await sampled(pipeline, request), await expectedOf(reference, number)];
    await pipeline.denoiser.dispose();
    expect(image).toHaveLength(expected.length);
    worst.push(distance(image, expected));
  }
  return worst;
}

function distance(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

const layouts = ["sd1", "sd2", "sdxl", "lcm", "sd3", "flux", "dit", "pixart"];

// Random weights, so the pictures mean nothing; but every part from the prompt to the decoder has its say in each.
test.each(layouts)(
  "%s: with its own scheduler, prompt and negative prompt, its images are those of diffusers",
  async (name) => {
    for (const difference of await differences(name)) expect(difference).toBeLessThan(1e-3);
  },
);

// The expected images are of the weights as float16 has them, in float32. So what is left is the rounding of float16's own arithmetic, 2^-11 in
// each of some hundred operators, as the next test shows of one call. It does not meet 1e-3; 2.1e-3 measured.
test("a float16 export gives the image of the same weights in float32 to one grey level", async () => {
  for (const difference of await differences("sd2-fp16", "sd2")) expect(difference).toBeLessThan(1 / 255);
});

test("one call of a float16 export is off by a few roundings of float16, 5.1 at most measured", async () => {
  const [request] = (await casesOf("sd2")) as [Case];
  const [exact, half] = [await open("sd2", request), await open("sd2-fp16", request)];
  const size = exact.model.latent.reduce((product, side) => product * side, 1);
  const x = Float32Array.from({ length: size }, (_, i) => 1.4 * Math.sin(1.7 * i));
  for (const level of [999, 700, 300, 10]) {
    const [a, b] = [
      (await exact.denoiser.velocity(x, 1, level, [{ prompt: "a cat" }])).slice(),
      (await half.denoiser.velocity(x, 1, level, [{ prompt: "a cat" }])).slice(),
    ];
    const norm = (values: Float32Array): number => Math.hypot(...values);
    const roundings = (norm(a.map((value, i) => value - b[i]!)) / norm(a)) * 2 ** 11;
    expect(roundings).toBeGreaterThan(0.1);
    expect(roundings).toBeLessThan(8);
  }
  await exact.denoiser.dispose();
  await half.denoiser.dispose();
});

test.each(layouts)("%s: another prompt, or another label, makes another image", async (name) => {
  const [first, second] = [await expectedOf(name, 0), await expectedOf(name, 1)];
  expect(distance(first, second)).toBeGreaterThan(0.02);
});

test.each(layouts)("%s: results do not depend on the batch", async (name) => {
  const [request] = (await casesOf(name)) as [Case];
  const { model, denoiser } = await open(name, request);
  const size = model.latent.reduce((product, side) => product * side, 1);
  const x = Float32Array.from({ length: 3 * size }, (_, i) => Math.sin(i));
  const given = model.textConditioned ? { prompt: request.prompt! } : { label: 3 };
  const conditions = [given, undefined, given];
  const level = model.prediction === "flow" ? 0.5 : 500;
  const together = (await denoiser.velocity(x, 3, level, conditions)).slice();
  for (const [i, condition] of conditions.entries()) {
    const alone = await denoiser.velocity(x.subarray(i * size, (i + 1) * size), 1, level, [condition]);
    expect(distance(together.subarray(i * size, (i + 1) * size), alone)).toBeLessThan(1e-4);
  }
  await denoiser.dispose();
});

test("8-bit pixels are the rounded images", async () => {
  const [request] = (await casesOf("sd1")) as [Case];
  const { model, decoder, denoiser } = await open("sd1", request);
  const size = model.latent.reduce((product, side) => product * side, 1);
  const state = { data: Float32Array.from({ length: size }, (_, i) => Math.sin(i)), shape: model.latent };
  const [pixels] = await decoder.pixels([state]);
  const [image] = await decoder.decode([state]);
  expect(image).toMatchObject({ width: 16, height: 16, channels: 3 });
  image!.data.forEach((value, i) => {
    const exact = 127.5 * pixels!.data[(i % 3) * 256 + Math.floor(i / 3)]! + 127.5;
    expect(Math.abs(value - Math.max(0, Math.min(255, exact)))).toBeLessThanOrEqual(0.5);
  });
  await denoiser.dispose();
});

test("of a prompt that is too long, which is cut as in diffusers, it is said what each encoder loses", async () => {
  const request = (await casesOf("sd1"))[3]!;
  const { denoiser } = await open("sd1", request);
  const prompt = request.prompt!;
  expect(denoiser.remarks({ prompt, negative: prompt })).toEqual([
    expect.stringMatching(
      /^The prompt is longer than the 77 tokens of text_encoder\/model\.onnx: "le, morning, .*" was left out\.$/,
    ),
    expect.stringMatching(/^The negative prompt is longer than /),
  ]);
  expect(denoiser.remarks({ prompt: "a cat" })).toEqual([]);
  await denoiser.dispose();
  const three = await open("sd3", (await casesOf("sd3"))[0]!);
  const all = three.denoiser.remarks({ prompt });
  expect(all.map((sentence) => /encoder\w*/.exec(sentence)![0])).toEqual([
    "encoder",
    "encoder_2",
    "encoder_3",
  ]);
  await three.denoiser.dispose();
});

test.each([
  [
    "sd1",
    {
      prediction: "epsilon",
      latent: [4, 8, 8],
      textConditioned: true,
      defaults: { solver: "PNDMScheduler", steps: 50, guidance: 7.5 },
    },
  ],
  ["sd2", { prediction: "v", image: [3, 16, 16] }],
  [
    "lcm",
    {
      prediction: "epsilon",
      embedsGuidance: true,
      defaults: { solver: "LCMScheduler", steps: 4, guidance: 8.5 },
    },
  ],
  ["sd3", { prediction: "flow", latent: [16, 8, 8] }],
  ["flux", { prediction: "flow", latent: [16, 8, 12], embedsGuidance: true }],
  ["dit", { prediction: "epsilon", textConditioned: false }],
])("%s: its card", async (name, card) => {
  const [request] = (await casesOf(name)) as [Case];
  const { model, denoiser } = await open(name, request);
  expect(model).toMatchObject({ name, licence: "not stated", verifiers: [], ...card });
  expect(model.parameters).toBeGreaterThan(10_000);
  expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
  if (name === "dit") expect(model.labels!.slice(0, 2)).toEqual(["thing 0", "thing 1"]);
  await denoiser.dispose();
});

test.each([
  ["diffusers' AutoencoderTiny, to [-1, 1]", "taesd"],
  ["as its makers have it, to [0, 1]", "taesd_decoder"],
])("a TAESD decoder in the folder makes previews: %s", async (_, absent) => {
  const folder = await mkdtemp(join(tmpdir(), "dnb-taesd-"));
  await cp(join(pipelines, "lcm"), folder, { recursive: true });
  await rm(join(folder, absent), { recursive: true });
  const { model, denoiser, previewDecoder } = await openPipeline(await FolderFiles.open(folder));
  const data = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i));
  const [preview] = await previewDecoder!.pixels([{ data, shape: model.latent }]);
  const bytes = await readFile(join(pipelines, "lcm/expected/preview.f32"));
  const expected = new Float32Array(Uint8Array.from(bytes).buffer);
  const image = preview!.data.map((value) => Math.max(0, Math.min(1, value / 2 + 0.5)));
  expect(image.some((value) => value > 0.1 && value < 0.9)).toBe(true);
  expect(distance(image, expected)).toBeLessThan(1e-5);
  await denoiser.dispose();
  await rm(folder, { recursive: true });
});
