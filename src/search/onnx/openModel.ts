import { InputError } from "../inputError.js";
import { oneOf, plainObject, wholeNumber } from "../check.js";
import type { Denoiser } from "../engine/denoiser.js";
import { LocalEngine, type EngineStorage } from "../engine/localEngine.js";
import { deviceNames, type DeviceName } from "./devices/device.js";
import { placeModel } from "./devices/placeModel.js";
import { ModelFolder } from "./modelFolder.js";
import { OnnxClassifier } from "./onnxClassifier.js";
import { OnnxDenoiser } from "./onnxDenoiser.js";

export interface ModelOptions {
  /** "auto" takes the best that really loads; one asked for by name that does not is an error. */
  readonly device?: DeviceName;
  /** Samples per model call; "auto" is 16. */
  readonly batch?: number | "auto";
  /** Threads of one model call. Default 1: a second one made calls slower where another process held a core. */
  readonly threads?: number;
}

const AUTO_BATCH = 16;

/**
 * Loads a model folder (`model.json` and its ONNX files) into an engine in this thread. Sizes, hashes, inputs and outputs are checked
 * before anything runs. `wrap` sees every denoiser call, e.g. to count them; `storage` keeps results beside the memory. The caller disposes of the engine.
 */
export async function openModel(
  folder: string,
  options: ModelOptions = {},
  wrap: (denoiser: Denoiser) => Denoiser = (denoiser) => denoiser,
  storage: EngineStorage = {},
): Promise<LocalEngine> {
  const { device, batch, threads } = parseOptions(options);
  const opened = await ModelFolder.open(folder);
  const { card } = opened;
  if (card.denoiser.nullLabel < card.labels.length) {
    throw new InputError(
      `model.json: denoiser.nullLabel is ${card.denoiser.nullLabel}, which is the label of a class.`,
    );
  }
  const placed = await placeModel(device, threads, (place) => OnnxDenoiser.load(opened, place));
  const scorers: OnnxClassifier[] = [];
  for (const verifier of card.verifiers)
    scorers.push(await placed.beside(verifier.name, (place) => OnnxClassifier.load(opened, verifier, place)));
  return new LocalEngine({
    model: {
      name: card.name,
      version: card.version,
      sha256: card.denoiser.sha256,
      image: card.image,
      latent: card.image,
      licence: card.licence,
      parameters: card.parameters,
      prediction: card.prediction,
      labels: card.labels,
      textConditioned: false,
      defaults: card.defaults,
      verifiers: scorers.map(({ name, direction, needsCondition, sha256, featureLayer }) => ({
        name,
        direction,
        needsCondition,
        sha256,
        featureLayer,
      })),
    },
    device: { ...placed.report(), batch, threads },
    denoiser: wrap(placed.denoiser),
    scorers,
    storage,
  });
}

function parseOptions(options: unknown): { device: DeviceName; batch: number; threads: number } {
  const given = plainObject(options, "options", ["device", "batch", "threads"]);
  const batch = given["batch"] ?? "auto";
  return {
    device: oneOf(given["device"] ?? "auto", "device", deviceNames),
    batch: batch === "auto" ? AUTO_BATCH : wholeNumber(batch, "batch", 1, 1024),
    threads: wholeNumber(given["threads"] ?? 1, "threads", 1, 256),
  };
}
