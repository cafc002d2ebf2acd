import type { ReportFlag, ReportRow } from "../../reportRecord.js";
import { EnsembleVerifier } from "../../verifiers/ensemble.js";
import type { Verifier } from "../../verifiers/verifier.js";
import { diversityGains, meanPairwiseDistance, type Feature } from "../diversity.js";
import { estimate, type Estimate } from "../estimate.js";
import { diversityLoss, hacking, saturation, type Flag } from "../flags.js";
import { holm } from "../holm.js";
import { slopePerDoubling } from "../slope.js";
import { spearman } from "../spearman.js";
import { gains, mean, present, type Values } from "../values.js";
import { freshEvaluation, selectionGap } from "../winner.js";
import { wins } from "../wins.js";
import { baselineArm } from "./arms.js";
import { overlap } from "./cases.js";
import type { Untold } from "./flagNotes.js";
import type { ArmResult, Outcomes } from "./runner.js";
import type { Outcome } from "./outcome.js";

export interface Table {
  readonly results: readonly ArmResult[];
  /** Every verifier that anything was scored by, and whether it drives a search. */
  readonly verifiers: readonly { readonly verifier: Verifier; readonly drives: boolean }[];
  readonly baseline: string;
  readonly resamples: number;
}

const RELATIVE =
  "An ensemble's score is a place among the candidates of one run: between runs it says nothing, and the held-out verifiers tell what it is worth.";

const PLACE = "An ensemble's score is a place among the candidates of one run.";

type Draft = { -readonly [K in keyof ReportRow]: ReportRow[K] };

export interface Rows {
  readonly rows: readonly ReportRow[];
  readonly untold: readonly Untold[];
}

/** One row for each arm, budget and verifier, Holm's correction over all rows of a verifier and unit. */
export function rowsOf(table: Table): Rows {
  const untold: Untold[] = [];
  const rows = table.results.flatMap((result) =>
    table.verifiers.flatMap(({ verifier, drives }) => {
      const role = result.arm.searched
        ? result.arm.searched.name === verifier.name
          ? "searched"
          : "held-out"
        : drives
          ? "searched"
          : "held-out";
      const row = new Row(table, result, verifier, role);
      const draft = row.draft();
      untold.push(...row.untold);
      return draft ? [draft] : [];
    }),
  );
  const families = new Map<string, Draft[]>();
  for (const row of rows) {
    const key = `${row.unit}/${row.verifier}`;
    families.set(key, [...(families.get(key) ?? []), row]);
  }
  for (const family of families.values()) {
    holm(family.map(({ pValue }) => pValue)).forEach((pValue, i) => {
      if (pValue !== undefined) family[i]!.pValue = pValue;
    });
  }
  return { rows, untold };
}

class Row {
  /** Of the draft. */
  readonly untold: Untold[] = [];
  readonly #table: Table;
  readonly #result: ArmResult;
  readonly #verifier: Verifier;
  readonly #role: ReportRow["role"];
  readonly #options: { readonly resamples: number };

  constructor(table: Table, result: ArmResult, verifier: Verifier, role: ReportRow["role"]) {
    this.#table = table;
    this.#result = result;
    this.#verifier = verifier;
    this.#role = role;
    this.#options = { resamples: table.resamples };
  }

