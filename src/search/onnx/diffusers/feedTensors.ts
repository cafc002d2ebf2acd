import { Tensor } from "onnxruntime-node";
import { toHalf } from "../half.js";
import { Scratch } from "../scratch.js";
import type { Ports } from "./ports.js";

/** Numbers for one input or from one output; the graph's own dtype is made of them, and they of it. */
export interface Values {
  readonly data: Float32Array;
  readonly dims: readonly number[];
  /** They never change, so that their tensor is made once for all calls. */
  readonly lasting?: true;
}

/** By the name of the input. */
export type Feeds = Readonly<Record<string, Values>>;

/** What a graph is fed, in the dtypes of its inputs. */
export class FeedTensors {
  readonly #inputs: Ports;
  /** Of lasting values. */
  readonly #made = new WeakMap<Values, Tensor>();

  constructor(inputs: Ports) {
    this.#inputs = inputs;
  }

  /** `scratch`: where values that do not last are converted; what is in it is good until the next call. By default in memory of their own. */
  of(feeds: Feeds, scratch: Scratch = new Scratch()): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries(feeds).map(([name, values]) => [name, this.#tensor(name, values, scratch)]),
    );
  }

  #tensor(name: string, values: Values, scratch: Scratch): Tensor {
    if (!values.lasting) return this.#converted(name, values, scratch);
    let tensor = this.#made.get(values);
    if (!tensor) {
      tensor = this.#converted(name, values, new Scratch());
      this.#made.set(values, tensor);
    }
    return tensor;
  }

  #converted(name: string, { data, dims }: Values, scratch: Scratch): Tensor {
    const { length } = data;
    switch (this.#inputs.get(name)!.type) {
      case "float16":
        return new Tensor("float16", toHalf(data, scratch.halves(name, length)) as never, dims);
      case "int64": {
        const integers = scratch.longs(name, length);
        for (let i = 0; i < length; i++) integers[i] = BigInt(Math.trunc(data[i]!));
        return new Tensor("int64", integers, dims);
      }
      case "int32": {
        const integers = scratch.integers(name, length);
        integers.set(data);
        return new Tensor("int32", integers, dims);
      }
      case "float64": {
        const doubles = scratch.doubles(name, length);
        doubles.set(data);
        return new Tensor("float64", doubles, dims);
      }
      default:
        return new Tensor("float32", data, dims);
    }
  }
}
