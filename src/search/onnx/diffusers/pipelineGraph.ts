import { Tensor, type InferenceSession } from "onnxruntime-node";
import { listed } from "../../check.js";
import { InputError } from "../../inputError.js";
import type { Place } from "../devices/device.js";
import { DeviceFailure } from "../devices/deviceFailure.js";
import type { Placement } from "../devices/placement.js";
import { DeviceReader } from "../devices/deviceReader.js";
import { createProfiled, createSession } from "../devices/profiledRun.js";
import type { GraphFile } from "../files/graphFile.js";
import { toHalf } from "../half.js";
import type { Scratch } from "../scratch.js";
import { valuesOf } from "./valuesOf.js";

/** Numbers for one input or from one output; the graph's own dtype is made of them, and they of it. */
export interface Values {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** By the name of the input. */
export type Feeds = Readonly<Record<string, Values>>;

/** What may be at an input. A side is a number, or undefined where any will do. */
export interface PortRule {
  readonly type: "float" | "integer" | "number";
  readonly ranks: readonly number[];
  readonly sides?: readonly (number | undefined)[];
  readonly optional?: true;
}

const TYPES = {
  float: ["float32", "float16"],
  integer: ["int64", "int32"],
  number: ["float32", "float16", "float64", "int64", "int32"],
} as const;

interface Port {
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/**
 * One network of a pipeline in the runtime. Exports differ in dtypes and ranks (float16 or float32, int32 or int64 ids, a timestep of rank 0
 * or 1), so a graph is asked what it takes. Calls take turns: `run()` of onnxruntime-node is a synchronous native call behind a promise.
 */
export class PipelineGraph {
  /** Of its folder, for messages. */
  readonly file: string;
  readonly graph: GraphFile;
  readonly inputs: ReadonlyMap<string, Port>;
  readonly outputs: ReadonlyMap<string, Port>;
  /** Where its outputs stay on the device: what reads them. */
  readonly #reader: DeviceReader | undefined;
  readonly #session: InferenceSession;
  #tail: Promise<unknown> = Promise.resolve();

  /** What ran where, of one loaded with a probe. */
  readonly placement: Placement | undefined;

  private constructor(
    graph: GraphFile,
    session: InferenceSession,
    keepsOutputs: boolean,
    placement?: Placement,
  ) {
    if (keepsOutputs) this.#reader = new DeviceReader();
    this.file = graph.file;
    this.graph = graph;
    this.#session = session;
    this.placement = placement;
    this.inputs = portsOf(graph.file, session.inputMetadata);
    this.outputs = portsOf(graph.file, session.outputMetadata);
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
    const keeps = place.keepsOutputs === true;
    try {
      if (!probe)
        return await new PipelineGraph(graph, await createSession(source, place), keeps).#readable(place);
      const feeds = (session: InferenceSession): Record<string, Tensor> => {
        const opened = new PipelineGraph(graph, session, keeps);
        return opened.#tensors(probe(opened));
      };
      const { session, placement } = await createProfiled(source, place, feeds);
      return await new PipelineGraph(graph, session, keeps, placement).#readable(place, probe);
    } catch (error) {
      if (place.device !== "cpu" || !(error instanceof DeviceFailure)) throw error;
      throw new InputError(
        `${graph.file} is no graph that the runtime can load: ${error.message}. Export it again.`,
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
    for (const [name, rule] of Object.entries(rules)) {
      const port = this.inputs.get(name);
      if (!port && rule.optional) continue;
      if (!port) {
        throw new InputError(
          `${this.file} has no input "${name}". ${listed("It has", [...this.inputs.keys()])}. Export it in optimum's layout (optimum-cli export onnx).`,
        );
      }
      const { type, shape } = port;
      const types: readonly string[] = TYPES[rule.type];
      const misfit = shape.some((side, i) => {
        const wanted = rule.sides?.[i];
        return wanted !== undefined && typeof side === "number" && side >= 0 && side !== wanted;
      });
      if (!types.includes(type) || !rule.ranks.includes(shape.length) || misfit) {
        const sides = rule.sides
          ? ` [${rule.sides.map((side) => side ?? "any").join(", ")}]`
          : ` of rank ${rule.ranks.join(" or ")}`;
        throw new InputError(
          `${this.file}: input "${name}" is ${type} [${shape.join(", ")}], but must be ${types.join(" or ")}${sides}. Export it in optimum's layout with free sizes.`,
        );
      }
    }
    const surplus = [...this.inputs.keys()].find((name) => !Object.hasOwn(rules, name));
    if (surplus === undefined) return;
    throw new InputError(
      `${this.file} has an input "${surplus}" that nothing fills. ${listed("Known are", Object.keys(rules))}.`,
    );
  }

  /** Refuses a graph whose first output has another rank or other sides; of each side one of several numbers, or undefined for any. */
  checkOutput(sides: readonly (readonly number[] | undefined)[]): void {
    const [name, { shape, type }] = [...this.outputs][0]!;
    const fits = shape.every(
      (side, i) => typeof side === "string" || side < 0 || (sides[i]?.includes(side) ?? true),
    );
    if (shape.length === sides.length && fits) return;
    const wanted = sides.map((side) => side?.join(" or ") ?? "any").join(", ");
    throw new InputError(
      `${this.file}: output "${name}" is ${type} [${shape.join(", ")}], but must be [${wanted}]. This is the graph of another network: export it again.`,
    );
  }

  run(feeds: Feeds): Promise<Map<string, Values>> {
    return this.#turn(async () => this.#read(await this.#session.run(this.#tensors(feeds))));
  }

  /** The same without new memory: `feeds` is asked when it is the call's turn, and what comes out is in `scratch` until the next call. */
  again(feeds: () => Feeds, scratch: Scratch): Promise<Map<string, Values>> {
    return this.#turn(async () =>
      this.#read(await this.#session.run(this.#tensors(feeds(), scratch)), scratch),
    );
  }

  /** The first output, on the device; `tensors` may lie there too. */
  onDevice(feeds: () => Feeds, tensors: Readonly<Record<string, Tensor>>, scratch: Scratch): Promise<Tensor> {
    return this.#turn(async () => {
      const outputs = await this.#session.run({ ...this.#tensors(feeds(), scratch), ...tensors });
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

  #tensors(feeds: Feeds, scratch?: Scratch): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries(feeds).map(([name, values]) => [name, this.#tensor(name, values, scratch)]),
    );
  }

  #tensor(name: string, { data, dims }: Values, scratch?: Scratch): Tensor {
    const { type } = this.inputs.get(name)!;
    switch (type) {
      case "float16":
        return new Tensor("float16", toHalf(data, scratch?.halves(name, data.length)) as never, dims);
      case "int64":
        return new Tensor(
          "int64",
          BigInt64Array.from(data, (value) => BigInt(Math.trunc(value))),
          dims,
        );
      case "int32":
        return new Tensor("int32", Int32Array.from(data), dims);
      case "float64":
        return new Tensor("float64", Float64Array.from(data), dims);
      default:
        return new Tensor("float32", data, dims);
    }
  }
}

function portsOf(file: string, metadata: readonly InferenceSession.ValueMetadata[]): Map<string, Port> {
  return new Map(
    metadata.map((entry) => {
      if (!entry.isTensor) throw new InputError(`${file}: "${entry.name}" is no tensor. Export it again.`);
      return [entry.name, { type: entry.type, shape: entry.shape }];
    }),
  );
}
