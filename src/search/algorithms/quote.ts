import type { Budget } from "../engine/budget.js";
import { forwardsOf } from "../engine/guidedNetwork.js";
import { equalLevels, levelsBetween } from "../schedules/flow.js";
import { evaluationsAt, trajectoryCost, type Sampling } from "../sampling.js";

/** What a search is going to cost with an empty cache. */
export interface Quote {
  readonly nfe: number;
  readonly forwards: number;
  readonly decodes: number;
  /** Of each verifier. */
  readonly verifierCalls: number;
  readonly rounds: number;
  /** True: what will be billed, if nothing fails. False: it will not be more. */
  readonly exact: boolean;
}

/** What the formula of an algorithm is written in. */
export interface QuoteTerms {
  /** Of one full trajectory, descending from 1 to 0. */
  readonly levels: readonly number[];
  /** S: steps of one full trajectory. */
  readonly steps: number;
  /** E: NFE of one full trajectory by the problem's sampling. */
  readonly trajectory: number;
  readonly budget: Budget;
  /** NFE of the ODE or, with eta above 0, the stochastic way through the levels of the schedule; by default the problem's. */
  readonly evaluations: (from: number, to: number, eta?: number) => number;
  /** NFE of `steps` equal steps by the problem's solver. */
  readonly equal: (from: number, to: number, steps: number) => number;
  /** How many candidates of a method that goes on for ever the budget pays for, each at this cost. */
  readonly affordable: (nfe: number, perRound: number) => number;
}

/** What a formula gives. Left out, `exact` is true and every scored candidate is decoded. */
export interface FormulaResult {
  readonly nfe: number;
  /** Candidates and previews that are scored. */
  readonly scored: number;
  readonly rounds: number;
  readonly exact?: boolean;
}

export type Formula<O> = (options: O, terms: QuoteTerms) => FormulaResult;

/** `decodes`: images that are decoded for each scored candidate; `exact`: for each indeed. */
export function quoteOf<O>(
  formula: Formula<O>,
  options: O,
  sampling: Sampling,
  budget: Budget,
  shown: { readonly decodes: number; readonly exact: boolean },
): Quote {
  const { levels, eta, guided, condition } = sampling;
  const terms: QuoteTerms = {
    ...{ levels, steps: levels.length - 1, trajectory: trajectoryCost(sampling), budget },
    evaluations: (from, to, strength = eta) =>
      evaluationsAt(sampling, levelsBetween(levels, from, to), strength),
    equal: (from, to, steps) => evaluationsAt(sampling, equalLevels(from, to, steps), eta),
    affordable: (nfe, perRound) =>
      Math.min(
        Math.floor((budget.nfe ?? Infinity) / nfe),
        budget.verifierCalls ?? Infinity,
        (budget.rounds ?? Infinity) * perRound,
      ),
  };
  const { nfe, scored, rounds, exact = true } = formula(options, terms);
  const capped = {
    nfe: Math.min(nfe, budget.nfe ?? Infinity),
    scored: Math.min(scored, budget.verifierCalls ?? Infinity),
    rounds: Math.min(rounds, budget.rounds ?? Infinity),
  };
  const isCut = capped.nfe < nfe || capped.scored < scored || capped.rounds < rounds;
  // A search that its calls end before it has a clean sample takes one there by itself.
  const mayFinish = budget.verifierCalls !== undefined && (isCut || !exact);
  const most = mayFinish ? Math.min(nfe + terms.trajectory, budget.nfe ?? Infinity) : capped.nfe;
  return {
    nfe: most,
    forwards: forwardsOf(most, condition?.condition, guided.guidance),
    decodes: shown.decodes * capped.scored,
    verifierCalls: capped.scored,
    rounds: capped.rounds,
    exact: exact && shown.exact && !isCut && budget.seconds === undefined,
  };
}
