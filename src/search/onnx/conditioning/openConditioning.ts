import type { Place } from "../devices/device.js";
import type { ModelFolder } from "../modelFolder.js";
import { BagEncoder } from "./bagEncoder.js";
import { classInputs } from "./classInputs.js";
import type { ConditionInputs } from "./conditionInputs.js";
import { textInputs } from "./textInputs.js";

/** What the card says that the denoiser takes. A text encoder is small and runs on the CPU, wherever the denoiser is. */
export async function openConditioning(folder: ModelFolder, on: number | Place): Promise<ConditionInputs> {
  const { text, denoiser } = folder.card;
  if (!text) return classInputs(denoiser.none);
  const threads = typeof on === "number" ? on : on.threads;
  const vocabulary = await folder.vocabulary();
  const encoder = await BagEncoder.load(folder, text, threads, "text", text.width, text.size);
  return textInputs(encoder, vocabulary, denoiser.none);
}
