import type { Order } from "./columns.js";
import { curvePoint } from "../../src/search/curvePoint.js";
import type { ReportArm, ReportRecord, ReportRow, ReportUnit } from "../../src/search/reportRecord.js";

/** What the reader has chosen to see. */
export interface Choice {
  readonly unit: ReportUnit;
  readonly searched: string;
  /** Absent when nothing is held out. */
  readonly heldOut: string | undefined;
  /** Of the table. */
  readonly budget: number;
  /** The arm that stands out. */
  readonly arm: string | undefined;
  /** Of the table's lines; absent = as the arms were given. */
  readonly order?: Order | undefined;
}

/** One curve: the arm and its points, beginning at the single sample. */
export interface Curve {
  readonly arm: ReportArm;
  /** Index of its colour; -1 for the grey baseline. */
  readonly colour: number;
  /** Searched in the panel of a held-out verifier, or the other way round: dashed. */
  readonly other: boolean;
  readonly rows: readonly ReportRow[];
}

export interface Panel {
  readonly verifier: string;
  readonly role: "searched" | "held-out";
  readonly curves: readonly Curve[];
}

/** One line of the table. */
export interface Line {
  readonly arm: ReportArm;
  readonly colour: number;
  readonly searched: ReportRow | undefined;
  readonly heldOut: ReportRow | undefined;
}

export function initialChoice(report: ReportRecord): Choice {
  const unit = report.budgets.nfe.length > 0 || report.budgets.seconds.length === 0 ? "nfe" : "seconds";
  const names = verifierNames(report);
  const [searched] = names.searched;
  const heldOut = names.heldOut.find((name) => name !== searched);
  return {
    unit,
    searched: searched ?? report.verifiers[0]!.name,
    heldOut,
    budget: report.budgets[unit].at(-1) ?? 1,
    arm: undefined,
  };
}

/** Names that either panel can show. */
export function verifierNames({ verifiers }: ReportRecord): {
  readonly searched: readonly string[];
  readonly heldOut: readonly string[];
} {
  const of = (...roles: string[]): string[] =>
    verifiers.filter(({ role }) => roles.includes(role)).map(({ name }) => name);
  // A verifier that no search uses judges all of them: it comes first.
  return { searched: of("searched", "both"), heldOut: [...of("held-out"), ...of("both")] };
}

/** Grey for more steps; the others in their order, whatever is shown, so that an arm keeps its colour. */
export function colourOf({ arms }: ReportRecord, arm: ReportArm): number {
  if (arm.kind === "more-steps" || arm.kind === "one-sample") return -1;
  if (arm.kind === "equal-calls") {
    const method = arms.find(({ name }) => name === arm.of);
    return method ? colourOf({ arms } as ReportRecord, method) : -1;
  }
  return arms
    .filter(({ kind }) => kind === "best-of-n" || kind === "method")
    .findIndex(({ name }) => name === arm.name);
}

export function panelsOf(report: ReportRecord, choice: Choice): readonly Panel[] {
  const searched = panelOf(report, choice.unit, choice.searched, "searched");
  if (choice.heldOut === undefined) return [searched];
  return [searched, panelOf(report, choice.unit, choice.heldOut, "held-out")];
}

function panelOf(report: ReportRecord, unit: ReportUnit, verifier: string, role: Panel["role"]): Panel {
  const rows = report.rows.filter(
    (row) => row.unit === unit && row.verifier === verifier && curvePoint(row) !== undefined,
  );
  const start = rows.find((row) =>
    report.arms.some((arm) => arm.kind === "one-sample" && arm.name === row.algorithm),
  );
  const curves = report.arms.flatMap((arm): Curve[] => {
    if (arm.kind === "one-sample" || arm.kind === "equal-calls") return [];
    const own = rows.filter(({ algorithm }) => algorithm === arm.name).sort((a, b) => a.budget - b.budget);
    if (own.length === 0) return [];
    const joins = start && start.budget < own[0]!.budget;
    const other = arm.searched !== undefined && own[0]!.role !== role;
    return [{ arm, colour: colourOf(report, arm), other, rows: joins ? [start, ...own] : own }];
  });
  return { verifier, role, curves };
}

/** In the order of the arms; a single sample has one row, whatever the budget. */
export function linesOf(report: ReportRecord, choice: Choice): readonly Line[] {
  const find = (arm: ReportArm, verifier: string | undefined): ReportRow | undefined =>
    report.rows.find(
      (row) =>
        row.algorithm === arm.name &&
        row.unit === choice.unit &&
        row.verifier === verifier &&
        (row.budget === choice.budget || arm.kind === "one-sample"),
    );
  return report.arms.flatMap((arm) => {
    const searched = find(arm, choice.searched);
    const heldOut = find(arm, choice.heldOut);
    if (!searched && !heldOut) return [];
    return [{ arm, colour: colourOf(report, arm), searched, heldOut }];
  });
}

/** Whether any winner's searched score has a second evaluation to stand beside it. */
export function hasFresh(lines: readonly Line[]): boolean {
  return lines.some(({ searched }) => searched?.fresh !== undefined);
}

/** The flags of an arm at a budget, each with its sentence, whichever verifiers are shown. */
export function flagsOf(
  { rows }: ReportRecord,
  { unit, budget }: Choice,
  arm: ReportArm,
): readonly { readonly flag: string; readonly why: string }[] {
  const own = rows.filter((row) => row.algorithm === arm.name && row.unit === unit && row.budget === budget);
  return own
    .filter(({ role }) => role === "searched" || arm.searched === undefined)
    .flatMap(({ flags, why }) => flags.map((flag, i) => ({ flag, why: why[i] ?? "" })));
}
