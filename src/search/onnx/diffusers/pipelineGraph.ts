import { InferenceSession, Tensor } from "onnxruntime-node";
import { listed, messageOf } from "../../check.js";
import { InputError } from "../../inputError.js";
import type { GraphFile } from "../files/graphFile.js";
import { fromHalf, toHalf } from "../half.js";

/** Numbers for one input or from one output; the graph's own dtype is made of them, and they of it. */
export interface Values {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

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
  readonly #session: InferenceSession;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(graph: GraphFile, session: InferenceSession) {
    this.file = graph.file;
    this.graph = graph;
    this.#session = session;
    this.inputs = portsOf(graph.file, session.inputMetadata);
    this.outputs = portsOf(graph.file, session.outputMetadata);
  }

  static async load(graph: GraphFile, threads: number): Promise<PipelineGraph> {
    try {
      const options: InferenceSession.SessionOptions = {
        executionProviders: ["cpu"],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        // Waiting threads must not take the processor from the editor.
        extra: { session: { intra_op: { allow_spinning: "0" } } },
        logSeverityLevel: 3,
      };
      // With data beside it a graph is loaded by its path: the runtime maps those files instead of copying them.
      const session =
        graph.external.size > 0
          ? await InferenceSession.create(graph.path, options)
          : await InferenceSession.create(graph.bytes, options);
      return new PipelineGraph(graph, session);
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(
        `${graph.file} is no graph that the runtime can load: ${messageOf(error)}. Export it again.`,
      );
    }
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

  run(feeds: Readonly<Record<string, Values>>): Promise<Map<string, Values>> {
    const result = this.#tail.then(async () => {
      const tensors = Object.entries(feeds).map(
        ([name, values]) => [name, this.#tensor(name, values)] as const,
      );
      const outputs = await this.#session.run(Object.fromEntries(tensors));
      return new Map(Object.entries(outputs).map(([name, tensor]) => [name, valuesOf(tensor)]));
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async release(): Promise<void> {
    await this.#tail;
    await this.#session.release();
  }

  #tensor(name: string, { data, dims }: Values): Tensor {
    const { type } = this.inputs.get(name)!;
    switch (type) {
      case "float16":
        return new Tensor("float16", toHalf(data) as never, dims);
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

function valuesOf(tensor: Tensor): Values {
  const { type, data, dims } = tensor;
  if (type === "float32") return { data: data as Float32Array, dims };
  // Uint16Array, or Float16Array where the platform has one: the same bits.
  const { buffer, byteOffset, length } = data as Uint16Array;
  if (type === "float16") return { data: fromHalf(new Uint16Array(buffer, byteOffset, length)), dims };
  return { data: Float32Array.from(data as Iterable<number | bigint>, Number), dims };
}

function portsOf(file: string, metadata: readonly InferenceSession.ValueMetadata[]): Map<string, Port> {
  return new Map(
    metadata.map((entry) => {
      if (!entry.isTensor) throw new InputError(`${file}: "${entry.name}" is no tensor. Export it again.`);
      return [entry.name, { type: entry.type, shape: entry.shape }];
    }),
  );
}
