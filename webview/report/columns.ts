import type { ReportRecord, ReportRow } from "../../src/search/reportRecord.js";
import { cut } from "../state/words.js";
import { hasFresh, type Choice, type Line } from "./model.js";

/** A column of the table behind the first. */
export interface Column {
  readonly id: string;
  readonly name: string;
  readonly title?: string;
  /** What lines are ordered by: absent values come last, whichever way. */
  readonly key: (line: Line) => number | undefined;
  /** Larger is better: the first press has the largest on top. */
  readonly descends: boolean;
}

/** By which column lines are ordered; absent = as the arms were given. */
export interface Order {
  readonly column: string;
  readonly descends: boolean;
}

/** The row that judges a line: the held-out verifier's where there is one. */
export const witness = ({ heldOut }: Choice, line: Line): ReportRow | undefined =>
  heldOut === undefined ? line.searched : line.heldOut;

/** The columns that this choice has, from left to right. */
export function columnsOf(report: ReportRecord, choice: Choice, lines: readonly Line[]): readonly Column[] {
  const { searched, heldOut } = choice;
  const descends = (name: string | undefined): boolean =>
    report.verifiers.find((verifier) => verifier.name === name)?.direction !== "lower";
  const gainTitle = `Over ${report.baseline}, same problem and seed; positive is better`;
  const of = (key: (row: ReportRow) => number | undefined) => (line: Line) => {
    const row = witness(choice, line);
    return row && key(row);
  };
  const columns: (Column | undefined)[] = [
    {
      ...{ id: "searched", name: cut(searched), key: (line) => line.searched?.mean },
      descends: descends(searched),
      ...(hasFresh(lines) ? { title: "Of the winners, by the score that selected them" } : {}),
    },
    hasFresh(lines)
      ? {
          ...{
            id: "fresh",
            name: "fresh",
            key: (line) => line.searched?.fresh,
            descends: descends(searched),
          },
          title:
            "Of the same winners by a second evaluation: without the luck that selection finds among noisy scores",
        }
      : undefined,
    { id: "gain", name: "gain", title: gainTitle, key: (line) => line.searched?.gain, descends: true },
    ...(heldOut === undefined
      ? []
      : [
          {
            ...{ id: "held-out", name: cut(heldOut), descends: descends(heldOut) },
            key: (line: Line) => line.heldOut?.mean,
          },
          {
            ...{ id: "held-out gain", name: "gain", title: gainTitle, descends: true },
            key: (line: Line) => line.heldOut?.gain,
          },
        ]),
    { id: "interval", name: "95 % interval", key: of(({ gainLow }) => gainLow), descends: true },
    {
      ...{ id: "p", name: "p (Holm)", key: of(({ pValue }) => pValue), descends: false },
      title: "Of no gain, two-sided, by Holm corrected for all rows of this verifier",
    },
    {
      ...{ id: "better", name: "better / worse", title: `Problems better and worse than ${report.baseline}` },
      ...{ key: of(({ gain, better }) => (gain === undefined ? undefined : better)), descends: true },
    },
    {
      ...{ id: "diversity", name: "diversity", key: of(({ diversity }) => diversity), descends: true },
      title: `Mean distance among winners of one problem, in ${report.features}`,
    },
    {
      ...{ id: "nfe", name: "NFE", title: "Guided denoiser evaluations of one run, mean" },
      ...{ key: of(({ nfe }) => nfe), descends: false },
    },
    {
      ...{ id: "calls", name: "calls", title: "Calls of the searched verifier in one run, mean" },
      ...{ key: of(({ calls }) => calls), descends: false },
    },
    lines.some((line) => witness(choice, line)?.seconds !== undefined)
      ? {
          ...{ id: "time", name: "time", title: "Of one run, as measured while it was computed" },
          ...{ key: of(({ seconds }) => seconds), descends: false },
        }
      : undefined,
  ];
  return columns.filter((column) => column !== undefined);
}

/** A best-of-N at as many calls stays under its method. Equals stay as the arms were given. */
export function orderedLines(
  lines: readonly Line[],
  columns: readonly Column[],
  order: Order | undefined,
): readonly Line[] {
  const column = columns.find(({ id }) => id === order?.column);
  if (!column || !order) return lines;
  const groups: Line[][] = [];
  for (const line of lines) {
    if (line.arm.kind === "equal-calls" && groups.length > 0) groups.at(-1)!.push(line);
    else groups.push([line]);
  }
  const sign = order.descends ? -1 : 1;
  return groups
    .map((group) => ({ group, key: column.key(group[0]!) }))
    .sort((a, b) => {
      if (a.key === undefined || b.key === undefined)
        return Number(a.key === undefined) - Number(b.key === undefined);
      return sign * (a.key - b.key);
    })
    .flatMap(({ group }) => group);
}

/** The order after a press: this column its own way, then the other way round, then as the arms were given. */
export function pressed(order: Order | undefined, { id, descends }: Column): Order | undefined {
  if (order?.column !== id) return { column: id, descends };
  return order.descends === descends ? { column: id, descends: !descends } : undefined;
}
