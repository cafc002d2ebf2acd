import type { ReportFlag, ReportRow } from "../../reportRecord.js";
import { EnsembleVerifier } from "../../verifiers/ensemble.js";
import type { Verifier } from "../../verifiers/verifier.js";
import { diversityGains, meanPairwiseDistance } from "../diversity.js";
import type { Estimate } from "../estimate.js";
import { diversityLoss, hacking, saturation, type Flag } from "../flags.js";
import { mean, present } from "../values.js";
import { overlap } from "./cases.js";
import type { Untold } from "./flagNotes.js";
import { featuresOf } from "./outcomeValues.js";
import type { ArmResult } from "./runner.js";
import type { Table } from "./table.js";

const PLACE = "An ensemble's score is a place among the candidates of one run.";

export interface Flagged extends Pick<ReportRow, "flags" | "why"> {
  readonly untold: readonly Untold[];
}

/** The flags of one row: all of the arm's on that of its searched verifier; hacking also on that of the held-out verifier that falls. */
export function rowFlags(
  table: Table,
  result: ArmResult,
  verifier: Verifier,
  role: ReportRow["role"],
): Flagged {
  const one = table.baselineOf(result, "one sample");
  const { arm } = result;
  if (!arm.searched || arm.kind === "equal-calls" || !one) return { flags: [], why: [], untold: [] };
  const flags = new RowFlags(table, result, one, arm.searched, role === "searched");
  if (arm.searched instanceof EnsembleVerifier) flags.ofEnsemble();
  else flags.ofVerifier(verifier);
  const { raised, untold } = flags;
  return { flags: raised.map(([flag]) => flag), why: raised.map(([, why]) => why), untold };
}

class RowFlags {
  readonly raised: (readonly [ReportFlag, string])[] = [];
  readonly untold: Untold[] = [];
  readonly #table: Table;
  readonly #result: ArmResult;
  readonly #one: ArmResult;
  readonly #searched: Verifier;
  readonly #isSearched: boolean;

  constructor(table: Table, result: ArmResult, one: ArmResult, searched: Verifier, isSearched: boolean) {
    this.#table = table;
    this.#result = result;
    this.#one = one;
    this.#searched = searched;
    this.#isSearched = isSearched;
  }

  get #judges(): readonly Verifier[] {
    const all = this.#table.verifiers.map(({ verifier }) => verifier);
    return all.filter((verifier) => !overlap(verifier, this.#searched));
  }

  /** Its own score says nothing between runs: the gains of those that look on are named instead. */
  ofEnsemble(): void {
    if (!this.#isSearched) return;
    const instead = this.#judges.flatMap((judge) => gainText(this.#over(judge), judge.name) ?? []).join(", ");
    this.#leave("hacking", PLACE, instead === "" ? undefined : `its gain over one sample is ${instead}.`);
    this.#leave("saturation", PLACE);
    this.#tell("diversity-loss", this.#diversityLoss());
  }

  ofVerifier(verifier: Verifier): void {
    const searched = this.#over(this.#searched);
    const judges = this.#judges;
    const heldOut = judges.map((judge) => this.#over(judge));
    const names = { searched: this.#searched.name, heldOut: judges.map(({ name }) => name) };
    hacking(searched, heldOut, names).forEach((flag, i) => {
      const judge = judges[i]!;
      // A search whose every run failed has a note of its own.
      if (searched.mean === undefined) return;
      if (heldOut[i]!.mean === undefined) {
        const isAsked = this.#isSearched && this.#table.holdsOut(this.#result, judge);
        if (isAsked)
          this.#leave("hacking", `The held-out ${judge.name} gave no scores that could be compared.`);
      } else if (this.#isSearched || judge.name === verifier.name) this.#tell("hacking", flag);
    });
    if (!this.#isSearched) return;
    this.#tell("diversity-loss", this.#diversityLoss());
    if (searched.mean !== undefined) this.#tell("saturation", this.#saturation(searched));
  }

  #tell(flag: ReportFlag, told: Flag | undefined): void {
    if (told?.raised) this.raised.push([flag, told.why]);
    else if (told && told.raised === undefined && this.#isSearched) this.#leave(flag, told.why);
  }

  #leave(flag: ReportFlag, why: string, instead?: string): void {
    const { arm, unit, budget } = this.#result;
    this.untold.push({
      ...{ algorithm: arm.name, budget, unit, flag, why },
      ...(instead === undefined ? {} : { instead }),
    });
  }

  /** The gain over one sample. */
  #over(verifier: Verifier): Estimate {
    return this.#table.estimate(this.#table.gained(this.#result, this.#one, verifier));
  }

  /** Undefined where no problem has several winners: another note says so. */
  #diversityLoss(): Flag | undefined {
    const mine = featuresOf(this.#result.outcomes);
    const theirs = featuresOf(this.#one.outcomes).map((set, i) => (mine[i]!.length > 0 ? set : []));
    const change = this.#table.estimate(diversityGains(mine, theirs, "euclidean"));
    if (change.mean === undefined) return undefined;
    return diversityLoss(change, mean(present(theirs.map((set) => meanPairwiseDistance(set, "euclidean")))));
  }

  /** Undefined at the smallest budget of an arm. */
  #saturation(soFar: Estimate): Flag | undefined {
    const { budget } = this.#result;
    const before = this.#table.budgetsOf(this.#result).filter((result) => result.budget < budget);
    const previous = before.at(-1) ?? (this.#one.budget < budget ? this.#one : undefined);
    if (!previous) return undefined;
    const doublings = Math.log2(budget / previous.budget);
    const added = this.#table
      .gained(this.#result, previous, this.#searched)
      .map((group) => group.map((value) => (value === undefined ? undefined : value / doublings)));
    return saturation(this.#table.estimate(added), soFar);
  }
}

/** "0.12 (-0.03 to 0.2) by judge, held out"; undefined where the verifier gave no score. */
function gainText({ mean: centre, low, high }: Estimate, verifier: string): string | undefined {
  if (centre === undefined) return undefined;
  const short = (value: number): string => String(Number(value.toPrecision(2)));
  const range = low === undefined || high === undefined ? "no interval" : `${short(low)} to ${short(high)}`;
  return `${short(centre)} (${range}) by ${verifier}, held out`;
}
