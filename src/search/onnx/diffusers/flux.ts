import { InputError } from "../../inputError.js";
import { TextEncoder } from "./textEncoder.js";
import type { LayoutParts } from "./layouts.js";
import type { Network, Packing } from "./network.js";
import type { Values } from "./pipelineGraph.js";

/**
 * FLUX: T5's hidden states, CLIP's pooled output, positions of text and image tokens, and, in the distilled "dev" form, the guidance scale as
 * an input. The state goes in as tokens of 2x2 pixels; the timestep is the level itself.
 */
export async function flux({ folder, config, latent }: LayoutParts): Promise<Network> {
  const distilled = config.has("guidance_embeds") && config.flag("guidance_embeds");
  const clip = await TextEncoder.load(folder, "");
  const tokens = distilled ? 512 : 256;
  const t5 = await TextEncoder.load(folder, "_2", tokens);
  const [channels, height, width] = latent;
  return {
    state: "hidden_states",
    rules: {
      encoder_hidden_states: { type: "float", ranks: [3] },
      pooled_projections: { type: "float", ranks: [2] },
      img_ids: { type: "float", ranks: [2, 3] },
      txt_ids: { type: "float", ranks: [2, 3] },
      ...(distilled ? { guidance: { type: "float", ranks: [1] } } : {}),
    },
    timestep: (level) => level,
    shared: {
      img_ids: imagePositions(height / 2, width / 2),
      txt_ids: { data: new Float32Array(tokens * 3), dims: [tokens, 3] },
    },
    packing: packing(channels, height, width),
    cut: (prompt) => [...clip.cut(prompt), ...t5.cut(prompt)],
    async rows(condition) {
      const prompt = condition?.prompt ?? "";
      const pooled = clip.output(await clip.encode(prompt), "pooler_output");
      const hidden = t5.output(await t5.encode(prompt), "last_hidden_state");
      if (hidden.dims[0] !== tokens) {
        throw new InputError(
          `${t5.file} takes ${hidden.dims[0]} tokens, but this model ${tokens}. Export it with free sizes.`,
        );
      }
      return {
        encoder_hidden_states: hidden,
        pooled_projections: pooled,
        ...(distilled ? { guidance: { data: Float32Array.of(condition?.guidance ?? 3.5), dims: [] } } : {}),
      };
    },
  };
}

/** (0, row, column) of each token. */
function imagePositions(rows: number, columns: number): Values {
  const data = new Float32Array(rows * columns * 3);
  for (let i = 0; i < rows * columns; i++) {
    data[3 * i + 1] = Math.floor(i / columns);
    data[3 * i + 2] = i % columns;
  }
  return { data, dims: [rows * columns, 3] };
}

/** Token (r, c) holds of each channel the pixels (2r, 2c), (2r, 2c + 1), (2r + 1, 2c), (2r + 1, 2c + 1): FluxPipeline._pack_latents. */
function packing(channels: number, height: number, width: number): Packing {
  const columns = width / 2;
  const order = new Uint32Array(channels * height * width);
  let at = 0;
  for (let token = 0; token < (height / 2) * columns; token++) {
    const [row, column] = [2 * Math.floor(token / columns), 2 * (token % columns)];
    for (let channel = 0; channel < channels; channel++) {
      for (let part = 0; part < 4; part++) {
        order[at++] = (channel * height + row + (part >> 1)) * width + column + (part & 1);
      }
    }
  }
  return {
    dims: [(height * width) / 4, 4 * channels],
    pack: (state, tokens) => order.forEach((from, to) => (tokens[to] = state[from]!)),
    unpack: (tokens, state) => order.forEach((to, from) => (state[to] = tokens[from]!)),
  };
}
