import { InputError } from "../inputError.js";
import { oneOf, plainObject, wholeNumber } from "../check.js";
import type { Denoiser } from "../engine/denoiser.js";
import { LocalEngine, type EngineStorage } from "../engine/localEngine.js";
import type { DeviceReport } from "../engine/deviceReport.js";
import { deviceNames, type DeviceName, type Place } from "./devices/device.js";
import { placeModel } from "./devices/placeModel.js";
import { LoadingProgress, type Loading } from "./loading.js";
import type { FolderCard } from "./modelCard.js";
import { ModelFolder } from "./modelFolder.js";
import { OnnxClassifier } from "./onnxClassifier.js";
import { OnnxDenoiser } from "./onnxDenoiser.js";
import { Weights, type Graphs } from "./weights.js";

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
 * before anything runs. `wrap` sees every denoiser call, e.g. to count them; `storage` keeps results beside the memory; `loading` is told
 * how far it is, and may cancel it. The caller disposes of the engine.
 */
export async function openModel(
  folder: string,
  options: ModelOptions = {},
  wrap: (denoiser: Denoiser) => Denoiser = (denoiser) => denoiser,
  storage: EngineStorage = {},
  loading: Loading = {},
): Promise<LocalEngine> {
  const { device, batch, threads } = parseOptions(options);
  const opened = await ModelFolder.open(folder);
  const { card } = opened;
  if (card.denoiser.nullLabel < card.labels.length) {
    throw new InputError(
      `model.json: denoiser.nullLabel is ${card.denoiser.nullLabel}, which is the label of a class.`,
    );
  }
  const { graphs, report, again } = await loadGraphs(opened, device, threads, loading);
  const bytes = sizeOf(card);
  const weights = new Weights(bytes, graphs, async () => {
    await loading.makeRoom?.(bytes);
    return again();
  });
  loading.loaded?.(weights);
  const { scorers, denoiser } = weights.graphs;
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
        ...(featureLayer !== undefined && { featureLayer }),
      })),
    },
    device: { ...report, batch, threads },
    denoiser: wrap(denoiser),
    scorers,
    storage,
  });
}

interface LoadedGraphs {
  readonly graphs: Graphs;
  readonly report: Omit<DeviceReport, "batch" | "threads">;
  /** The same graphs at the same places, once more. */
  readonly again: () => Promise<Graphs>;
}

async function loadGraphs(
  opened: ModelFolder,
  device: DeviceName,
  threads: number,
  loading: Loading,
): Promise<LoadedGraphs> {
  const { denoiser: file, verifiers } = opened.card;
  const progress = new LoadingProgress(loading, sizeOf(opened.card));
  await progress.start();
  const placed = await placeModel(device, threads, (place) => OnnxDenoiser.load(opened, place));
  const scorers: { readonly scorer: OnnxClassifier; readonly place: Place }[] = [];
  try {
    await progress.add(file.bytes);
    for (const verifier of verifiers) {
      const load = async (place: Place) => ({
        place,
        scorer: await OnnxClassifier.load(opened, verifier, place),
      });
      scorers.push(await placed.beside(verifier.name, load));
      await progress.add(verifier.bytes);
    }
  } catch (error) {
    await placed.denoiser.dispose();
    for (const { scorer } of scorers) await scorer.dispose();
    throw error;
  }
  return {
    graphs: { denoiser: placed.denoiser, scorers: scorers.map(({ scorer }) => scorer) },
    report: placed.report(),
    again: async () => ({
      denoiser: await OnnxDenoiser.load(opened, placed.place),
      scorers: await Promise.all(
        scorers.map(({ place }, i) => OnnxClassifier.load(opened, verifiers[i]!, place)),
      ),
    }),
  };
}

const sizeOf = ({ denoiser, verifiers }: FolderCard): number =>
  verifiers.reduce((sum, { bytes }) => sum + bytes, denoiser.bytes);

function parseOptions(options: unknown): { device: DeviceName; batch: number; threads: number } {
  const given = plainObject(options, "options", ["device", "batch", "threads"]);
  const batch = given["batch"] ?? "auto";
  return {
    device: oneOf(given["device"] ?? "auto", "device", deviceNames),
    batch: batch === "auto" ? AUTO_BATCH : wholeNumber(batch, "batch", 1, 1024),
    threads: wholeNumber(given["threads"] ?? 1, "threads", 1, 256),
  };
}
