import { InputError } from "../inputError.js";
import { plainObject, wholeNumber } from "../check.js";
import type { Budget } from "../engine/budget.js";
import type { Handle } from "../engine/op.js";
import { defineAlgorithm } from "./defineAlgorithm.js";

export interface RolloverBudgetForcingOptions {
  /** K0: noises at the start, of which the one with the best x0-prediction is taken. Default 25. */
  readonly initial: number;
}

/**
 * Rollover budget forcing, RBF (Kim et al. 2025, arXiv 2503.19385): one trajectory that shares its budget of B NFE out over its S
 * steps. Each step has a quota q = floor((B - K0) / S). At a step children are drawn one at a time by the stochastic kernel and judged by their
 * x0-prediction, 1 NFE each. One that is better than all so far is taken at once, and what is left of the quota rolls over to the next step;
 * when the quota is used up the best child of this step is taken, and the next quota is q. The step to level 0 costs nothing, since its
 * evaluation is known; so the last step before it spends all that is left and does not stop early, as in the published code.
 * Cost: all of the budget, B NFE (`budget.nfe`, or `budget.verifierCalls` - 1 where that is less), of which K0 at the start, and B + 1 calls of
 * each verifier. Where B would leave less than one NFE for a step, K0 is less.
 * Published code stops before the last of its budget is spent, leaves out what the division by S leaves over, divides by zero where q is 0, and
 * bills no verifier. It converts the flow to a variance-preserving SDE; here the kernel is that of `ops.eta`.
 */
export const rolloverBudgetForcing = defineAlgorithm<RolloverBudgetForcingOptions>(
  "rollover",
  function* (ops, { initial }) {
    const steps = ops.levels.length - 1;
    const share = shareOut(ops.problem.budget, steps, initial);
    const noises = yield* ops.noise({ count: share.initial });
    let [pivot] = yield* ops.keep(yield* ops.score(yield* ops.preview(noises)), { best: 1 });
    yield* ops.endRound();
    let best = pivot?.score ?? -Infinity;
    let left = share.total - share.initial;
    let carry = 0;
    for (const to of ops.levels.slice(1, -1)) {
      if (!pivot) return;
      const isLast = to === ops.levels[steps - 1];
      const quota = isLast ? Math.max(1, left) : share.quota + carry;
      const children: Handle[] = [];
      carry = quota;
      while (carry > 0) {
        const born: readonly Handle[] = yield* ops.denoise([pivot], { to, eta: ops.eta, children: 1 });
        const [child] = yield* ops.score(yield* ops.preview(born));
        // One that failed has cost its share all the same.
        carry -= 1;
        if (!child) continue;
        children.push(child);
        const isBetter: boolean = child.score! > best;
        if (isBetter) best = child.score!;
        if (isBetter && !isLast) break;
      }
      left -= quota - carry;
      [pivot] = yield* ops.keep(children, { best: 1 });
      yield* ops.endRound();
    }
    if (pivot) yield* ops.score(yield* ops.denoise([pivot], { eta: ops.eta }));
  },
  {
    parse(given) {
      const { initial } = plainObject(given, "rolloverBudgetForcing", ["initial"]);
      return { initial: wholeNumber(initial ?? 25, "rolloverBudgetForcing: initial", 1) };
    },
    quote({ initial }, { steps, budget }) {
      const share = shareOut(budget, steps, initial);
      // So few calls that the last one cannot be kept back pay for a step instead, and end before there is an image.
      const exact = share.total >= steps;
      const nfe = steps === 1 ? share.initial : share.total + (exact ? 0 : 1);
      return { nfe, scored: nfe + 1, rounds: steps + 1, exact };
    },
  },
);

interface Share {
  /** B. */
  readonly total: number;
  /** K0. */
  readonly initial: number;
  /** q. */
  readonly quota: number;
}

function shareOut(
  { nfe = Infinity, verifierCalls = Infinity }: Budget,
  steps: number,
  initial: number,
): Share {
  // The last call is for the clean sample.
  const total = Math.min(nfe, verifierCalls - 1);
  if (total === Infinity) {
    throw new InputError(
      "rolloverBudgetForcing shares a budget out over the steps, so it needs one that it can count: budget.nfe or budget.verifierCalls.",
    );
  }
  const noises = Math.max(1, Math.min(initial, total - (steps - 1)));
  return { total, initial: noises, quota: Math.max(1, Math.floor((total - noises) / steps)) };
}
