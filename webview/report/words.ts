import { curvePoint, type CurvePoint } from "../../src/search/curvePoint.js";
import type { ReportArm, ReportRecord, ReportRow, ReportUnit } from "../../src/search/reportRecord.js";
import { cut, formatScore, plural, whole } from "../state/words.js";
import type { Curve } from "./model.js";

/** Everything that a report says in words. */

export function subject({ arms, problems, seeds, model }: ReportRecord): string {
  const searched = [...new Set(arms.flatMap((arm) => arm.searched ?? []))].map(cut);
  const methods = arms.filter(({ kind }) => kind === "method" || kind === "best-of-n").length;
  return [
    plural(methods, "search", "searches"),
    plural(problems, "problem"),
    plural(seeds, "seed"),
    `searched with ${searched.join(" and ")}`,
    ...(model.name ? [`${cut(model.name)} ${cut(model.version)}`.trim()] : []),
  ].join(" · ");
}

/** A budget as the table's head names it: "×16, 128 NFE" or "2 s". */
export function budgetText({ sampleNfe }: ReportRecord, budget: number, unit: ReportUnit): string {
  if (unit === "seconds") return `${short(budget)} s`;
  return `×${short(budget / sampleNfe)}, ${whole(budget)} NFE`;
}

export function tickText({ sampleNfe }: ReportRecord, budget: number, unit: ReportUnit): string {
  return unit === "seconds" ? `${short(budget)} s` : `×${short(budget / sampleNfe)}`;
}

/** The arm as a line or row is labelled. */
export function armText(arm: ReportArm): string {
  return cut(arm.name.charAt(0).toUpperCase() + arm.name.slice(1));
}

export function intervalText(low: number | undefined, high: number | undefined): string {
  return low === undefined || high === undefined
    ? "no interval"
    : `${formatScore(low)} to ${formatScore(high)}`;
}

export function timeText(seconds: number | undefined): string {
  if (seconds === undefined) return "–";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 100) return `${seconds.toPrecision(2)} s`;
  return `${whole(seconds / 60)} min`;
}

/** One curve for those who do not see it. */
export function curveText(report: ReportRecord, name: string, rows: readonly ReportRow[]): string {
  const points = rows.map((row) => {
    const { value, low, high, selected } = curvePoint(row)!;
    const interval = low === undefined ? "" : ` (${intervalText(low, high)})`;
    return `${tickText(report, row.budget, row.unit)} ${formatScore(value)}${interval}${asSelected(selected)}`;
  });
  return `${name}: ${points.join(", ")}`;
}

/** One point for those who rest on it. */
export function pointText(report: ReportRecord, name: string, row: ReportRow): string {
  const { value, low, high, selected } = curvePoint(row)!;
  const spent = row.nfe === undefined ? "" : `, ${whole(row.nfe)} NFE a run`;
  return `${name} at ${tickText(report, row.budget, row.unit)}: ${formatScore(value)} (${intervalText(low, high)})${asSelected(selected)}${spent}`;
}

const asSelected = (selected: CurvePoint["selected"]): string =>
  selected === undefined ? "" : `, as selected ${formatScore(selected)}`;

/** Which line is which, where a panel has two of an arm; what a single one shows, where there could be two. */
export function legendText(curves: readonly Curve[]): string | undefined {
  const rows = curves.flatMap((curve) => curve.rows);
  if (rows.some((row) => curvePoint(row)?.selected !== undefined))
    return "points: the winners evaluated again; faint: as selected";
  if (rows.some(({ fresh }) => fresh !== undefined)) return "the winners score the same when evaluated again";
  return undefined;
}

/** Undefined where nothing was compared. */
export function winText(row: ReportRow | undefined): string | undefined {
  if (row?.winRate === undefined) return undefined;
  return `Wins ${Math.round(row.winRate * 100)} % of the problems; ties count half`;
}

/** What a flag is called where its sentence follows. */
export function flagText(flag: string): string {
  return flag === "diversity-loss" ? "diversity loss" : flag;
}

export function pText(pValue: number | undefined): string {
  if (pValue === undefined) return "–";
  return pValue < 0.001 ? "< 0.001" : pValue.toFixed(3);
}

/** At most three digits, no trailing zeros. */
function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