  /** Undefined where the arm was never scored by this verifier. */
  draft(): Draft | undefined {
    const { arm, unit, budget, outcomes } = this.#result;
    const ran = outcomes.flat().filter((outcome) => outcome !== undefined);
    if (!this.#isRecorded()) return undefined;
    const values = scoresOf(outcomes, this.#verifier.name);
    const centre = estimate(values, this.#options);
    const relative = this.#verifier instanceof EnsembleVerifier;
    const gained = relative ? undefined : this.#gained(this.#baselineOf(this.#table.baseline));
    const gain = gained && estimate(gained, this.#options);
    const counts = wins(gained ?? []);
    const { flags, why } = this.#flags();
    return {
      algorithm: arm.name,
      ...{ budget, unit, verifier: this.#verifier.name, role: this.#role },
      ...defined({ mean: centre.mean, low: centre.low, high: centre.high }),
      ...(gain
        ? defined({ gain: gain.mean, gainLow: gain.low, gainHigh: gain.high, pValue: gain.pValue })
        : {}),
      ...defined({ note: relative ? RELATIVE : (gain?.note ?? centre.note), winRate: counts.rate }),
      ...{ better: counts.better, same: counts.same, worse: counts.worse },
      failures: ran.filter(
        ({ scores, failure }) => failure !== undefined && scores[this.#verifier.name] === undefined,
      ).length,
      ...this.#freshness(values),
      ...defined({ diversity: diversityOf(outcomes), slope: this.#slope(), seconds: this.#seconds() }),
      ...this.#selection(),
      ...defined({ nfe: mean(ran.map(({ nfe }) => nfe)), calls: mean(ran.map(({ calls }) => calls)) }),
      flags,
      why,
    };
  }

  #isRecorded(): boolean {
    const { name } = this.#verifier;
    const { searched } = this.#result.arm;
    if (searched?.name === name) return true;
    // A baseline that failed everywhere is seen to have failed.
    if (!searched && this.#role === "searched" && !(this.#verifier instanceof EnsembleVerifier)) return true;
    // A member of the ensemble that drives the search is no witness of it.
    if (searched && overlap(searched, this.#verifier)) return false;
    return this.#table.results.some(
      ({ arm, outcomes }) =>
        arm.searched?.name === this.#result.arm.searched?.name &&
        outcomes.flat().some((outcome) => outcome?.scores[name] !== undefined),
    );
  }

  #baselineOf(name: string): ArmResult | undefined {
    const { results } = this.#table;
    const { arm, unit, budget } = this.#result;
    const arms = [...new Set(results.map((result) => result.arm))];
    const found = baselineArm(arms, arm, name);
    if (!found || found === arm) return undefined;
    return results.find(
      (result) =>
        result.arm === found &&
        result.unit === unit &&
        (found.kind === "one-sample" || result.budget === budget),
    );
  }

  /** Pairs of the cases that the arm searches; undefined without a baseline. */
  #gained(baseline: Pick<ArmResult, "outcomes"> | undefined): Values | undefined {
    if (!baseline) return undefined;
    const { name, direction } = this.#verifier;
    const mine = scoresOf(this.#result.outcomes, name);
    const theirs = baseline.outcomes.map((row, i) =>
      row.flatMap((outcome, j) =>
        this.#result.outcomes[i]?.[j] === undefined ? [] : [outcome?.scores[name]],
      ),
    );
    return gains(mine, theirs, direction);
  }

  #freshness(values: Values): Partial<Draft> {
    const { arm, outcomes } = this.#result;
    if (this.#role !== "searched" || !arm.searched) return {};
    const again = each(outcomes, ({ fresh }) => fresh);
    const found = freshEvaluation(values, again, this.#verifier.direction, this.#options);
    const { mean: optimism, low: optimismLow, high: optimismHigh } = found.optimism;
    return defined({ fresh: found.fresh.mean, optimism, optimismLow, optimismHigh });
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
    const gap = estimate(selectionGap(pools).gap, this.#options);
    const correlations = pools.flat().map((pool) => spearman(pool.searched, pool.heldOut));
    return defined({
      gap: gap.mean,
      gapLow: gap.low,
      gapHigh: gap.high,
      agreement: mean(present(correlations)),
    });
  }

  /** Of the arm's means over all its budgets of the unit. */
  #slope(): number | undefined {
    const { arm, unit } = this.#result;
    const same = this.#table.results.filter((result) => result.arm === arm && result.unit === unit);
    const slope = slopePerDoubling(
      same.map(({ budget }) => budget),
      same.map(({ outcomes }) => meanOf(scoresOf(outcomes, this.#verifier.name))),
    );
    return slope === undefined || this.#verifier.direction === "higher" ? slope : -slope;
  }

  #seconds(): number | undefined {
    const { arm, unit, outcomes } = this.#result;
    const ran = (results: readonly ArmResult[]): readonly Outcome[] =>
      results.flatMap((result) => result.outcomes.flat()).filter((outcome) => outcome !== undefined);
    if (unit === "seconds" && arm.kind !== "equal-calls" && arm.kind !== "one-sample")
      return mean(ran([this.#result]).map(({ paid }) => paid.milliseconds / 1000));
    const all = ran(this.#table.results.filter((result) => result.arm === arm));
    const paid = all.reduce((sum, one) => sum + one.paid.nfe, 0);
    if (paid === 0) return undefined;
    const each = all.reduce((sum, one) => sum + one.paid.milliseconds, 0) / 1000 / paid;
    const nfe = mean(ran([{ ...this.#result, outcomes }]).map((one) => one.nfe));
    return nfe === undefined ? undefined : each * nfe;
  }

  /** All of the arm's on the row of its searched verifier; hacking also on the row of the held-out verifier that falls. */
  #flags(): { readonly flags: readonly ReportFlag[]; readonly why: readonly string[] } {
    const { arm } = this.#result;
    const none = { flags: [], why: [] };
    const one = this.#baselineOf("one sample");
    if (!arm.searched || arm.kind === "equal-calls" || !one) return none;
    const raised: [ReportFlag, string][] = [];
    const others = this.#table.verifiers
      .map(({ verifier }) => verifier)
      .filter((verifier) => !overlap(verifier, arm.searched!));
    const heldOut = others.map((verifier) => this.#over(one, verifier));
    if (arm.searched instanceof EnsembleVerifier) {
      if (this.#role === "searched") {
        const instead = heldOut.flatMap((gain, i) => gainText(gain, others[i]!.name) ?? []).join(", ");
        this.#leave("hacking", PLACE, instead === "" ? undefined : `its gain over one sample is ${instead}.`);
        this.#leave("saturation", PLACE);
        this.#tell("diversity-loss", this.#diversityLoss(one), raised);
      }
      return split(raised);
    }
    const searched = this.#over(one, arm.searched);
    hacking(searched, heldOut, {
      searched: arm.searched.name,
      heldOut: others.map(({ name }) => name),
    }).forEach((flag, i) => {
      // Who has scored nothing is a failure, or was not asked about this arm.
      if (searched.mean === undefined || heldOut[i]!.mean === undefined) return;
      if (this.#role === "searched" || others[i]!.name === this.#verifier.name)
        this.#tell("hacking", flag, raised);
    });
    if (this.#role === "searched") {
      this.#tell("diversity-loss", this.#diversityLoss(one), raised);
      const full = searched.mean === undefined ? undefined : this.#saturation(one, searched);
      this.#tell("saturation", full, raised);
    }
    return split(raised);
  }

  #tell(flag: ReportFlag, told: Flag | undefined, raised: [ReportFlag, string][]): void {
    if (told?.raised) raised.push([flag, told.why]);
    else if (told && told.raised === undefined && this.#role === "searched") this.#leave(flag, told.why);
  }

  #leave(flag: ReportFlag, why: string, instead?: string): void {
    const { arm, unit, budget } = this.#result;
    this.untold.push({
      ...{ algorithm: arm.name, budget, unit, flag, why },
      ...(instead === undefined ? {} : { instead }),
    });
  }

  #over(baseline: Pick<ArmResult, "outcomes">, verifier: Verifier): Estimate {
    const row = new Row(this.#table, this.#result, verifier, this.#role);
    return estimate(row.#gained(baseline)!, this.#options);
  }

  /** Undefined where no problem has several winners: another note says so. */
  #diversityLoss(one: ArmResult): Flag | undefined {
    const mine = featuresOf(this.#result.outcomes);
    const theirs = featuresOf(one.outcomes).map((set, i) => (mine[i]!.length > 0 ? set : []));
    const change = estimate(diversityGains(mine, theirs, "euclidean"), this.#options);
    if (change.mean === undefined) return undefined;
    return diversityLoss(change, mean(present(theirs.map((set) => meanPairwiseDistance(set, "euclidean")))));
  }

  #saturation(one: ArmResult, soFar: Estimate): Flag | undefined {
    const { arm, unit, budget } = this.#result;
    const before = this.#table.results
      .filter((result) => result.arm === arm && result.unit === unit && result.budget < budget)
      .at(-1);
    const previous = before ?? (one.budget < budget ? one : undefined);
    if (!previous) return undefined;
    const row = new Row(this.#table, this.#result, arm.searched!, "searched");
    const doublings = Math.log2(budget / previous.budget);
    const added = row
      .#gained(previous)!
      .map((group) => group.map((value) => (value === undefined ? undefined : value / doublings)));
    return saturation(estimate(added, this.#options), soFar);
  }
}

/** One value for each run that there was; a case that the arm does not search has none. */
function each(outcomes: Outcomes, pick: (outcome: Outcome) => number | undefined): Values {
  return outcomes.map((row) => row.filter((outcome) => outcome !== undefined).map(pick));
}

function scoresOf(outcomes: Outcomes, verifier: string): Values {
  return each(outcomes, ({ scores }) => scores[verifier]);
}

function featuresOf(outcomes: Outcomes): readonly (readonly Feature[])[] {
  return outcomes.map((row) =>
    row.map((outcome) => outcome?.feature).filter((feature) => feature !== undefined),
  );
}

function diversityOf(outcomes: Outcomes): number | undefined {
  const each = featuresOf(outcomes).map((set) => meanPairwiseDistance(set, "euclidean"));
  return mean(present(each));
}

function meanOf(values: Values): number | undefined {
  return mean(present(values.map((group) => mean(present(group)))));
}

function split(raised: readonly (readonly [ReportFlag, string])[]): Pick<ReportRow, "flags" | "why"> {
  return { flags: raised.map(([flag]) => flag), why: raised.map(([, why]) => why) };
}

/** "0.12 (-0.03 to 0.2) by judge, held out"; undefined where the verifier gave no score. */
function gainText({ mean: centre, low, high }: Estimate, verifier: string): string | undefined {
  if (centre === undefined) return undefined;
  const short = (value: number): string => String(Number(value.toPrecision(2)));
  const range = low === undefined || high === undefined ? "no interval" : `${short(low)} to ${short(high)}`;
  return `${short(centre)} (${range}) by ${verifier}, held out`;
}

/** Without what is undefined: a row names only what is known. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
