import type { ReportRow } from "../../reportRecord.js";
import { EnsembleVerifier } from "../../verifiers/ensemble.js";
import type { Verifier } from "../../verifiers/verifier.js";
import { slopePerDoubling } from "../slope.js";
import { spearman } from "../spearman.js";
import { mean, present } from "../values.js";
import { freshEvaluation, selectionGap } from "../winner.js";
import { wins } from "../wins.js";
import { overlap } from "./cases.js";
import type { Untold } from "./flagNotes.js";
import { defined, diversityOf, each, meanOf, ranOf, scoresOf, toldBy } from "./outcomeValues.js";
import { rowFlags } from "./rowFlags.js";
import type { ArmResult } from "./runner.js";
import type { Table } from "./table.js";

const RELATIVE =
  "An ensemble's score is a place among the candidates of one run: between runs it says nothing, and the held-out verifiers tell what it is worth.";

/** A row of which the p-value is still to be corrected. */
export type Draft = { -readonly [K in keyof ReportRow]: ReportRow[K] };

/** One arm at one budget by one verifier. */
export class Row {
  readonly #table: Table;
  readonly #result: ArmResult;
  readonly #verifier: Verifier;
  readonly #role: ReportRow["role"];

  constructor(table: Table, result: ArmResult, verifier: Verifier, role: ReportRow["role"]) {
    this.#table = table;
    this.#result = result;
    this.#verifier = verifier;
    this.#role = role;
  }

  /** Undefined where the arm was never to be scored by this verifier. */
  draft(): { readonly draft: Draft; readonly untold: readonly Untold[] } | undefined {
    if (!this.#isRecorded()) return undefined;
    const { arm, unit, budget, outcomes } = this.#result;
    const { name } = this.#verifier;
    const ran = ranOf(outcomes);
    const centre = this.#table.estimate(scoresOf(outcomes, name));
    const relative = this.#verifier instanceof EnsembleVerifier;
    const baseline = relative ? undefined : this.#table.baselineOf(this.#result, this.#table.baseline);
    const gained = baseline && this.#table.gained(this.#result, baseline, this.#verifier);
    const gain = gained && this.#table.estimate(gained);
    const counts = wins(gained ?? []);
    const { flags, why, untold } = rowFlags(this.#table, this.#result, this.#verifier, this.#role);
    const draft: Draft = {
      algorithm: arm.name,
      ...{ budget, unit, verifier: name, role: this.#role },
      ...defined({ mean: centre.mean, low: centre.low, high: centre.high }),
      ...(gain
        ? defined({ gain: gain.mean, gainLow: gain.low, gainHigh: gain.high, pValue: gain.pValue })
        : {}),
      ...defined({ note: relative ? RELATIVE : (gain?.note ?? centre.note), winRate: counts.rate }),
      ...{ better: counts.better, same: counts.same, worse: counts.worse },
      failures: ran.filter(({ scores, failure }) => failure !== undefined && scores[name] === undefined)
        .length,
      ...this.#freshness(),
      ...defined({ diversity: diversityOf(outcomes), slope: this.#slope(), seconds: this.#seconds() }),
      ...this.#selection(),
      ...defined({ nfe: mean(ran.map(({ nfe }) => nfe)), calls: mean(ran.map(({ calls }) => calls)) }),
      ...{ flags, why },
    };
    return { draft, untold };
  }

  #isRecorded(): boolean {
    const { name } = this.#verifier;
    const { arm } = this.#result;
    if (arm.searched?.name === name) return true;
    // A baseline that failed everywhere is seen to have failed.
    if (!arm.searched && this.#role === "searched") return !(this.#verifier instanceof EnsembleVerifier);
    // A member of the ensemble that drives the search is no witness of it.
    if (arm.searched && overlap(arm.searched, this.#verifier)) return false;
    const own = this.#table.results
      .filter((result) => result.arm.searched?.name === arm.searched?.name)
      .flatMap(({ outcomes }) => ranOf(outcomes));
    if (own.some(({ scores }) => scores[name] !== undefined)) return true;
    // Nor is a witness left out that was asked and failed everywhere.
    return (
      this.#table.holdsOut(this.#result, this.#verifier) && own.some(({ failure }) => failure !== undefined)
    );
  }

  #freshness(): Partial<Draft> {
    const { arm, outcomes } = this.#result;
    if (this.#role !== "searched" || !arm.searched) return {};
    const { name, direction } = this.#verifier;
    const again = each(outcomes, ({ fresh }) => fresh);
    const found = freshEvaluation(scoresOf(outcomes, name), again, direction, {
      resamples: this.#table.resamples,
    });
    const { mean: fresh, low: freshLow, high: freshHigh } = found.fresh;
    const { mean: optimism, low: optimismLow, high: optimismHigh } = found.optimism;
    return defined({ fresh, freshLow, freshHigh, optimism, optimismLow, optimismHigh });
  }

  #selection(): Partial<Draft> {
    const { arm, outcomes } = this.#result;
    if (this.#role !== "held-out" || !arm.searched) return {};
    const { searched } = arm;
    const signed = (verifier: Verifier, score: number | undefined): number | undefined =>
      score === undefined ? undefined : verifier.direction === "higher" ? score : -score;
    const pools = outcomes.map((row) =>
      row
        .filter((outcome) => outcome !== undefined)
        .map(({ pool }) => ({
          searched: pool.map((scores) => signed(searched, scores[searched.name])),
          heldOut: pool.map((scores) => signed(this.#verifier, scores[this.#verifier.name])),
        })),
    );
    const gap = this.#table.estimate(selectionGap(pools).gap);
    const correlations = pools.flat().map((pool) => spearman(pool.searched, pool.heldOut));
    return defined({
      gap: gap.mean,
      gapLow: gap.low,
      gapHigh: gap.high,
      agreement: mean(present(correlations)),
    });
  }

  /** Of the arm's means over all its budgets of the unit, by what gains are told by. */
  #slope(): number | undefined {
    const { name, direction } = this.#verifier;
    const same = this.#table.budgetsOf(this.#result);
    const slope = slopePerDoubling(
      same.map(({ budget }) => budget),
      same.map((result) => meanOf(each(result.outcomes, toldBy(result, name)))),
    );
    return slope === undefined || direction === "higher" ? slope : -slope;
  }

  #seconds(): number | undefined {
    const { arm, unit, outcomes } = this.#result;
    const own = ranOf(outcomes);
    if (unit === "seconds" && arm.kind !== "equal-calls" && arm.kind !== "one-sample")
      return mean(own.map(({ paid }) => paid.milliseconds / 1000));
    const all = this.#table.results
      .filter((result) => result.arm === arm)
      .flatMap((one) => ranOf(one.outcomes));
    const paid = all.reduce((sum, one) => sum + one.paid.nfe, 0);
    if (paid === 0) return undefined;
    const perNfe = all.reduce((sum, one) => sum + one.paid.milliseconds, 0) / 1000 / paid;
    const nfe = mean(own.map((one) => one.nfe));
    return nfe === undefined ? undefined : perNfe * nfe;
  }
}
