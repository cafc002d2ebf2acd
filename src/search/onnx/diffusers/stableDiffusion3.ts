import { TextEncoder } from "./textEncoder.js";
import type { LayoutParts } from "./layouts.js";
import { below, padded } from "./joining.js";
import type { Network } from "./network.js";
import type { Values } from "./pipelineGraph.js";

/** T5 tokens of SD3, as its pipeline has them by default. */
const T5_TOKENS = 256;

/**
 * SD3: the hidden states before the last of two CLIP encoders side by side, padded with zeros to T5's width, T5's below them; the pooled
 * embeddings of both side by side. Without T5, which the model was trained to do without and which
 * model_index.json then has as [null, null], zeros stand for it.
 */
export async function stableDiffusion3({ folder, config }: LayoutParts): Promise<Network> {
  const clips = [await TextEncoder.load(folder, ""), await TextEncoder.load(folder, "_2")];
  const t5 = (await folder.has("text_encoder_3"))
    ? await TextEncoder.load(folder, "_3", T5_TOKENS)
    : undefined;
  const width = config.number("joint_attention_dim", 1, 1e6);
  return {
    state: "hidden_states",
    rules: {
      encoder_hidden_states: { type: "float", ranks: [3], sides: [undefined, undefined, width] },
      pooled_projections: { type: "float", ranks: [2] },
    },
    timestep: (level) => level * 1000,
    cut: (prompt) => [...clips, ...(t5 ? [t5] : [])].flatMap((encoder) => encoder.cut(prompt)),
    async rows(condition) {
      const prompt = condition?.prompt ?? "";
      const encoded = [];
      for (const clip of clips) encoded.push(await clip.encode(prompt));
      const hidden = encoded.map((one, i) => clips[i]!.penultimate(one));
      const long: Values = t5
        ? t5.output(await t5.encode(prompt), "last_hidden_state")
        : { data: new Float32Array(T5_TOKENS * width), dims: [T5_TOKENS, width] };
      return {
        encoder_hidden_states: below([padded(hidden, hidden[0]!.dims[0]!, width), long]),
        pooled_projections: below(encoded.map((one, i) => clips[i]!.output(one, "text_embeds"))),
      };
    },
  };
}
