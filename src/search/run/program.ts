import type { Algorithm } from "../algorithms/algorithm.js";
import { InputError } from "../inputError.js";
import { shown } from "../check.js";
import { opKinds, type Handle, type Op } from "../engine/op.js";
import type { Ops } from "../engine/ops.js";

/** What an operation is answered with: handles, or numbers where numbers were asked for. */
export type Answer = readonly Handle[] | readonly number[];

/** A running algorithm, taken from one operation to the next. */
export class Program {
  readonly #name: string;
  readonly #generator: Generator<Op, void, Answer>;
  #begun = false;

  constructor(algorithm: Algorithm, ops: Ops) {
    this.#name = algorithm.name;
    // Only `random` is answered with numbers, and `createOps` takes them as such.
    this.#generator = algorithm.plan(ops);
    if (typeof (this.#generator as Partial<Generator> | undefined)?.next !== "function") {
      throw new InputError(
        `Algorithm ${this.#name} is no generator: write its body as function* (ops, options) { … }.`,
      );
    }
  }

  get begun(): boolean {
    return this.#begun;
  }

  /** Goes on with the answer to the last operation; undefined at its end. Throws what the algorithm throws. */
  next(answer: Answer): Op | undefined {
    const step = this.#begun ? this.#generator.next(answer) : this.#generator.next([]);
    this.#begun = true;
    return step.done ? undefined : this.#parse(step.value);
  }

  /** Lets the algorithm's `finally` blocks run. */
  close(): void {
    this.#generator.return();
  }

  #parse(value: unknown): Op {
    const kind: unknown =
      typeof value === "object" && value !== null ? (value as Partial<Op>).kind : undefined;
    if (opKinds.some((known) => known === kind)) return value as Op;
    throw new InputError(
      `Algorithm ${this.#name} yielded ${shown(value)}, which is no operation. Write yield* ops.… (with the star).`,
    );
  }
}
