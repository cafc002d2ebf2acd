import { createHash } from "node:crypto";
import { basename } from "node:path";
import { InputError } from "../../inputError.js";
import type { PartReport } from "../../engine/deviceReport.js";
import type { EngineModel } from "../../engine/engine.js";
import { isEdm } from "../../schedulers/edm.js";
import type { DiffusersSchedulerConfig, ScheduleOptions } from "../../schedulers/scheduler.js";
import { resolutionShift } from "../../solvers/resolutionShift.js";
import { predictionOf } from "../../solvers/schedulerPrediction.js";
import type { Place } from "../devices/device.js";
import type { FolderFiles } from "../files/folderFiles.js";
import { DiffusersDenoiser } from "./diffusersDenoiser.js";
import { classLabels } from "./classLabels.js";
import { latentSpaceOf } from "./latentSpace.js";
import { layoutOf, type Layout } from "./layouts.js";
import type { PipelineGraph } from "./pipelineGraph.js";
import { PipelineFolder, type Loaded } from "./pipelineFolder.js";
import { pipelineScheduler } from "./pipelineScheduler.js";
import { pipelineShapes } from "./pipelineShapes.js";
import { blankState, latentScale, VaeDecoder } from "./vaeDecoder.js";

export interface PipelineOptions {
  /** Pixels; by default what the configuration of the network says. */
  readonly width?: number;
  readonly height?: number;
  /** Of PixArt; by default as its pipelines have them. */
  readonly cleanCaption?: boolean;
  readonly resolutionBinning?: boolean;
  /** By default one thread of the CPU. */
  readonly place?: Place;
  readonly loaded?: Loaded;
}

/** A loaded diffusers pipeline, as the engine takes it. Disposing of the denoiser frees all of it. */
export interface Pipeline {
  readonly model: EngineModel;
  readonly denoiser: DiffusersDenoiser;
  readonly decoder: VaeDecoder;
  /** What the decoder's network makes, before it is brought to the size of the model's images. */
  readonly made: readonly [channels: number, height: number, width: number];
  /** What the pipeline gives `set_timesteps` beside the number of steps. */
  readonly schedule: (steps: number) => ScheduleOptions;
  /** Parts that run on the CPU because the place cannot run them. */
  readonly elsewhere: readonly { readonly file: string; readonly reason: string }[];
  /** Where the parts beside the denoiser run; of a place on the CPU none. */
  readonly parts: readonly PartReport[];
  /** A TAESD decoder, where the folder has one: the sampler's latents to pixels at a fraction of the cost. */
  readonly previewDecoder?: VaeDecoder;
}

/**
 * Opens a diffusers folder with ONNX exports (`model_index.json`; optimum's layout or the older one of diffusers). Everything that can be
 * checked is checked before the first call: names that lead out of the folder, external data, inputs, sizes, the scheduler.
 */
export async function openPipeline(files: FolderFiles, options: PipelineOptions = {}): Promise<Pipeline> {
  const folder = await PipelineFolder.open(
    files,
    options.place ?? { device: "cpu", threads: 1 },
    options.loaded,
  );
  try {
    return await opened(folder, options);
  } catch (error) {
    await folder.release();
    throw error;
  }
}

