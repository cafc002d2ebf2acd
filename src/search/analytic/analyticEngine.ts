import type { EngineModel } from "../engine/engine.js";
import type { Denoiser } from "../engine/denoiser.js";
import { address } from "../engine/tensorId.js";
import { LocalEngine, type EngineStorage } from "../engine/localEngine.js";
import type { Scorer } from "../engine/scorer.js";
import { gaussianDenoiser } from "./gaussian.js";
import { brightness, contrast } from "./pixelScorers.js";

export interface AnalyticOptions {
  /** Side of the square grey image. */
  readonly side?: number;
  readonly batch?: number;
  /** Wraps the denoiser, e.g. to count its passes. */
  readonly wrap?: (denoiser: Denoiser) => Denoiser;
  readonly scorers?: readonly Scorer[];
  readonly storage?: EngineStorage;
}

/**
 * An engine that needs no model file: one Gaussian for each of the classes "dark", "middle" and "bright", with two verifiers, the mean and
 * the contrast of the pixels. Everything about it is known in closed form.
 */
export function analyticEngine({
  side = 8,
  batch = 16,
  wrap = (d) => d,
  scorers,
  storage = {},
}: AnalyticOptions = {}): LocalEngine {
  const parameters = { mean: 0, deviation: 0.3, means: [-0.5, 0, 0.5] };
  const chosen = scorers ?? [brightness(), contrast()];
  const model: EngineModel = {
    name: "gaussian",
    version: "1.0.0",
    sha256: address(["gaussian", parameters, side]),
    image: [1, side, side],
    latent: [1, side, side],
    licence: "MIT",
    parameters: 0,
    prediction: "flow",
    textConditioned: false,
    labels: ["dark", "middle", "bright"],
    defaults: { solver: "euler", steps: 8, guidance: 1 },
    verifiers: chosen.map(({ name, direction, needsCondition, sha256 }) => ({
      name,
      direction,
      needsCondition,
      sha256,
    })),
  };
  return new LocalEngine({
    model,
    device: { provider: "cpu", fallbackOperators: [], batch, threads: 1 },
    denoiser: wrap(gaussianDenoiser(parameters)),
    scorers: chosen,
    storage,
  });
}
