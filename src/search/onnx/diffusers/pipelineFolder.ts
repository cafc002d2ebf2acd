import { listed } from "../../check.js";
import type { PartReport } from "../../engine/deviceReport.js";
import { InputError } from "../../inputError.js";
import { CardReader } from "../cardReader.js";
import type { Place } from "../devices/device.js";
import { DeviceFailure } from "../devices/deviceFailure.js";
import { nodesOn, NOTHING_THERE } from "../devices/placement.js";
import type { FolderFiles } from "../files/folderFiles.js";
import { graphSize, readGraphFile, type GraphFile } from "../files/graphFile.js";
import { readJson } from "../files/jsonFile.js";
import { NotedFiles, type FileReader } from "../files/notedFiles.js";
import { TextTokenizer } from "../text/textTokenizer.js";
import { PipelineGraph, type Feeds } from "./pipelineGraph.js";

const components = [
  "unet",
  "transformer",
  "text_encoder",
  "text_encoder_2",
  "text_encoder_3",
  "vae_decoder",
  "taesd_decoder",
] as const;
export type Component = (typeof components)[number];

/** Bytes of each part that is loaded, with the data that its graph keeps in other files. */
export async function pipelineSizes(files: FolderFiles): Promise<Map<string, number>> {
  const index = await readIndex(files);
  const sizes = new Map<string, number>();
  for (const component of components) {
    const file = await find(files, component);
    if (file === undefined || named(index, component) === false) continue;
    sizes.set(component, await graphSize(files, file, "The model"));
  }
  return sizes;
}

/** Told after each part that is loaded; may end the loading by throwing. */
export type Loaded = (part: Component) => Promise<void>;

/** A diffusers folder by its model_index.json: finds the parts, whichever exporter wrote them. What it opened it releases. */
export class PipelineFolder {
  readonly files: FolderFiles;
  readonly index: CardReader;
  readonly className: string;
  readonly #noted: NotedFiles;
  readonly #place: Place;
  readonly #loaded: Loaded | undefined;
  readonly #graphs: PipelineGraph[] = [];
  readonly #parts: PartReport[] = [];
  readonly #elsewhere: { readonly file: string; readonly reason: string }[] = [];

  private constructor(
    files: FolderFiles,
    noted: NotedFiles,
    index: CardReader,
    place: Place,
    loaded?: Loaded,
  ) {
    this.files = files;
    this.#noted = noted;
    this.index = index;
    this.className = index.text("_class_name");
    this.#place = place;
    this.#loaded = loaded;
  }

  static async open(files: FolderFiles, place: Place, loaded?: Loaded): Promise<PipelineFolder> {
    const noted = new NotedFiles(files);
    return new PipelineFolder(files, noted, await readIndex(noted), place, loaded);
  }

