import { InputError } from "../inputError.js";
import { shown } from "../check.js";
import { address } from "../engine/tensorId.js";
import type { Op } from "../engine/op.js";
import type { Ops } from "../engine/ops.js";
import type { Algorithm } from "./algorithm.js";
import type { Formula } from "./quote.js";

export interface AlgorithmTraits<O> {
  /** Checks what a user gave and fills in the defaults. */
  readonly parse?: (given: Readonly<Record<string, unknown>>) => O;
  /** Whether the method ends by itself under these options; without it, only a budget or Stop ends it. */
  readonly ends?: (options: O) => boolean;
  /** What it costs with an empty cache: exact, or an upper bound where it adapts. */
  readonly quote?: Formula<O>;
}

/**
 * An algorithm from a generator function over `ops`: step, pause, stop, ledger, record and views come by themselves, for ours and for one
 * that is written in a cell. The body reads like the paper; it sees handles and scores, never tensors, clocks or what was spent.
 */
export function defineAlgorithm<O extends object>(
  name: string,
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a body receives depends on what it yields
  body: (ops: Ops, options: O) => Generator<Op, void, any>,
  traits: AlgorithmTraits<O> = {},
): (options?: Partial<O>) => Algorithm {
  if (typeof name !== "string" || name === "")
    throw new InputError(`An algorithm needs a name, but got ${shown(name)}.`);
  const fingerprint = address(["algorithm", body.toString()]);
  return (given = {}) => {
    if (typeof given !== "object" || given === null || Array.isArray(given)) {
      throw new InputError(`The options of ${name} must be an object, but are ${shown(given)}.`);
    }
    const options = traits.parse ? traits.parse(given) : (given as O);
    const { quote } = traits;
    const recorded = Object.entries(options).filter(([, value]) => value !== undefined);
    return {
      name,
      options: Object.freeze(Object.fromEntries(recorded)),
      fingerprint,
      ends: traits.ends?.(options) ?? false,
      ...(quote ? { formula: (terms) => quote(options, terms) } : {}),
      plan: (ops) => body(ops, options),
    };
  };
}
