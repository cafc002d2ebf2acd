import { InputError } from "../../inputError.js";
import type { Decoder } from "../../engine/decoder.js";
import type { ImageData8 } from "../../engine/engine.js";
import { toPixels } from "../../engine/pixels.js";
import type { Tensor } from "../../tensor.js";
import type { CardReader } from "../cardReader.js";
import { fitPixels } from "./fitPixels.js";
import type { Layout } from "./layouts.js";
import type { Feeds, PipelineGraph } from "./pipelineGraph.js";

/** From the sampler's latents to the decoder's, for each channel: z = x * scale + shift. */
export interface LatentScale {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/** Of a VAE's config.json: scaling_factor and shift_factor, or latents_mean and latents_std (Playground 2.5). */
export function latentScale(config: CardReader, channels: number, layout: Layout): LatentScale {
  const factor = config.has("scaling_factor") ? config.number("scaling_factor", 1e-6, 1e6) : layout.scaling;
  const plainShift = config.has("shift_factor") ? config.number("shift_factor", -1e6, 1e6) : layout.shift;
  const list = (name: string, least: number): number[] | undefined => {
    if (!config.has(name)) return undefined;
    const values = config.list(name).map((value) => value.asNumber(least, 1e6));
    return values.length === channels
      ? values
      : config.field(name).fail(`has ${values.length} numbers, but the latents ${channels} channels`);
  };
  const [mean, deviation] = [list("latents_mean", -1e6), list("latents_std", 1e-6)];
  const scale: number[] = [];
  const shift: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    scale.push((deviation?.[channel] ?? 1) / factor);
    shift.push(mean?.[channel] ?? plainShift);
  }
  return { scale, shift };
}

/** What a decoder is tried with: one state of zeros. */
export function blankState(
  latent: readonly [channels: number, height: number, width: number],
): (graph: PipelineGraph) => Feeds {
  const data = new Float32Array(latent.reduce((product, side) => product * side, 1));
  return (graph) => ({ [inputOf(graph)]: { data, dims: [1, ...latent] } });
}

/**
 * The decoding half of a VAE: latents to pixels in [-1, 1]. Float16 graphs get one state at a time, because some give other pictures for
 * several (as the ONNX pipelines of diffusers note); so do those that were exported for one. `image`: what the network makes of a state. `range`: what
 * it gives, [-1, 1] or [0, 1]. `fit`: the size that its pictures are brought to.
 */
export class VaeDecoder implements Decoder {
  readonly #graph: PipelineGraph;
  readonly #input: string;
  readonly #latents: LatentScale;
  readonly #image: readonly [channels: number, height: number, width: number];
  readonly #alone: boolean;
  readonly #range: "signed" | "unit";
  readonly #fit: readonly [height: number, width: number];

  constructor(
    graph: PipelineGraph,
    latents: LatentScale,
    image: readonly [channels: number, height: number, width: number],
    {
      range = "signed",
      fit = [image[1], image[2]],
    }: {
      readonly range?: "signed" | "unit";
      readonly fit?: readonly [height: number, width: number];
    } = {},
  ) {
    this.#graph = graph;
    this.#range = range;
    this.#fit = fit;
    this.#latents = latents;
    this.#image = image;
    this.#input = inputOf(graph);
    graph.check({ [this.#input]: { type: "float", ranks: [4], sides: [undefined, latents.scale.length] } });
    graph.checkOutput([undefined, ...image.map((side) => [side])]);
    const { type, shape } = graph.inputs.get(this.#input)!;
    this.#alone = type === "float16" || shape[0] === 1;
  }

  async decode(states: readonly Tensor[]): Promise<readonly ImageData8[]> {
    return (await this.pixels(states)).map(toPixels);
  }

  /** Before rounding: [3, H, W] around [-1, 1]. */
  async pixels(states: readonly Tensor[]): Promise<Tensor[]> {
    if (!this.#alone) return this.#run(states);
    const images: Tensor[] = [];
    for (const state of states) images.push(...(await this.#run([state])));
    return images;
  }

  /** The pipeline's denoiser frees all graphs. */
  async dispose(): Promise<void> {}

  async #run(states: readonly Tensor[]): Promise<Tensor[]> {
    const [channels, height, width] = states[0]!.shape as [number, number, number];
    const plane = height * width;
    const size = channels * plane;
    const data = new Float32Array(states.length * size);
    states.forEach((state, i) => {
      for (let channel = 0; channel < channels; channel++) {
        const [scale, shift] = [this.#latents.scale[channel]!, this.#latents.shift[channel]!];
        const from = channel * plane;
        for (let at = from; at < from + plane; at++) data[i * size + at] = state.data[at]! * scale + shift;
      }
    });
    const outputs = await this.#graph.run({
      [this.#input]: { data, dims: [states.length, channels, height, width] },
    });
    const { data: pixels, dims } = outputs.get("sample") ?? outputs.values().next().value!;
    const shape = dims.slice(1);
    if (shape.join() !== this.#image.join()) {
      throw new InputError(
        `${this.#graph.file} makes pictures [${shape.join(", ")}], but the model's are [${this.#image.join(", ")}]. Its config.json (block_out_channels) is of another decoder.`,
      );
    }
    if (!pixels.every(Number.isFinite)) {
      throw new InputError(
        `${this.#graph.file} gave values that are no numbers when it decoded. A float16 decoder may overflow (SDXL's does): take a float32 export of it`,
      );
    }
    if (this.#range === "unit") for (let i = 0; i < pixels.length; i++) pixels[i] = 2 * pixels[i]! - 1;
    const length = pixels.length / states.length;
    return states.map((_, i) =>
      fitPixels({ data: pixels.subarray(i * length, (i + 1) * length), shape }, this.#fit),
    );
  }
}

function inputOf({ inputs }: PipelineGraph): string {
  return inputs.has("latent_sample") ? "latent_sample" : [...inputs.keys()][0]!;
}