  /**
   * Whether the pipeline has this part, which not every one has: what model_index.json says, or its file where it says nothing. A part that it
   * names and that is not there is an error.
   */
  async has(component: Component): Promise<boolean> {
    const says = named(this.index, component);
    if (says === false) return false;
    const isThere = (await find(this.files, component)) !== undefined;
    if (says && !isThere) {
      throw this.#missing(
        component,
        ` A pipeline that was made to do without says "${component}": [null, null] in model_index.json.`,
      );
    }
    return isThere;
  }

  /**
   * A part on the place of the pipeline. Off the CPU it is run once with what `probe` gives, for some graphs load where they do not run; one that
   * does not run there goes to the CPU, and `elsewhere` says so.
   */
  async graph(component: Component, probe: (graph: PipelineGraph) => Feeds): Promise<PipelineGraph> {
    const read = await this.#read(component);
    const { device, threads } = this.#place;
    if (device === "cpu") return this.#keep(component, await PipelineGraph.load(read, { device, threads }));
    try {
      const graph = await PipelineGraph.load(read, { device, threads }, probe);
      if (graph.placement && nodesOn(device, graph.placement)[0] === 0) {
        await graph.release();
        throw new DeviceFailure(NOTHING_THERE);
      }
      this.#parts.push({ part: graph.file, provider: device, ...graph.placement });
      return await this.#keep(component, graph);
    } catch (error) {
      if (!(error instanceof DeviceFailure)) throw error;
      this.#elsewhere.push({ file: read.file, reason: error.message });
      this.#parts.push({ part: read.file, provider: "cpu" });
      return this.#keep(component, await PipelineGraph.load(read, { device: "cpu", threads }));
    }
  }

  /** The part that the place is chosen for: it runs there or not at all. `probe` as `PipelineGraph.load` has it. */
  async main(component: Component, probe: (graph: PipelineGraph) => Feeds): Promise<PipelineGraph> {
    const graph = await this.#read(component);
    return this.#keep(
      component,
      await PipelineGraph.load(graph, this.#place, this.#place.profiled ? probe : undefined),
    );
  }

  async #keep(component: Component, graph: PipelineGraph): Promise<PipelineGraph> {
    this.#graphs.push(graph);
    await this.#loaded?.(component);
    return graph;
  }

  async #read(component: Component): Promise<GraphFile> {
    const file = await find(this.files, component);
    if (file !== undefined) return readGraphFile(this.files, file, "The model");
    throw this.#missing(component);
  }

  #missing(component: Component, more = ""): InputError {
    return new InputError(
      `${this.className} needs a ${component}, and the model folder ${this.files.path} has none. ${listed("Looked for", candidates(component))}. ` +
        "Export the pipeline to ONNX (optimum-cli export onnx --model ... FOLDER), or fetch the part that is missing." +
        more,
    );
  }

  /** Its config.json; without one an object without fields. */
  async config(component: Component): Promise<CardReader> {
    const folders = component === "vae_decoder" ? ["vae_decoder", "vae"] : [component];
    for (const folder of folders) {
      const file = `${folder}/config.json`;
      if (await this.files.has(file)) return CardReader.root(await readJson(this.#noted, file), file);
    }
    return CardReader.root({}, `${folders[0]}/config.json`);
  }

  tokenizer(name: string): Promise<TextTokenizer> {
    return TextTokenizer.load(this.#noted, name);
  }

  /** What is loaded, in the order of loading. */
  get graphs(): readonly PipelineGraph[] {
    return this.#graphs;
  }

  /** Parts that run on the CPU because the pipeline's place cannot run them. */
  get elsewhere(): readonly { readonly file: string; readonly reason: string }[] {
    return this.#elsewhere;
  }

  /** Where the parts run that `graph` loaded; of a place on the CPU none. */
  get parts(): readonly PartReport[] {
    return this.#parts;
  }

  /** Hashes of the configurations and tokenizer files that were read, by their names. */
  get noted(): NotedFiles["hashes"] {
    return this.#noted.hashes;
  }

  async release(): Promise<void> {
    for (const graph of this.#graphs.splice(0)) await graph.release();
  }
}

async function readIndex(files: FileReader): Promise<CardReader> {
  return CardReader.root(await readJson(files, "model_index.json"), "model_index.json");
}

/** Whether model_index.json names a part; [null, null] is diffusers' word for one that was left out. Undefined: it says nothing of it. */
function named(index: CardReader, component: Component): boolean | undefined {
  if (!index.has(component)) return undefined;
  return !index.list(component).every((item) => item.isNull());
}

async function find(files: FolderFiles, component: Component): Promise<string | undefined> {
  for (const file of candidates(component)) if (await files.has(file)) return file;
  return undefined;
}

/** Optimum's names first, then those of older and of hand-made exports. */
function candidates(component: Component): string[] {
  const plain = [
    `${component}/model.onnx`,
    `${component}/${component}.onnx`,
    `${component}.onnx`,
    `onnx/${component}.onnx`,
  ];
  if (component === "vae_decoder")
    return [...plain, "vae/decoder/model.onnx", "vae/decoder.onnx", "vae/model.onnx"];
  return component === "taesd_decoder" ? [...plain, "taesd/decoder/model.onnx", "taesd/model.onnx"] : plain;
}
