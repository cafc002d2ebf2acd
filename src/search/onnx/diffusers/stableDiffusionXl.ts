import { guidanceEmbedding } from "./stableDiffusion.js";
import { TextEncoder } from "./textEncoder.js";
import type { LayoutParts } from "./layouts.js";
import { beside } from "./joining.js";
import type { Network } from "./network.js";

/**
 * SDXL: the hidden states before the last of two CLIP encoders side by side, the pooled embedding of the second, and the six numbers of size
 * and crop. The unconditional pass is zeros where the pipeline says `force_zeros_for_empty_prompt`, which is its default.
 */
export async function stableDiffusionXl({ folder, config, image }: LayoutParts): Promise<Network> {
  // The refiner has the second encoder only.
  const encoders = [
    ...((await folder.has("text_encoder")) ? [await TextEncoder.load(folder, "")] : []),
    await TextEncoder.load(folder, "_2"),
  ];
  const { index } = folder;
  const zeros = !index.has("force_zeros_for_empty_prompt") || index.flag("force_zeros_for_empty_prompt");
  const consistency = config.has("time_cond_proj_dim")
    ? config.number("time_cond_proj_dim", 1, 1e6)
    : undefined;
  const [, height, width] = image;
  return {
    state: "sample",
    rules: {
      encoder_hidden_states: { type: "float", ranks: [3] },
      text_embeds: { type: "float", ranks: [2] },
      time_ids: { type: "float", ranks: [2], sides: [undefined, 6] },
      ...(consistency === undefined
        ? {}
        : { timestep_cond: { type: "float", ranks: [2], sides: [undefined, consistency] } }),
    },
    timestep: (level) => level,
    cut: (prompt) => encoders.flatMap((encoder) => encoder.cut(prompt)),
    async rows(condition) {
      const prompt = condition?.prompt;
      const encoded = [];
      for (const encoder of encoders) encoded.push(await encoder.encode(prompt ?? ""));
      const hidden = beside(encoded.map((one, i) => encoders[i]!.penultimate(one)));
      const pooled = encoders.at(-1)!.output(encoded.at(-1)!, "text_embeds");
      const silent = prompt === undefined && zeros;
      return {
        encoder_hidden_states: silent ? { ...hidden, data: new Float32Array(hidden.data.length) } : hidden,
        text_embeds: silent ? { ...pooled, data: new Float32Array(pooled.data.length) } : pooled,
        time_ids: { data: Float32Array.of(height, width, 0, 0, height, width), dims: [6] },
        ...(consistency === undefined
          ? {}
          : { timestep_cond: guidanceEmbedding(condition?.guidance ?? 1, consistency) }),
      };
    },
  };
}
