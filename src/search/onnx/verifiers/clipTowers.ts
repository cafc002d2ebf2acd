import { InputError } from "../../inputError.js";
import type { ImageData8 } from "../../engine/engine.js";
import type { PipelineGraph, Values } from "../diffusers/pipelineGraph.js";
import type { TextTokenizer } from "../text/textTokenizer.js";
import { preparedImages, sideOf } from "./preparedImages.js";
import type { VerifierCard } from "./verifierCard.js";

/** Prompts whose embeddings are kept. */
const MOST_TEXTS = 4096;

/**
 * CLIP's two networks: one graph that has both (optimum's model.onnx) or two (vision_model.onnx, text_model.onnx). Embeddings come out of length 1:
 * the joint export normalises them, the split ones do not, so it is always done here.
 */
export class ClipTowers {
  readonly #card: VerifierCard;
  readonly #image: PipelineGraph;
  readonly #text: PipelineGraph | undefined;
  readonly #tokenizer: TextTokenizer | undefined;
  readonly #length: number;
  readonly #texts = new Map<string, Float32Array>();

  constructor(card: VerifierCard, image: PipelineGraph, text?: PipelineGraph, tokenizer?: TextTokenizer) {
    this.#card = card;
    this.#image = image;
    this.#text = text ?? (image.inputs.has("input_ids") ? image : undefined);
    this.#tokenizer = tokenizer;
    this.#length = Math.min(card.text.length, tokenizer?.maxLength ?? card.text.length);
    const side = sideOf(card.image);
    const pixels = {
      pixel_values: { type: "float", ranks: [4], sides: [undefined, 3, side, side] },
    } as const;
    const words = {
      input_ids: { type: "integer", ranks: [2] },
      attention_mask: { type: "integer", ranks: [2], optional: true },
    } as const;
    image.check(this.#text === image ? { ...pixels, ...words } : pixels);
    if (text) text.check(words);
    outputOf(image, "image_embeds");
    if (this.#text) outputOf(this.#text, "text_embeds");
  }

  /** Of length 1 each. */
  async images(images: readonly ImageData8[]): Promise<readonly Float32Array[]> {
    const feeds = { pixel_values: preparedImages(images, this.#card.image, this.#card.name) };
    const both = this.#text === this.#image ? this.#words([""]) : {};
    return rowsOf((await this.#image.run({ ...feeds, ...both })).get("image_embeds")!, images.length);
  }

  /** Of length 1 each; each text is embedded once. */
  async texts(texts: readonly string[]): Promise<readonly Float32Array[]> {
    const open = [...new Set(texts)].filter((text) => !this.#texts.has(text));
    if (open.length > 0) {
      if (!this.#text || !this.#tokenizer) {
        throw new InputError(
          `Verifier ${this.#card.name} has no text network, so it cannot score against a prompt.`,
        );
      }
      const side = sideOf(this.#card.image);
      const blank: Values = { data: new Float32Array(3 * side * side), dims: [1, 3, side, side] };
      const feeds = { ...this.#words(open), ...(this.#text === this.#image ? { pixel_values: blank } : {}) };
      const rows = rowsOf((await this.#text.run(feeds)).get("text_embeds")!, open.length);
      open.forEach((text, i) => this.#texts.set(text, rows[i]!));
    }
    const found = texts.map((text) => this.#texts.get(text)!);
    for (const text of this.#texts.keys()) {
      if (this.#texts.size <= MOST_TEXTS) break;
      this.#texts.delete(text);
    }
    return found;
  }

  async release(): Promise<void> {
    await this.#image.release();
    if (this.#text !== this.#image) await this.#text?.release();
  }

  #words(texts: readonly string[]): Record<string, Values> {
    const length = this.#length;
    const tokens = texts.map((text) => this.#tokenizer?.encode(text, length));
    const dims = [texts.length, length];
    const flat = (of: "ids" | "mask"): Float32Array =>
      Float32Array.from(tokens.flatMap((one) => one?.[of] ?? new Array<number>(length).fill(0)));
    const ids = { input_ids: { data: flat("ids"), dims } };
    return this.#text!.inputs.has("attention_mask")
      ? { ...ids, attention_mask: { data: flat("mask"), dims } }
      : ids;
  }
}

/** Rows of a [B, D] output, each of length 1. */
function rowsOf({ data }: Values, count: number): Float32Array[] {
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => unit(data.slice(i * size, (i + 1) * size)));
}

/** The vector by its length. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}

function outputOf(graph: PipelineGraph, name: string): void {
  if (graph.outputs.has(name)) return;
  throw new InputError(
    `${graph.file} has no output "${name}"; it has: ${[...graph.outputs.keys()].join(", ")}. Export CLIP with its projections (optimum-cli export onnx, or ${name === "image_embeds" ? "CLIPVisionModelWithProjection" : "CLIPTextModelWithProjection"}).`,
  );
}
