import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { rescaleGuidance } from "../../../../src/search/engine/rescaleGuidance.js";
import type { EngineCondition } from "../../../../src/search/engine/engine.js";
import type { Image, ModelCard, SampleRequest } from "../../../../src/search/index.js";
import type { ModelOptions } from "../../../../src/search/onnx/openModel.js";
import type { Pipeline } from "../../../../src/search/onnx/diffusers/openPipeline.js";
import { TorchCpuGenerator } from "../../../../src/search/random/torchCpuGenerator.js";
import { schedulerFromConfig } from "../../../../src/search/schedulers/schedulerFromConfig.js";

export const pipelines = "test/fixtures/pipelines";

/** What a pipeline of diffusers was asked (its own names), and the shape [N, H, W, 3] of what it gave. */
export interface Case {
  readonly prompt?: string;
  readonly negative_prompt?: string;
  readonly class_labels?: readonly [number];
  readonly num_inference_steps: number;
  readonly guidance_scale: number;
  readonly guidance_rescale?: number;
  readonly true_cfg_scale?: number;
  readonly height?: number;
  readonly width?: number;
  readonly clean_caption?: boolean;
  readonly use_resolution_binning?: boolean;
  readonly seeds: readonly number[];
  readonly shape: readonly [number, number, number, number];
}

export async function casesOf(name: string, expected = "expected"): Promise<Case[]> {
  return JSON.parse(await readFile(join(pipelines, name, expected, "cases.json"), "utf8")) as Case[];
}

/** Images [N, H, W, 3] in 0..1. */
export async function expectedOf(name: string, number: number, expected = "expected"): Promise<Float32Array> {
  const bytes = await readFile(join(pipelines, name, expected, `${number}.f32`));
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** How a cell opens the folder for it. */
export function optionsOf(
  request: Case,
): Pick<ModelOptions, "height" | "width" | "cleanCaption" | "resolutionBinning"> {
  const [, height, width] = request.shape;
  const { clean_caption: cleanCaption, use_resolution_binning: resolutionBinning } = request;
  return {
    ...{ height, width },
    ...(cleanCaption === undefined ? {} : { cleanCaption }),
    ...(resolutionBinning === undefined ? {} : { resolutionBinning }),
  };
}

/** What a cell asks for. */
export function requestOf(request: Case, { labels }: ModelCard): SampleRequest {
  const label = request.class_labels?.[0];
  return {
    condition: {
      ...(request.prompt === undefined ? {} : { prompt: request.prompt }),
      ...(request.negative_prompt === undefined ? {} : { negative: request.negative_prompt }),
      ...(label === undefined ? {} : { label: labels![label]! }),
    },
    seeds: [...request.seeds],
    steps: request.num_inference_steps,
    guidance: request.guidance_scale,
    ...(request.guidance_rescale === undefined ? {} : { guidanceRescale: request.guidance_rescale }),
    ...(request.true_cfg_scale === undefined ? {} : { trueGuidance: request.true_cfg_scale }),
    noise: "torch-cpu",
  };
}

/** How far 8-bit images are from the exact ones, in 1/255; rounding alone makes half of one. */
export function apart(images: readonly Image[], expected: Float32Array): number {
  const size = expected.length / images.length;
  let most = 0;
  for (const [i, { data }] of images.entries())
    for (const [at, value] of data.entries())
      most = Math.max(most, Math.abs(value - 255 * expected[i * size + at]!));
  return most;
}

/** Beyond the rounding to 8 bits, the bar of 1e-3. */
export const BAR = 0.5 + 0.255;

/** The plain loop of diffusers' pipelines, image by image, with the noise of `torch.manual_seed(seed)`: [N, H, W, 3] in 0..1. */
export async function sampled(pipeline: Pipeline, request: Case): Promise<Float32Array> {
  const { model, decoder, schedule } = pipeline;
  const scheduler = schedulerFromConfig(model.scheduler!);
  const steps = request.num_inference_steps;
  const options = schedule(steps);
  const initial = scheduler.schedule(steps, options).initNoiseSigma;
  const states = [];
  for (const seed of request.seeds) {
    const generator = new TorchCpuGenerator(seed);
    const shape = [1, ...model.latent];
    const noise = generator.randn(shape).map((value) => value * initial);
    const predict = (x: Float32Array, t: number): Promise<Float32Array> =>
      guided(pipeline, request, x, model.prediction === "flow" ? t / 1000 : t);
    const data = await scheduler.loop(predict, noise, steps, {
      ...options,
      noise: () => generator.randn(shape),
    });
    states.push({ data, shape: model.latent });
  }
  const [, height, width] = model.image;
  const plane = height * width;
  const images = new Float32Array(request.seeds.length * 3 * plane);
  (await decoder.pixels(states)).forEach(({ data }, i) => {
    for (let at = 0; at < 3 * plane; at++) {
      const value = data[(at % 3) * plane + Math.floor(at / 3)]! / 2 + 0.5;
      images[i * 3 * plane + at] = Math.max(0, Math.min(1, value));
    }
  });
  return images;
}

async function guided(
  { model, denoiser }: Pipeline,
  request: Case,
  x: Float32Array,
  level: number,
): Promise<Float32Array> {
  const condition: EngineCondition = {
    ...(request.prompt === undefined ? {} : { prompt: request.prompt }),
    ...(request.class_labels ? { label: request.class_labels[0] } : {}),
    ...(model.embedsGuidance ? { guidance: request.guidance_scale } : {}),
  };
  const scale = model.embedsGuidance ? (request.true_cfg_scale ?? 1) : request.guidance_scale;
  if (scale === 1) return denoiser.velocity(x, 1, level, [condition]);
  const without: EngineCondition | undefined =
    request.negative_prompt === undefined
      ? undefined
      : {
          prompt: request.negative_prompt,
          ...(model.embedsGuidance ? { guidance: request.guidance_scale } : {}),
        };
  const both = await denoiser.velocity(Float32Array.of(...x, ...x), 2, level, [condition, without]);
  const [text, none] = [both.slice(0, x.length), both.slice(x.length)];
  const result = text.map((value, i) => none[i]! + scale * (value - none[i]!));
  rescaleGuidance(result, text, 1, request.guidance_rescale ?? 0);
  return result;
}
