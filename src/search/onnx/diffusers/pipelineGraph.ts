import type { InferenceSession, Tensor } from "onnxruntime-node";
import { InputError } from "../../inputError.js";
import type { Place } from "../devices/device.js";
import { DeviceFailure } from "../devices/deviceFailure.js";
import type { Placement } from "../devices/placement.js";
import { DeviceReader } from "../devices/deviceReader.js";
import { createProfiled, createSession } from "../devices/profiledRun.js";
import type { GraphFile } from "../files/graphFile.js";
import { memoryAdvice, runFailure } from "../runFailure.js";
import type { Scratch } from "../scratch.js";
import { FeedTensors, type Feeds, type Values } from "./feedTensors.js";
import { checkInputs, checkOutput, portsOf, type PortRule, type Ports } from "./ports.js";
import { valuesOf } from "./valuesOf.js";

export type { Feeds, Values } from "./feedTensors.js";
export type { PortRule } from "./ports.js";

/**
 * One network of a pipeline in the runtime. Exports differ in dtypes and ranks (float16 or float32, int32 or int64 ids, a timestep of rank 0
 * or 1), so a graph is asked what it takes. Calls take turns: `run()` of onnxruntime-node is a synchronous native call behind a promise.
 */
export class PipelineGraph {
  /** Of its folder, for messages. */
  readonly file: string;
  readonly graph: GraphFile;
  readonly inputs: Ports;
  readonly outputs: Ports;
  readonly #place: Place;
  readonly #tensors: FeedTensors;
  /** Where its outputs stay on the device: what reads them. */
  readonly #reader: DeviceReader | undefined;
  readonly #session: InferenceSession;
  #tail: Promise<unknown> = Promise.resolve();

  /** What ran where, of one loaded with a probe. */
  readonly placement: Placement | undefined;

  private constructor(graph: GraphFile, session: InferenceSession, place: Place, placement?: Placement) {
    if (place.keepsOutputs) this.#reader = new DeviceReader();
    this.#place = place;
    this.file = graph.file;
    this.graph = graph;
    this.#session = session;
    this.placement = placement;
    this.inputs = portsOf(graph.file, session.inputMetadata);
    this.outputs = portsOf(graph.file, session.outputMetadata);
    this.#tensors = new FeedTensors(this.inputs);
  }

  /**
   * What a device cannot load or run is a `DeviceFailure`; on the CPU it is the graph's fault. `probe`: inputs of one run that finds out
   * what really runs where; it may refuse the graph.
   */
  static async load(
    graph: GraphFile,
    place: Place,
    probe?: (graph: PipelineGraph) => Feeds,
  ): Promise<PipelineGraph> {
    const source = graph.external.size > 0 ? graph.path : graph.bytes;
    try {
      if (!probe)
        return await new PipelineGraph(graph, await createSession(source, place), place).#readable(place);
      const feeds = (session: InferenceSession): Record<string, Tensor> => {
        const opened = new PipelineGraph(graph, session, place);
        return opened.#tensors.of(probe(opened));
      };
      const { session, placement } = await createProfiled(source, place, feeds);
      return await new PipelineGraph(graph, session, place, placement).#readable(place, probe);
    } catch (error) {
      if (place.device !== "cpu" || !(error instanceof DeviceFailure)) throw error;
      const next = memoryAdvice(error.message);
      throw new InputError(
        next === undefined
          ? `${graph.file} is no graph that the runtime can load: ${error.message}. Export it again.`
          : `${graph.file} does not fit: ${error.message}. ${next}.`,
      );
    }
  }

  /** Only float32 is read back from a device: a graph that gives something else is loaded once more, with outputs that come here. */
  async #readable(place: Place, probe?: (graph: PipelineGraph) => Feeds): Promise<PipelineGraph> {
    if (!this.#reader || [...this.outputs.values()].every(({ type }) => type === "float32")) return this;
    await this.release();
    return PipelineGraph.load(this.graph, { ...place, keepsOutputs: false }, probe);
  }

  /** Whether its outputs stay on the device: `onDevice` gives them. */
  get keepsOutputs(): boolean {
    return this.#reader !== undefined;
  }

  /** Refuses a graph whose inputs are not what will be fed, with what it has. */
  check(rules: Readonly<Record<string, PortRule>>): void {
    checkInputs(this.file, this.inputs, rules);
  }

  /** Refuses a graph whose first output has another rank or other sides; of each side one of several numbers, or undefined for any. */
  checkOutput(sides: readonly (readonly number[] | undefined)[]): void {
    checkOutput(this.file, this.outputs, sides);
  }

  run(feeds: Feeds): Promise<Map<string, Values>> {
    return this.#turn(async () => this.#read(await this.#call(this.#tensors.of(feeds))));
  }

  /** The same without new memory: `feeds` is asked when it is the call's turn, and what comes out is in `scratch` until the next call. */
  again(feeds: () => Feeds, scratch: Scratch): Promise<Map<string, Values>> {
    return this.#turn(async () => this.#read(await this.#call(this.#tensors.of(feeds(), scratch)), scratch));
  }

  /** The first output, on the device; `tensors` may lie there too. */
  onDevice(feeds: () => Feeds, tensors: Readonly<Record<string, Tensor>>, scratch: Scratch): Promise<Tensor> {
    return this.#turn(async () => {
      const outputs = await this.#call({ ...this.#tensors.of(feeds(), scratch), ...tensors });
      const [first, ...others] = Object.values(outputs) as [Tensor, ...Tensor[]];
      for (const tensor of others) if (tensor.location === "gpu-buffer") tensor.dispose();
      return first;
    });
  }

  async release(): Promise<void> {
    await this.#tail;
    await this.#session.release();
    await this.#reader?.dispose();
  }

  async #call(feeds: Readonly<Record<string, Tensor>>): Promise<InferenceSession.OnnxValueMapType> {
    try {
      return await this.#session.run(feeds);
    } catch (error) {
      throw runFailure(this.file, this.#place.device, feeds, error);
    }
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #read(outputs: InferenceSession.OnnxValueMapType, scratch?: Scratch): Promise<Map<string, Values>> {
    const found = new Map<string, Values>();
    for (const [name, tensor] of Object.entries(outputs)) {
      const { dims } = tensor;
      const isThere = tensor.location === "gpu-buffer";
      found.set(
        name,
        isThere ? { data: await this.#reader!.read(tensor), dims } : valuesOf(tensor, name, scratch),
      );
    }
    return found;
  }
}
