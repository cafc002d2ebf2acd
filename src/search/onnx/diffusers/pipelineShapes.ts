import { InputError } from "../../inputError.js";
import type { EngineModel } from "../../engine/engine.js";
import type { CardReader } from "../cardReader.js";
import type { Layout } from "./layouts.js";
import type { PipelineOptions } from "./openPipeline.js";
import { resolutionBin } from "./resolutionBins.js";

type SizeOptions = Pick<PipelineOptions, "width" | "height" | "resolutionBinning">;

export interface PipelineShapes extends Pick<EngineModel, "image" | "latent"> {
  /** The image that the latents become, of another size than `image` where the pipeline samples at a size of its table. */
  readonly made: EngineModel["image"];
}

const MOST_VALUES = 2 ** 31 - 1;

/** Sizes of a pipeline's images and latents: those asked for, or what config.json of its network says. `factor`: pixels a side of one latent. */
export function pipelineShapes(
  layout: Layout,
  config: CardReader,
  factor: number,
  options: SizeOptions,
): PipelineShapes {
  const channels = layout.channels(config.has("in_channels") ? config.number("in_channels", 1, 4096) : 4);
  const side = config.has("sample_size") ? sampleSize(config, layout) : [layout.side, layout.side];
  const height = options.height ?? side[0]! * factor;
  const width = options.width ?? side[1]! * factor;
  const unit = factor * layout.patch;
  const bin = binOf(layout, side, height, width, options);
  if (bin?.every((size) => size % unit === 0)) {
    const made = [3, ...bin] as const;
    const image = bin[0] === height && bin[1] === width ? made : ([3, height, width] as const);
    return { image, made, latent: [channels, bin[0] / factor, bin[1] / factor] };
  }
  for (const [name, size] of [["height", height] as const, ["width", width] as const]) {
    if (Number.isSafeInteger(size) && size > 0 && size % unit === 0) continue;
    throw new InputError(`${name} is ${size}, but must be a multiple of ${unit} for ${layout.name}.`);
  }
  if (3 * height * width > MOST_VALUES)
    throw new InputError(
      `The images would be ${width} x ${height}, more values than an array holds. Give a smaller width and height, or correct sample_size in ${layout.denoiser}/config.json or block_out_channels in vae_decoder/config.json.`,
    );
  const image = [3, height, width] as const;
  return { image, made: image, latent: [channels, height / factor, width / factor] };
}

/** The size that the pipeline samples at when it is asked for another (`use_resolution_binning`); undefined: at the one asked for. */
function binOf(
  { name, binned }: Layout,
  [side]: readonly number[],
  height: number,
  width: number,
  { resolutionBinning }: SizeOptions,
): readonly [height: number, width: number] | undefined {
  if (resolutionBinning === false || (!binned && !resolutionBinning)) return undefined;
  if (binned?.includes(side!)) return resolutionBin(side!, height, width);
  if (!resolutionBinning) return undefined;
  throw new InputError(
    binned
      ? `options: resolutionBinning is for networks with sample_size ${binned.join(", ")}, whose sizes ${name} has tables of; this one has ${side}. Leave it out.`
      : `options: resolutionBinning is for PixArt's pipelines, and this is ${name}. Leave it out.`,
  );
}

/**
 * A number, or height and width. Where StableDiffusionPipeline takes a configuration for outdated (before diffusers 0.9, as the first ones of Stable Diffusion 1
 * had 32), it is 64.
 */
function sampleSize(config: CardReader, { revisesConfigurations }: Layout): [number, number] {
  const field = config.field("sample_size");
  if (!field.isList()) {
    const said = field.asInteger(1, 65_536);
    const isOld =
      revisesConfigurations &&
      config.has("_diffusers_version") &&
      /^0\.[0-8](\.|$)/.test(config.text("_diffusers_version"));
    const side = isOld ? Math.max(said, 64) : said;
    return [side, side];
  }
  const sides = config.list("sample_size").map((side) => side.asInteger(1, 65_536));
  return sides.length === 2 ? [sides[0]!, sides[1]!] : field.fail("must be a number or [height, width]");
}
