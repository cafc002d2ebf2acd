import type { Tensor } from "../tensor.js";
import type { ImageData8 } from "./engine.js";

/**
 * Latents to pixels. `states`: [C, H, W] of one shape, as the sampler has them; scaling and shift of the latent space are the decoder's
 * own business. Same order, one image each. A call of n states is n decodes; it is never given more than the device's batch.
 */
export interface Decoder {
  decode(states: readonly Tensor[]): Promise<readonly ImageData8[]>;
  dispose(): Promise<void>;
}
