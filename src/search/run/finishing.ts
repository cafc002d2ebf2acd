import { evaluationsAt } from "../sampling.js";
import { levelsBetween } from "../schedules/flow.js";
import type { Context } from "./context.js";
import type { Node } from "./node.js";

/**
 * A search that the budget ends before it has a clean sample takes its leading candidate down by itself, so that it never ends with nothing.
 * Until it has one, operations are granted for no more than leaves enough for that: invariant, the budget pays for the cheapest way from a
 * candidate that there is to a clean, scored sample.
 */

/** NFE from `level` to a clean sample by the method of the problem; `known`: the evaluation there has been paid for. */
export function finishCost({ problem }: Context, level: number, known: boolean): number {
  if (level === 0) return 0;
  const { sampling } = problem;
  const path = levelsBetween(sampling.levels, level, 0);
  return evaluationsAt(sampling, path, sampling.eta) - (known ? 1 : 0);
}

/** The least that it costs to finish one of the candidates that there are; infinite while there are none. */
export function cheapestFinish(context: Context): number {
  const known = new Map<number, readonly [fresh: number, evaluated: number]>();
  return context.tree.entered.reduce((least, node) => {
    if (node.status === "failed") return least;
    let costs = known.get(node.level);
    if (!costs)
      known.set(
        node.level,
        (costs = [finishCost(context, node.level, false), finishCost(context, node.level, true)]),
      );
    return Math.min(least, costs[isEvaluated(node) ? 1 : 0]);
  }, Infinity);
}

/** Whom to finish for at most `nfe`: the leading one, else whoever is nearest; undefined if nobody can be. `asked`: candidates that may not have begun. */
export function toFinish(
  context: Context,
  leading: Node | undefined,
  asked: readonly Node[],
  nfe: number,
): Node | undefined {
  const cost = (node: Node): number => finishCost(context, node.level, isEvaluated(node));
  if (leading && cost(leading) <= nfe) return leading;
  const able = [...context.tree.entered, ...asked].filter(
    (node) => node.status !== "failed" && cost(node) <= nfe,
  );
  return able.reduce<Node | undefined>(
    (best, node) => (best && cost(best) <= cost(node) ? best : node),
    undefined,
  );
}

function isEvaluated({ preview, level }: Node): boolean {
  return preview?.level === level;
}
