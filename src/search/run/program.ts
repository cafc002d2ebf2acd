import type { Algorithm } from "../algorithms/algorithm.js";
import { InputError } from "../inputError.js";
import { shown } from "../check.js";
import { opKinds, type Handle, type Op } from "../engine/op.js";
import type { Ops } from "../engine/ops.js";
import type { PaidOp } from "./effects.js";

/** What an algorithm wants next: something paid, or nothing any more. */
export type Demand = { readonly op: PaidOp } | { readonly end: string | undefined };

/** Answers the operations that cost nothing. "end" with a reason closes the algorithm where it stands. */
export type FreeAnswer = readonly Handle[] | { readonly end: string | undefined };

const MANY = 10_000;

/**
 * A running algorithm, taken from one paid operation to the next. Free operations in between are answered at once, so that a run knows
 * before a round begins whether another one will come.
 */
export class Program {
  readonly #name: string;
  readonly #generator: Generator<Op, void, readonly Handle[]>;
  readonly #free: (op: Exclude<Op, PaidOp>) => FreeAnswer;
  #begun = false;

  constructor(algorithm: Algorithm, ops: Ops, free: (op: Exclude<Op, PaidOp>) => FreeAnswer) {
    this.#name = algorithm.name;
    this.#generator = algorithm.plan(ops);
    this.#free = free;
    if (typeof (this.#generator as Partial<Generator> | undefined)?.next !== "function") {
      throw new InputError(
        `Algorithm ${this.#name} is no generator: write its body as function* (ops, options) { … }.`,
      );
    }
  }

  /** Goes on with the answer to the last paid operation. Throws what the algorithm throws. */
  next(answer: readonly Handle[]): Demand {
    let step = this.#begun ? this.#generator.next(answer) : this.#generator.next([]);
    this.#begun = true;
    for (let free = 0; !step.done; free++) {
      if (free > MANY) {
        throw new InputError(
          `Algorithm ${this.#name} made ${MANY} operations without denoising or scoring a candidate.`,
        );
      }
      const op = this.#parse(step.value);
      if (op.kind === "denoise" || op.kind === "score") {
        if (op.candidates.length > 0) return { op };
        step = this.#generator.next([]);
        continue;
      }
      const reply = this.#free(op);
      if ("end" in reply) return reply;
      step = this.#generator.next(reply);
    }
    return { end: undefined };
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
