import { InputError } from "../inputError.js";
import type { DeviceReport } from "../engine/deviceReport.js";
import { LocalEngine } from "../engine/localEngine.js";
import type { Scorer } from "../engine/scorer.js";
import { autoThreads, knownThreads } from "./devices/autoThreads.js";
import type { DeviceName, Place } from "./devices/device.js";
import { placeModel, type Placed } from "./devices/placeModel.js";
import type { FolderFiles } from "./files/folderFiles.js";
import { LoadingProgress, type Loading } from "./loading.js";
import type { FolderCard, VerifierFile } from "./modelCard.js";
import { ModelFolder } from "./modelFolder.js";
import { loadScorer } from "./scorers/loadScorer.js";
import { OnnxDenoiser } from "./onnxDenoiser.js";
import type { OpenParts } from "./openModel.js";
import { textParts } from "./textParts.js";
import { Weights, type Graphs } from "./weights.js";

const AUTO_BATCH = 16;

/** Loads a folder of ours: `model.json` and its ONNX files. */
export async function openFolder(
  files: FolderFiles,
  {
    options: { device, batch = AUTO_BATCH, threads: asked, width, height, ...ofPixArt },
    wrap,
    storage,
    loading,
  }: OpenParts,
): Promise<LocalEngine> {
  const opened = await ModelFolder.open(files);
  const { card } = opened;
  if (width !== undefined || height !== undefined) {
    throw new InputError(
      `options: width and height are for diffusers folders; this model's pictures have ${card.image[2]} x ${card.image[1]} pixels.`,
    );
  }
  const [surplus] = Object.keys(ofPixArt);
  if (surplus) throw new InputError(`options: ${surplus} is for PixArt's folders. Leave it out.`);
  const { graphs, report, again, threads } = await loadGraphs(opened, device, asked, loading);
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
      ...(card.styles ? { styles: card.styles } : {}),
      textConditioned: card.text !== undefined,
      defaults: card.defaults,
      verifiers: scorers.map(({ name, direction, needsCondition, sha256, wants, featureLayer }) => ({
        ...{ name, direction, needsCondition, sha256 },
        ...(wants === undefined ? {} : { wants }),
        ...(featureLayer === undefined ? {} : { featureLayer }),
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
  readonly threads: number;
  /** The same graphs at the same places, once more. */
  readonly again: () => Promise<Graphs>;
}

async function loadGraphs(
  opened: ModelFolder,
  device: DeviceName,
  asked: number | "auto" | undefined,
  loading: Loading,
): Promise<LoadedGraphs> {
  const { verifiers } = opened.card;
  const progress = new LoadingProgress(loading, sizeOf(opened.card));
  await progress.start();
  const { placed, threads } = await place(opened, device, asked, loading);
  const scorers: { readonly scorer: Scorer; readonly place: Place }[] = [];
  try {
    await progress.add(sizeOf({ ...opened.card, verifiers: [] }));
    for (const verifier of verifiers) {
      const load = async (place: Place) => ({
        // What runs there is known when it is loaded once more.
        place: { device: place.device, threads: place.threads },
        scorer: await loadScorer(opened, verifier, place),
      });
      scorers.push(await placed.beside(verifier.name, load));
      await progress.add(bytesOf(verifier));
    }
  } catch (error) {
    await placed.denoiser.dispose();
    for (const { scorer } of scorers) await scorer.dispose();
    throw error;
  }
  const { parts = [], ...report } = placed.report();
  return {
    graphs: { denoiser: placed.denoiser, scorers: scorers.map(({ scorer }) => scorer) },
    report: {
      ...report,
      ...(report.provider === "cpu" ? {} : { parts: [...textParts(opened.card), ...parts] }),
    },
    threads,
    again: async () => ({
      denoiser: await OnnxDenoiser.load(opened, placed.place),
      scorers: await Promise.all(scorers.map(({ place }, i) => loadScorer(opened, verifiers[i]!, place))),
    }),
  };
}

/** On the CPU with the best number of threads that is known, or found out if "auto" was asked; elsewhere they have next to nothing to do, and one is enough. */
async function place(
  opened: ModelFolder,
  device: DeviceName,
  asked: number | "auto" | undefined,
  { calibration }: Loading,
): Promise<{ readonly placed: Placed<OnnxDenoiser>; readonly threads: number }> {
  const loaded = (device: DeviceName, threads: number): Promise<Placed<OnnxDenoiser>> =>
    placeModel(device, threads, (place) => OnnxDenoiser.load(opened, place));
  const { denoiser, image } = opened.card;
  if (typeof asked === "number") return { placed: await loaded(device, asked), threads: asked };
  const first = await loaded(device, 1);
  if (first.place.device !== "cpu") return { placed: first, threads: 1 };
  const size = image.reduce((product, side) => product * side, 1);
  const load = (threads: number): Promise<OnnxDenoiser> => OnnxDenoiser.load(opened, threads);
  const threads =
    asked === "auto"
      ? await autoThreads(denoiser.sha256, load, size, calibration)
      : (knownThreads(denoiser.sha256, calibration) ?? 1);
  if (threads === 1) return { placed: first, threads };
  await first.denoiser.dispose();
  // Asked as before, so that the report has the devices that were passed over.
  return { placed: await loaded(device, threads), threads };
}

function sizeOf({ denoiser, text, verifiers }: FolderCard): number {
  const beside = verifiers.reduce((sum, verifier) => sum + bytesOf(verifier), 0);
  return denoiser.bytes + (text ? text.bytes + text.vocabulary.bytes : 0) + beside;
}

function bytesOf(verifier: VerifierFile): number {
  if (verifier.kind === "alignment") return verifier.bytes + verifier.text.bytes;
  return verifier.bytes + (verifier.kind === "prototypes" ? verifier.prototypes.bytes : 0);
}
