import type { Handle, Op } from "../engine/op.js";
import type { Ops } from "../engine/ops.js";
import type { FormulaResult, QuoteTerms } from "./quote.js";

/** A search method with its options: what `session.search` takes. Plain data and one generator function; it holds no state. */
export interface Algorithm {
  readonly name: string;
  /** With the defaults filled in, as the record gives them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Of what its body does: two of one name and equal options are the same only if this is; in no record. */
  readonly fingerprint?: string;
  /** True if it ends by itself, so that it needs no budget. */
  readonly ends: boolean;
  /** The cost formula of the method under these options; absent for one that has none. `session.quote` fills in the rest. */
  readonly formula?: (terms: QuoteTerms) => FormulaResult;
  plan(ops: Ops): Generator<Op, void, readonly Handle[]>;
}
