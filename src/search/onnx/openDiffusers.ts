import { InputError } from "../inputError.js";
import { LocalEngine } from "../engine/localEngine.js";
import type { Place } from "./devices/device.js";
import { machineThreads } from "./devices/machineThreads.js";
import { placeModel } from "./devices/placeModel.js";
import { openPipeline, type Pipeline } from "./diffusers/openPipeline.js";
import { pipelineSizes } from "./diffusers/pipelineFolder.js";
import type { FolderFiles } from "./files/folderFiles.js";
import { LoadingProgress } from "./loading.js";
import { autoBatch } from "./autoBatch.js";
import type { OpenParts } from "./openModel.js";
import { Weights, type Graphs } from "./weights.js";

/** Loads a diffusers pipeline exported to ONNX: `model_index.json` and the folders of its parts. */
export async function openDiffusers(
  files: FolderFiles,
  { options: { device, batch, threads: asked, ...pictured }, wrap, storage, loading }: OpenParts,
): Promise<LocalEngine> {
  const threads = typeof asked === "number" ? asked : await machineThreads(loading.calibration);
  const sizes = await pipelineSizes(files);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const progress = new LoadingProgress(loading, total);
  const open = (place: Place, loaded?: (part: string) => Promise<void>): Promise<Pipeline> =>
    openPipeline(files, {
      place,
      ...pictured,
      ...(loaded ? { loaded } : {}),
    });
  // A part counts once, however many devices it is tried on.
  const counted = async (part: string): Promise<void> => {
    const bytes = sizes.get(part) ?? 0;
    sizes.delete(part);
    await progress.add(bytes);
  };
  await progress.start();
  const placed = await placeModel(device, threads, async (place) => {
    const pipeline = await open(place, counted);
    const { denoiser } = pipeline;
    return { pipeline, placement: denoiser.placement, dispose: () => denoiser.dispose() };
  });
  const { pipeline } = placed.denoiser;
  const weights = new Weights(total, graphsOf(pipeline), async () => {
    await loading.makeRoom?.(total);
    const again = await open(placed.place);
    if (again.model.sha256 === pipeline.model.sha256) return graphsOf(again);
    await again.denoiser.dispose();
    throw new InputError(
      `The model folder ${files.path} changed since it was opened: its weights had left the memory, and what lies there now is another model ` +
        `(sha256 ${again.model.sha256.slice(0, 12)}, not ${pipeline.model.sha256.slice(0, 12)}). Dispose of its sessions and open it again.`,
    );
  });
  loading.loaded?.(weights);
  const { denoiser, decoder, previewDecoder } = weights.graphs;
  const report = placed.report();
  return new LocalEngine({
    model: pipeline.model,
    device: {
      ...report,
      precision: pipeline.denoiser.precision,
      parts: pipeline.parts,
      tried: [
        ...(report.tried ?? []),
        ...pipeline.elsewhere.map(({ file, reason }) => ({
          device: report.provider,
          reason: `${file} does not run there, and runs on the CPU: ${reason}`,
          advice: "",
        })),
      ],
      batch: batch ?? autoBatch(pipeline.made),
      threads,
    },
    denoiser: wrap(denoiser),
    ...(decoder ? { decoder } : {}),
    ...(previewDecoder ? { previewDecoder } : {}),
    scorers: [],
    storage,
  });
}

function graphsOf({ denoiser, decoder, previewDecoder }: Pipeline): Graphs {
  return { denoiser, decoder, scorers: [], ...(previewDecoder ? { previewDecoder } : {}) };
}
