import { InferenceSession, type Tensor } from "onnxruntime-node";
import { InputError } from "../inputError.js";
import { messageOf } from "../check.js";

/** What a graph must offer: dtype and shape, a string for a free dimension. */
export interface Signature {
  readonly inputs: Readonly<Record<string, Port>>;
  readonly outputs: Readonly<Record<string, Port>>;
}

export interface Port {
  readonly type: Tensor.Type;
  readonly shape: readonly (number | string)[];
}

/**
 * One graph in the runtime. `run()` of onnxruntime-node is a synchronous native call behind a promise, and callers reuse their input
 * buffers: so calls take turns.
 */
export class OrtSession {
  readonly #session: InferenceSession;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** `name`: the file, for messages. Refuses a graph that is not of `signature` before anything runs. */
  static async load(
    name: string,
    bytes: Uint8Array,
    threads: number,
    signature: Signature,
  ): Promise<OrtSession> {
    let session: InferenceSession;
    try {
      session = await InferenceSession.create(bytes, {
        executionProviders: ["cpu"],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        // Waiting threads must not take the processor from the editor.
        extra: { session: { intra_op: { allow_spinning: "0" } } },
        logSeverityLevel: 3,
      });
    } catch (error) {
      throw new InputError(`${name} is no graph that the runtime can load: ${messageOf(error)}`);
    }
    check(name, "input", session.inputMetadata, signature.inputs);
    check(name, "output", session.outputMetadata, signature.outputs);
    return new OrtSession(session);
  }

  /** `work` fills the inputs and gets the turn to run them. */
  turn<T>(work: (session: InferenceSession) => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => work(this.#session));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async release(): Promise<void> {
    await this.turn((session) => session.release());
  }
}

function check(
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
