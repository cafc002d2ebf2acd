import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { openModel, type ModelOptions } from "../../../src/search/onnx/openModel.js";
import type { Denoiser, LocalEngine } from "../../../src/search/index.js";

/** The embedded model. `DNB_MODELS` names another folder of models, e.g. one that is still in training. */
export const fashionFolder = join(
  process.env["DNB_MODELS"] ?? fileURLToPath(new URL("../../../media/models", import.meta.url)),
  "fashion",
);

export function openFashion(
  options?: ModelOptions,
  wrap?: (denoiser: Denoiser) => Denoiser,
): Promise<LocalEngine> {
  return openModel(fashionFolder, options, wrap);
}
