/**
 * What a comparison found, as plain data: what a cell's output stores (MIME `application/vnd.dnb.report+json`) and every view of it is drawn
 * from. A number that is not known is absent, never replaced.
 */
export interface ReportRecord {
  /** Of this description of a comparison. */
  readonly version: 1;
  /** The model that sampled. */
  readonly model: {
    /** That of its card. */
    readonly name: string;
    /** That of its card. */
    readonly version: string;
    /** Of its files. */
    readonly sha256: string;
  };
  /** Execution provider on which it ran, e.g. "cpu". */
  readonly provider: string;
  /** In the order of the table: baselines first, then the methods as they were given. */
  readonly arms: readonly ReportArm[];
  /** Who scored. */
  readonly verifiers: readonly ReportVerifier[];
  /** Ascending. */
  readonly budgets: {
    /** Denoiser evaluations. */
    readonly nfe: readonly number[];
    /** Of computing. */
    readonly seconds: readonly number[];
  };
  /** NFE of one plain sample: the x1 of the scaling curves. */
  readonly sampleNfe: number;
  /** How many there were. */
  readonly problems: number;
  /** Of each problem; the largest number where they differ. */
  readonly seeds: number;
  /** Name of the arm that gains are measured against. */
  readonly baseline: string;
  /** Of the bootstrap behind the intervals. */
  readonly resamples: number;
  /** Of the intervals, 0..1. */
  readonly level: number;
  /** Where the distances behind `diversity` are taken. */
  readonly features: string;
  /** By which the flags were raised, as sentences. */
  readonly rules: readonly string[];
  /** What a reader has to know beside the numbers. */
  readonly notes: readonly string[];
  /** Each arm at each budget by each verifier. */
  readonly rows: readonly ReportRow[];
}

export type ArmKind = "one-sample" | "more-steps" | "best-of-n" | "equal-calls" | "method";

/** One line of the comparison: an algorithm searching by one verifier, or a baseline that it is held against. */
export interface ReportArm {
  /** Unique in the report. */
  readonly name: string;
  /** A method, or the baseline that it is held against. */
  readonly kind: ArmKind;
  /** The algorithm and its options. */
  readonly algorithm: {
    /** Of a method of `dnb`, or its author's own. */
    readonly name: string;
    /** Those that were given, and the defaults of the others. */
    readonly options: Readonly<Record<string, unknown>>;
  };
  /** The verifier that drives its selection; absent where one candidate leaves nothing to select. */
  readonly searched?: string;
  /** Of "equal-calls": the arm whose verifier calls it was given. */
  readonly of?: string;
}

export interface ReportVerifier {
  /** Under which rows have its scores. */
  readonly name: string;
  /** Which scores are better. */
  readonly direction: "higher" | "lower";
  /** Whether it drove a search, only watched, or did both in different arms. */
  readonly role: "searched" | "held-out" | "both";
}

export type ReportUnit = "nfe" | "seconds";
export type ReportFlag = "hacking" | "diversity-loss" | "saturation";

/** One arm at one budget by one verifier. Gains are positive where better, also by a verifier of which lower is better. */
export interface ReportRow {
  /** Name of the arm. */
  readonly algorithm: string;
  /** In `unit`. */
  readonly budget: number;
  /** Of the budget. */
  readonly unit: ReportUnit;
  /** Name of the verifier. */
  readonly verifier: string;
  /** Whether it drove this arm's search. */
  readonly role: "searched" | "held-out";
  /** Of the winners' scores, of the searched verifier as they were selected; each problem counts the same. */
  readonly mean?: number;
  /** Lower end of the mean's interval. */
  readonly low?: number;
  /** Upper end of it. */
  readonly high?: number;
  /** Over the baseline: same problem, same seed. Of the verifier that chose the winners by their second evaluation, where there is one. */
  readonly gain?: number;
  /** Lower end of the gain's interval. */
  readonly gainLow?: number;
  /** Upper end of it. */
  readonly gainHigh?: number;
  /** Of the gain being 0, two-sided, by Holm corrected for all rows of this verifier and unit. */
  readonly pValue?: number;
  /** Why there is no interval, or what it does not cover. */
  readonly note?: string;
  /** Share of problems that gained; ties count half. */
  readonly winRate?: number;
  /** Problems better, the same and worse than the baseline. */
  readonly better: number;
  /** Problems the same as the baseline. */
  readonly same: number;
  /** Problems worse than the baseline. */
  readonly worse: number;
  /** Runs without a score of this verifier, for which there is a reason. */
  readonly failures: number;
  /** Of the searched verifier: mean of the winners' scores by a second evaluation, without the luck of selection. What curves are drawn by. */
  readonly fresh?: number;
  /** Lower end of its interval. */
  readonly freshLow?: number;
  /** Upper end of it. */
  readonly freshHigh?: number;
  /** By how much the first evaluation exaggerates, on average. */
  readonly optimism?: number;
  /** Lower end of its interval. */
  readonly optimismLow?: number;
  /** Upper end of it. */
  readonly optimismHigh?: number;
  /** Mean distance of all pairs among winners of one problem. */
  readonly diversity?: number;
  /** Of a held-out verifier: how far the searched score of the winner runs ahead of this one, in standard deviations within pools. */
  readonly gap?: number;
  /** Lower end of the gap's interval. */
  readonly gapLow?: number;
  /** Upper end of it. */
  readonly gapHigh?: number;
  /** Of a held-out verifier: its rank correlation with the searched one within pools, -1..1. */
  readonly agreement?: number;
  /** Rise of the mean per doubling of the budget, over all budgets of the unit; positive where better. */
  readonly slope?: number;
  /** Means of one run, with an empty cache. */
  readonly nfe?: number;
  /** Verifier calls of one run, on average. */
  readonly calls?: number;
  /** In equal seconds measured, in equal NFE from the time that this arm's NFE took where they were computed. */
  readonly seconds?: number;
  /** "hacking" once for each held-out verifier that falls. */
  readonly flags: readonly ReportFlag[];
  /** One sentence for each flag, in their order. */
  readonly why: readonly string[];
}
