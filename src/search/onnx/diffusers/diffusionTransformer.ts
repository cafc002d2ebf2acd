import { cleanCaption, plainCaption } from "../text/cleanCaption.js";
import { TextEncoder } from "./textEncoder.js";
import type { LayoutParts } from "./layouts.js";
import type { Network } from "./network.js";

/** DiT: a class for each sample; the class after the last stands for none. */
export async function diffusionTransformer({ config }: LayoutParts): Promise<Network> {
  const none = config.has("num_embeds_ada_norm") ? config.number("num_embeds_ada_norm", 1, 1e6) : 1000;
  return {
    state: "hidden_states",
    rules: { class_labels: { type: "integer", ranks: [1] } },
    timestep: (level) => level,
    rows: async (condition) => ({
      class_labels: { data: Float32Array.of(condition?.label ?? none), dims: [] },
    }),
  };
}

/**
 * PixArt: T5's hidden states with their mask. The models for 1024 pixels of PixArt-alpha take size and aspect ratio too. Prompts go in cleaned, or
 * without that in lower case and trimmed.
 */
export async function pixArt({ folder, image, cleanCaption: cleans }: LayoutParts): Promise<Network> {
  const spelt = cleans ? cleanCaption : plainCaption;
  const tokens = folder.className.includes("Sigma") ? 300 : 120;
  const encoder = await TextEncoder.load(folder, "", tokens);
  const [, height, width] = image;
  return {
    state: "hidden_states",
    rules: {
      encoder_hidden_states: { type: "float", ranks: [3] },
      encoder_attention_mask: { type: "number", ranks: [2] },
      resolution: { type: "float", ranks: [2], optional: true },
      aspect_ratio: { type: "float", ranks: [2], optional: true },
    },
    timestep: (level) => level,
    cut: (prompt) => encoder.cut(spelt(prompt)),
    cleaned: (prompt) => (spelt(prompt) === plainCaption(prompt) ? undefined : spelt(prompt)),
    async rows(condition) {
      const encoded = await encoder.encode(spelt(condition?.prompt ?? ""));
      const { mask } = encoded.tokens;
      return {
        encoder_hidden_states: encoder.output(encoded, "last_hidden_state"),
        encoder_attention_mask: { data: Float32Array.from(mask), dims: [mask.length] },
        resolution: { data: Float32Array.of(height, width), dims: [2] },
        aspect_ratio: { data: Float32Array.of(height / width), dims: [1] },
      };
    },
  };
}
