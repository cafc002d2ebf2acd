import { listed } from "../../check.js";
import { InputError } from "../../inputError.js";
import { CardReader } from "../cardReader.js";
import type { FolderFiles } from "../files/folderFiles.js";
import { readGraphFile } from "../files/graphFile.js";
import { readJson } from "../files/jsonFile.js";
import { TextTokenizer } from "../text/textTokenizer.js";
import { PipelineGraph } from "./pipelineGraph.js";

export type Component =
  | "unet"
  | "transformer"
  | "text_encoder"
  | "text_encoder_2"
  | "text_encoder_3"
  | "vae_decoder"
  | "taesd_decoder";

/** A diffusers folder by its model_index.json: finds the parts, whichever exporter wrote them. What it opened it releases. */
export class PipelineFolder {
  readonly files: FolderFiles;
  readonly index: CardReader;
  readonly className: string;
  readonly #threads: number;
  readonly #graphs: PipelineGraph[] = [];

  private constructor(files: FolderFiles, index: CardReader, threads: number) {
    this.files = files;
    this.index = index;
    this.className = index.text("_class_name");
    this.#threads = threads;
  }

  static async open(files: FolderFiles, threads: number): Promise<PipelineFolder> {
    const index = CardReader.root(await readJson(files, "model_index.json"), "model_index.json");
    return new PipelineFolder(files, index, threads);
  }

  /** Whether the pipeline has this part: its file is there. */
  async has(component: Component): Promise<boolean> {
    return (await this.#find(component)) !== undefined;
  }

  async graph(component: Component): Promise<PipelineGraph> {
    const file = await this.#find(component);
    if (file === undefined) {
      throw new InputError(
        `${this.className} needs a ${component}, and the model folder ${this.files.path} has none. ${listed("Looked for", candidates(component))}. ` +
          "Export the pipeline to ONNX (optimum-cli export onnx --model ... FOLDER), or fetch the part that is missing.",
      );
    }
    const graph = await PipelineGraph.load(await readGraphFile(this.files, file, "The model"), this.#threads);
    this.#graphs.push(graph);
    return graph;
  }

  /** Its config.json; without one an object without fields. */
  async config(component: Component): Promise<CardReader> {
    const folders = component === "vae_decoder" ? ["vae_decoder", "vae"] : [component];
    for (const folder of folders) {
      const file = `${folder}/config.json`;
      if (await this.files.has(file)) return CardReader.root(await readJson(this.files, file), file);
    }
    return CardReader.root({}, `${folders[0]}/config.json`);
  }

  tokenizer(name: string): Promise<TextTokenizer> {
    return TextTokenizer.load(this.files, name);
  }

  /** What is loaded, in the order of loading. */
  get graphs(): readonly PipelineGraph[] {
    return this.#graphs;
  }

  async release(): Promise<void> {
    for (const graph of this.#graphs.splice(0)) await graph.release();
  }

  async #find(component: Component): Promise<string | undefined> {
    for (const file of candidates(component)) if (await this.files.has(file)) return file;
    return undefined;
  }
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
