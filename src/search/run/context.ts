import type { BudgetGuard } from "../engine/budget.js";
import type { Engine, JobResult } from "../engine/engine.js";
import type { Charge } from "../engine/ledger.js";
import type { DenoiseOp } from "../engine/op.js";
import type { ResolvedProblem } from "../problem.js";
import type { PickRecord } from "../record.js";
import type { CandidateTree } from "./candidateTree.js";
import type { Work } from "./engineCall.js";
import type { Ensembles } from "./ensembles.js";
import type { Making } from "./making.js";
import type { Node } from "./node.js";
import type { Notices } from "./notices.js";

/** What the operations of a run work on. */
export interface Context {
  readonly engine: Engine;
  /** A fork goes on with another. */
  problem: ResolvedProblem;
  readonly tree: CandidateTree;
  readonly making: Making;
  readonly guard: BudgetGuard;
  readonly notices: Notices;
  /**
   * Tensors and evaluations that this run has asked for. What a run costs with an empty cache follows from it and the operations alone:
   * the second time it asks for something is free, whoever made it first.
   */
  readonly made: Set<string>;
  /** What a person has answered, in order. */
  readonly picks: PickRecord[];
  /** Adds to the accounts of candidate, round, run and session at once. */
  readonly bill: (node: Node, charge: Charge) => void;
  /** Whether the budget has to keep enough for one clean sample: nobody has one yet, and none is being finished. */
  readonly keepsReserve: () => boolean;
  /** A candidate has just got its searched score. */
  readonly scored: (node: Node) => void;
  /** Searched scores of others have changed: who is best is open. */
  readonly reconsider: () => void;
  readonly ensembles: Ensembles;
  /** These have come to their level while others of the operation are still on their way, and are going to be scored. */
  arrived: (op: DenoiseOp, nodes: readonly Node[]) => void;
}

/** Batches of one engine call: between two calls a run can be paused. */
const BATCHES = 4;

/** Work for one engine call at a time. */
export function* portions<T>(
  context: Context,
  items: readonly T[],
  batches = BATCHES,
): Generator<readonly T[]> {
  const size = batches * context.engine.device.batch;
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** Draws the states that candidates start at, those of their parents first. Costs nothing; drawn again it is the same. */
export function* drawn(nodes: readonly Node[]): Work<void> {
  const open = new Set<Node>();
  const add = (node: Node): void => {
    if (node.drawn || open.has(node)) return;
    node.parents.forEach(add);
    open.add(node);
  };
  nodes.forEach(add);
  const jobs = [...open].flatMap(({ origin }) => origin ?? []);
  if (jobs.length > 0) yield { kind: "noise", jobs };
  for (const node of open) node.drawn = true;
}

/** Bills one job. What it costs with an empty cache is known beforehand, unless it did not come to its end. */
export function settleJob(
  { bill, tree }: Context,
  node: Node,
  result: JobResult,
  cold: NonNullable<Charge["cold"]>,
  milliseconds: number,
): void {
  const { nfe, forwards, decodes, cached, outcome } = result;
  bill(node, { nfe, forwards, decodes, cached, milliseconds, ...(outcome === "done" ? { cold } : {}) });
  tree.touch(node);
}

export function fail({ notices, tree }: Context, node: Node, who: string, why: string): void {
  node.failure = `${who}: ${why}`;
  notices.failed(who, why);
  tree.mark(node, "failed");
  tree.touch(node);
}
