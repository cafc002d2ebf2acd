import { listed } from "../../check.js";
import { InputError } from "../../inputError.js";
import type { CardReader } from "../cardReader.js";
import { diffusionTransformer, pixArt } from "./diffusionTransformer.js";
import { flux } from "./flux.js";
import type { Network } from "./network.js";
import type { Component, PipelineFolder } from "./pipelineFolder.js";
import { stableDiffusion } from "./stableDiffusion.js";
import { stableDiffusion3 } from "./stableDiffusion3.js";
import { stableDiffusionXl } from "./stableDiffusionXl.js";

export interface LayoutParts {
  readonly folder: PipelineFolder;
  /** config.json of the denoising network. */
  readonly config: CardReader;
  /** What the decoder makes of a state. */
  readonly image: readonly [channels: number, height: number, width: number];
  readonly latent: readonly [channels: number, height: number, width: number];
  /** Whether prompts are cleaned, of a layout that can. */
  readonly cleanCaption: boolean;
}

/** One of the pipelines that are known: which part denoises, how it is called, and what its makers recommend. */
export interface Layout {
  readonly name: string;
  readonly denoiser: Extract<Component, "unet" | "transformer">;
  /** Of the pixels of a latent's side that go into one token. */
  readonly patch: number;
  /** Latent channels by those of the network's input. */
  readonly channels: (input: number) => number;
  /** Latents per side where the configuration says nothing. */
  readonly side: number;
  /** Of the latent space where config.json says nothing, as in older exports: z = x / scaling + shift. */
  readonly scaling: number;
  readonly shift: number;
  readonly conditioned: "text" | "label";
  /** diffusers' own for this pipeline. */
  readonly defaults: { readonly steps: number; readonly guidance: number };
  /** Of its networks that take no guidance scale, where those are distilled to few steps without a second pass. */
  readonly unguided?: { readonly steps: number; readonly guidance: 1 };
  /** The pipeline's own `max_shift` for schedulers that shift by size but say no limit. */
  readonly maxShift?: number;
  /** Whether the pipeline changes the configurations of its scheduler and its network where they are older than the pipeline. */
  readonly revisesConfigurations?: true;
  /** Whether the pipeline gives its scheduler the noise levels 1, 1 - 1/N, ..., 1/N. */
  readonly evenSigmas?: true;
  /** Latents a side of those of its networks that sample at a size of a table, the nearest to the one asked for. */
  readonly binned?: readonly number[];
  /** Whether its pipeline cleans prompts. */
  readonly cleansCaptions?: true;
  readonly open: (parts: LayoutParts) => Promise<Network>;
}

const base = {
  patch: 1,
  channels: (input: number) => input,
  side: 64,
  shift: 0,
  conditioned: "text",
} as const;

const layouts: readonly (readonly [pattern: RegExp, layout: Layout])[] = [
  [
    /StableDiffusion3Pipeline$/,
    {
      ...{ ...base, name: "Stable Diffusion 3", denoiser: "transformer", patch: 2, side: 128 },
      ...{
        scaling: 1.5305,
        shift: 0.0609,
        maxShift: 1.16,
        defaults: { steps: 28, guidance: 7 },
        open: stableDiffusion3,
      },
    },
  ],
  [
    /(StableDiffusionXL|LatentConsistencyModelXL)Pipeline$/,
    {
      ...{ ...base, name: "Stable Diffusion XL", denoiser: "unet", side: 128 },
      ...{ scaling: 0.13025, defaults: { steps: 50, guidance: 5 }, open: stableDiffusionXl },
    },
  ],
  [
    /LatentConsistencyModelPipeline$/,
    {
      ...{ ...base, name: "Latent Consistency Model", denoiser: "unet" },
      ...{ scaling: 0.18215, defaults: { steps: 4, guidance: 8.5 }, open: stableDiffusion },
    },
  ],
  [
    /StableDiffusionPipeline$/,
    {
      ...{ ...base, name: "Stable Diffusion", denoiser: "unet", revisesConfigurations: true },
      ...{ scaling: 0.18215, defaults: { steps: 50, guidance: 7.5 }, open: stableDiffusion },
    },
  ],
  [
    /FluxPipeline$/,
    {
      ...{
        ...base,
        name: "FLUX",
        denoiser: "transformer",
        patch: 2,
        side: 128,
        channels: (input) => input / 4,
      },
      ...{
        scaling: 0.3611,
        shift: 0.1159,
        evenSigmas: true,
        defaults: { steps: 28, guidance: 3.5 },
        // schnell
        unguided: { steps: 4, guidance: 1 },
        open: flux,
      },
    },
  ],
  [
    /DiTPipeline$/,
    {
      ...{ ...base, name: "DiT", denoiser: "transformer", patch: 2, side: 32, conditioned: "label" },
      ...{ scaling: 0.18215, defaults: { steps: 50, guidance: 4 }, open: diffusionTransformer },
    },
  ],
  [
    /PixArtAlphaPipeline$/,
    {
      ...{ ...base, name: "PixArt-alpha", denoiser: "transformer", patch: 2, side: 128 },
      ...{ binned: [32, 64, 128], cleansCaptions: true },
      ...{ scaling: 0.18215, defaults: { steps: 20, guidance: 4.5 }, open: pixArt },
    },
  ],
  [
    /PixArtSigmaPipeline$/,
    {
      ...{ ...base, name: "PixArt-Sigma", denoiser: "transformer", patch: 2, side: 128 },
      ...{ binned: [32, 64, 128, 256], cleansCaptions: true },
      ...{ scaling: 0.13025, defaults: { steps: 20, guidance: 4.5 }, open: pixArt },
    },
  ],
];

/** The layout of a pipeline class, by the name that diffusers, older diffusers ("Onnx...") or optimum ("ORT...") gives it. */
export function layoutOf(className: string): Layout {
  const found = layouts.find(([pattern]) => pattern.test(className));
  if (found) return found[1];
  throw new InputError(
    `model_index.json: _class_name is ${JSON.stringify(className)}, which is no pipeline that is known. ${listed(
      "There is",
      [
        "StableDiffusionPipeline",
        "StableDiffusionXLPipeline",
        "LatentConsistencyModelPipeline",
        "StableDiffusion3Pipeline",
      ].concat(["FluxPipeline", "DiTPipeline", "PixArtAlphaPipeline", "PixArtSigmaPipeline"]),
    )}, also with "Onnx" or "ORT" before it.`,
  );
}
