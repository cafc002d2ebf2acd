import { TextEncoder } from "./textEncoder.js";
import type { LayoutParts } from "./layouts.js";
import type { Network } from "./network.js";
import type { Values } from "./pipelineGraph.js";

/**
 * SD 1 and 2, and latent consistency models of them: one CLIP encoder, its last hidden state. The unconditional pass is the empty prompt.
 * `guidance` goes in where the UNet takes `timestep_cond` (LCM).
 */
export async function stableDiffusion({ folder, config }: LayoutParts): Promise<Network> {
  const encoder = await TextEncoder.load(folder, "");
  const consistency = config.has("time_cond_proj_dim")
    ? config.number("time_cond_proj_dim", 1, 1e6)
    : undefined;
  return {
    state: "sample",
    rules: {
      encoder_hidden_states: { type: "float", ranks: [3] },
      ...(consistency === undefined
        ? {}
        : { timestep_cond: { type: "float", ranks: [2], sides: [undefined, consistency] } }),
    },
    timestep: (level) => level,
    cut: (prompt) => encoder.cut(prompt),
    async rows(condition) {
      const encoded = await encoder.encode(condition?.prompt ?? "");
      return {
        encoder_hidden_states: encoder.output(encoded, "last_hidden_state"),
        ...(consistency === undefined
          ? {}
          : { timestep_cond: guidanceEmbedding(condition?.guidance ?? 1, consistency) }),
      };
    },
  };
}

/** Sinusoids of 1000 (w - 1), as LatentConsistencyModelPipeline.get_guidance_scale_embedding has them. */
export function guidanceEmbedding(guidance: number, dimension: number): Values {
  const half = dimension >> 1;
  const data = new Float32Array(dimension);
  const scaled = Math.fround(Math.fround(guidance - 1) * 1000);
  for (let i = 0; i < half; i++) {
    const angle = Math.fround(
      scaled * Math.fround(Math.exp(Math.fround(i * Math.fround(-Math.log(10_000) / (half - 1))))),
    );
    data[i] = Math.sin(angle);
    data[half + i] = Math.cos(angle);
  }
  return { data, dims: [dimension] };
}
