import { Tensor, type InferenceSession } from "onnxruntime-node";
import { InputError } from "../inputError.js";
import type { Place } from "./devices/device.js";
import { DeviceFailure } from "./devices/deviceFailure.js";
import type { Placement } from "./devices/placement.js";
import { createProfiled, createSession, type Feeds } from "./devices/profiledRun.js";
import { runFailure } from "./runFailure.js";

/** What a graph must offer: dtype and shape, a string for a free dimension. */
export interface Signature {
  readonly inputs: Readonly<Record<string, Port>>;
  readonly outputs: Readonly<Record<string, Port>>;
}

export interface Port {
  readonly type: Tensor.Type;
  readonly shape: readonly (number | string)[];
}

/** What has its turn at a graph. Throws an `InputError` that names the file. */
export interface Runs {
  run(feeds: Feeds): Promise<InferenceSession.OnnxValueMapType>;
}

/**
 * One graph in the runtime. `run()` of onnxruntime-node is a synchronous native call behind a promise, and callers reuse their input
 * buffers: so calls take turns.
 */
export class OrtSession {
  /** What ran where, of one loaded `profiled`. */
  readonly placement: Placement | undefined;
  readonly #name: string;
  readonly #place: Place;
  readonly #session: InferenceSession;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(name: string, place: Place, session: InferenceSession, placement?: Placement) {
    this.#name = name;
    this.#place = place;
    this.#session = session;
    this.placement = placement;
  }

  /**
   * `name`: the file, for messages. `on`: a place, or so many threads on the CPU. Refuses a graph that is not of `signature` before
   * anything runs. What a device cannot load or run is a `DeviceFailure`; on the CPU it is the graph's fault.
   */
  static async load(
    name: string,
    bytes: Uint8Array,
    on: number | Place,
    signature: Signature,
  ): Promise<OrtSession> {
    const place: Place = typeof on === "number" ? { device: "cpu", threads: on } : on;
    const check = (session: InferenceSession): void => {
      checkPorts(name, "input", session.inputMetadata, signature.inputs);
      checkPorts(name, "output", session.outputMetadata, signature.outputs);
    };
    try {
      if (place.profiled) {
        const { session, placement } = await createProfiled(bytes, place, zeros(signature), check);
        place.placed?.(placement);
        return new OrtSession(name, place, session, placement);
      }
      const session = await createSession(bytes, place);
      check(session);
      return new OrtSession(name, place, session);
    } catch (error) {
      if (place.device !== "cpu" || !(error instanceof DeviceFailure)) throw error;
      throw new InputError(`${name} is no graph that the runtime can load: ${error.message}.`);
    }
  }

  /** `work` fills the inputs and gets the turn to run them. */
  turn<T>(work: (session: Runs) => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => work({ run: (feeds) => this.#run(feeds) }));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async release(): Promise<void> {
    await this.turn(() => this.#session.release());
  }

  async #run(feeds: Feeds): Promise<InferenceSession.OnnxValueMapType> {
    try {
      return await this.#session.run(feeds);
    } catch (error) {
      throw runFailure(this.#name, this.#place.device, feeds, error);
    }
  }
}

function checkPorts(
  name: string,
  what: "input" | "output",
  found: readonly InferenceSession.ValueMetadata[],
  wanted: Readonly<Record<string, Port>>,
): void {
  for (const [port, { type, shape }] of Object.entries(wanted)) {
    const entry = found.find((candidate) => candidate.name === port);
    if (!entry) {
      const names = found.map((candidate) => candidate.name).join(", ");
      throw new InputError(`${name} has no ${what} "${port}"; its ${what}s are: ${names}.`);
    }
    if (!entry.isTensor || entry.type !== type || !sameShape(entry.shape, shape)) {
      const is = entry.isTensor ? `${entry.type} [${entry.shape.join(", ")}]` : "no tensor";
      throw new InputError(`${name}: ${what} "${port}" is ${is}, but must be ${type} [${shape.join(", ")}].`);
    }
  }
  if (what === "output") return;
  const surplus = found.find((candidate) => !Object.hasOwn(wanted, candidate.name));
  if (surplus) throw new InputError(`${name} has an input "${surplus.name}" that nothing fills.`);
}

/** The batch dimension is free on both sides; every other one must be the number wanted, or free in the graph. */
function sameShape(found: readonly (number | string)[], wanted: readonly (number | string)[]): boolean {
  if (found.length !== wanted.length) return false;
  return found.every((side, i) =>
    typeof wanted[i] === "string"
      ? typeof side === "string" || side < 0
      : side === wanted[i] || typeof side === "string" || side < 0,
  );
}

/** One sample of zeros for each input. */
function zeros({ inputs }: Signature): Feeds {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { type, shape }]) => {
      const sides = shape.map((side) => (typeof side === "number" ? side : 1));
      const size = sides.reduce((product, side) => product * side, 1);
      return [name, new Tensor(type, arrayOf(type, size), sides)];
    }),
  );
}

function arrayOf(type: Tensor.Type, size: number): Tensor.DataTypeMap[Tensor.Type] {
  switch (type) {
    case "int64":
    case "uint64":
      return new BigInt64Array(size) as Tensor.DataTypeMap[Tensor.Type];
    case "int32":
      return new Int32Array(size);
    case "bool":
      return new Uint8Array(size);
    case "float16":
      return new Uint16Array(size);
    case "float64":
      return new Float64Array(size);
    default:
      return new Float32Array(size);
  }
}