async function opened(folder: PipelineFolder, options: PipelineOptions): Promise<Pipeline> {
  const { files, index, className } = folder;
  const layout = layoutOf(className);
  const scheduler = await pipelineScheduler(files, layout);
  const config = await folder.config(layout.denoiser);
  const vae = await folder.config("vae_decoder");
  const blocks = vae.has("block_out_channels") ? vae.list("block_out_channels").length : 4;
  const { image, made, latent } = pipelineShapes(layout, config, 2 ** (blocks - 1), options);
  const cleanCaption = cleaning(layout, options);
  const network = await layout.open({ folder, config, image: made, latent, cleanCaption });
  const rows = await network.rows(undefined);
  const denoiserOf = (graph: PipelineGraph): DiffusersDenoiser =>
    new DiffusersDenoiser(graph, network, latent, () => folder.release());
  const graph = await folder.main(layout.denoiser, (probed) => denoiserOf(probed).probe(rows));
  const denoiser = denoiserOf(graph);
  if (isEdm(scheduler)) checkFractions(graph, scheduler);
  const latents = latentScale(vae, latent[0], layout);
  const latentSpace = latentSpaceOf(latents.scale);
  const fit = [image[1], image[2]] as const;
  const vaeGraph = await folder.graph("vae_decoder", blankState(latent));
  const decoder = new VaeDecoder(vaeGraph, latents, made, { fit });
  const previewDecoder = await openPreview(folder, latent, made, fit);
  const labels = layout.conditioned === "label" ? classLabels(index, config) : undefined;
  const tokens = (latent[1] * latent[2]) / layout.patch ** 2;
  const mu = resolutionShift(scheduler, tokens, layout.maxShift);
  const embedsGuidance = ["guidance", "timestep_cond"].some((name) => graph.inputs.has(name));
  const sha256 = createHash("sha256");
  for (const { graph: part } of folder.graphs) sha256.update(`${part.file}\0${part.sha256}\n`);
  for (const [file, hash] of folder.noted) sha256.update(`${file}\0${hash}\n`);
  // What else decides on the images, where it is other than the files and the size say.
  const further = { ...(made === image ? {} : { latent }), ...(cleanCaption ? { cleanCaption } : {}) };
  const digest = sha256.update(JSON.stringify({ scheduler, image, ...further })).digest("hex");
  return {
    model: {
      name: basename(files.path),
      version: digest.slice(0, 12),
      sha256: digest,
      image,
      latent,
      licence: await licenceOf(files),
      parameters: graph.graph.parameters,
      prediction: predictionOf(scheduler),
      ...(latentSpace ? { latentSpace } : {}),
      ...(labels ? { labels } : {}),
      textConditioned: layout.conditioned === "text",
      ...(embedsGuidance ? { embedsGuidance } : { guidesFromOne: true }),
      scheduler,
      schedule: {
        tokens,
        ...(layout.evenSigmas ? { even: true } : {}),
        ...(layout.maxShift === undefined ? {} : { maxShift: layout.maxShift }),
      },
      defaults: {
        solver: scheduler._class_name,
        ...(embedsGuidance ? layout.defaults : (layout.unguided ?? layout.defaults)),
      },
      verifiers: [],
    },
    denoiser,
    decoder,
    made,
    elsewhere: folder.elsewhere,
    parts: folder.parts,
    schedule: (steps) => ({
      ...(mu === undefined ? {} : { mu }),
      ...(layout.evenSigmas ? { sigmas: Array.from({ length: steps }, (_, i) => 1 - i / steps) } : {}),
    }),
    ...(previewDecoder ? { previewDecoder } : {}),
  };
}

/** EDM tells its network log(sigma) / 4, from 1.1 down to -1.6. */
function checkFractions(
  { file, inputs }: PipelineGraph,
  { _class_name: name }: DiffusersSchedulerConfig,
): void {
  const { type } = inputs.get("timestep")!;
  if (!type.startsWith("int")) return;
  throw new InputError(
    `${file}: input "timestep" is ${type}, but ${name} tells the network log(sigma) / 4, which is no whole number. Export it with a timestep of float32.`,
  );
}

/** Whether prompts are cleaned: by the pipelines that do it, unless they are asked not to. */
function cleaning({ name, cleansCaptions }: Layout, { cleanCaption }: PipelineOptions): boolean {
  if (cleanCaption && !cleansCaptions)
    throw new InputError(
      `options: cleanCaption is for PixArt's pipelines, and this is ${name}. Leave it out.`,
    );
  return cleansCaptions === true && cleanCaption !== false;
}

/**
 * TAESD takes the sampler's latents as they are. It gives [0, 1] (madebyollin/taesd), or [-1, 1] where diffusers' AutoencoderTiny was
 * exported, as its config.json says.
 */
async function openPreview(
  folder: PipelineFolder,
  latent: EngineModel["latent"],
  made: EngineModel["image"],
  fit: readonly [height: number, width: number],
): Promise<VaeDecoder | undefined> {
  if (!(await folder.has("taesd_decoder"))) return undefined;
  const config = await folder.config("taesd_decoder");
  const signed = config.has("_class_name") && config.text("_class_name") === "AutoencoderTiny";
  const graph = await folder.graph("taesd_decoder", blankState(latent));
  const ones = {
    scale: new Array<number>(latent[0]).fill(1),
    shift: new Array<number>(latent[0]).fill(0),
  };
  return new VaeDecoder(graph, ones, made, { range: signed ? "signed" : "unit", fit });
}

/** From the head of README.md, as model repositories have it. */
async function licenceOf(files: FolderFiles): Promise<string> {
  if (!(await files.has("README.md"))) return "not stated";
  const { bytes } = await files.read("README.md", "The model");
  const head = /^---\n([\s\S]*?)\n---/.exec(new TextDecoder().decode(bytes.subarray(0, 65_536)))?.[1] ?? "";
  return /^license(?:_name)?:\s*["']?([^"'\n]+)/m.exec(head)?.[1]?.trim() ?? "not stated";
}
