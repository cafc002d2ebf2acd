import type { ReportRecord, ReportRow } from "../../src/search/reportRecord.js";
import { h } from "../dom.js";
import { cut, formatGain, formatScore, whole } from "../state/words.js";
import { colourOfCurve } from "./draw.js";
import { intervalScale } from "./layout.js";
import { columnsOf, orderedLines, pressed, witness, type Column, type Order } from "./columns.js";
import { flagsOf, linesOf, type Choice, type Line } from "./model.js";
import { s } from "./svg.js";
import { armText, flagText, intervalText, pText, timeText, winText } from "./words.js";

const BAR = 96;

export interface TableHooks {
  /** The reader looks at an arm, or at none. */
  readonly point: (arm: string | undefined) => void;
  /** The reader picks an arm out, or lets it go. */
  readonly pick: (arm: string) => void;
  /** The reader orders the lines. */
  readonly sort: (order: Order | undefined) => void;
  /** Stands at the head of the first column: which budget it is. */
  readonly budget: HTMLElement;
}

/** Every arm at one budget: searched and held-out score side by side, the gain with its interval, and each flag as a sentence under its row. */
export function drawTable(report: ReportRecord, choice: Choice, hooks: TableHooks): HTMLTableElement {
  const all = linesOf(report, choice);
  const columns = columnsOf(report, choice, all);
  const lines = orderedLines(all, columns, choice.order);
  const judged = choice.heldOut !== undefined;
  const scale = intervalScale(
    all.map((line) => witness(choice, line)),
    BAR,
  );
  const best = bestOf(report, choice, all);
  const timed = columns.some(({ id }) => id === "time");
  const repeated = columns.some(({ id }) => id === "fresh");
  const body = h("tbody");
  for (const line of lines) {
    const { arm, searched, heldOut } = line;
    const row = witness(choice, line);
    const minor = arm.kind === "equal-calls";
    const name = h(
      "button",
      { class: "arm", type: "button", "aria-pressed": String(choice.arm === arm.name), title: cut(arm.name) },
      swatch(line),
      minor ? `best of ${whole(row?.calls ?? 0)}, as many verifier calls` : armText(arm),
    );
    name.addEventListener("click", () => hooks.pick(arm.name));
    name.addEventListener("focus", () => hooks.point(arm.name));
    name.addEventListener("blur", () => hooks.point(undefined));
    const flags = flagsOf(report, choice, arm);
    const element = h(
      "tr",
      { class: `${minor ? "minor " : ""}${flags.length > 0 ? "flagged" : ""}`.trim() },
      h("th", { scope: "row" }, name),
      score(searched, false),
      repeated &&
        h(
          "td",
          {
            class: "quiet",
            title: searched && `95 % interval ${intervalText(searched.freshLow, searched.freshHigh)}`,
          },
          searched?.fresh === undefined ? "–" : formatScore(searched.fresh),
        ),
      gain(searched),
      ...(judged ? [score(heldOut, heldOut !== undefined && heldOut === best), gain(heldOut)] : []),
      h("td", { class: "bar", title: row?.note }, bar(row, line, scale)),
      h("td", { class: "quiet" }, pText(row?.pValue)),
      h(
        "td",
        { title: winText(row) },
        row?.gain === undefined ? "–" : `${row.better} / ${row.worse}`,
        // A title is not read out.
        row?.gain !== undefined && h("span", { class: "unseen" }, `. ${winText(row)}`),
      ),
      h("td", { class: "quiet" }, row?.diversity === undefined ? "–" : formatScore(row.diversity)),
      h("td", { class: "quiet" }, row?.nfe === undefined ? "–" : whole(row.nfe)),
      h("td", { class: "quiet" }, row?.calls === undefined ? "–" : whole(row.calls)),
      timed && h("td", { class: "quiet" }, timeText(row?.seconds)),
    );
    element.addEventListener("mouseenter", () => hooks.point(arm.name));
    element.addEventListener("mouseleave", () => hooks.point(undefined));
    body.append(element);
    const failures = row?.failures
      ? [{ flag: "failures", why: `${whole(row.failures)} of its runs gave no score.` }]
      : [];
    for (const { flag, why } of [...flags, ...failures])
      body.append(
        h(
          "tr",
          { class: "why" },
          h(
            "td",
            { colspan: columns.length + 1 },
            h("p", {}, h("span", { class: "flag" }, flagText(flag)), ` ${why}`),
          ),
        ),
      );
  }
  return h(
    "table",
    { class: "report-table" },
    h("caption", { class: "unseen" }, "Algorithms at one budget"),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, hooks.budget),
        ...columns.map((column) => headOf(column, choice.order, hooks)),
      ),
    ),
    body,
  );
}

function headOf(column: Column, order: Order | undefined, hooks: TableHooks): HTMLElement {
  const { id, name, title } = column;
  const button = h("button", { type: "button", class: "sort", "data-column": id }, name);
  button.addEventListener("click", () => hooks.sort(pressed(order, column)));
  const sorted = order?.column === id ? (order.descends ? "descending" : "ascending") : undefined;
  return h("th", { scope: "col", title, "aria-sort": sorted }, button);
}

/** The row whose held-out score is best, if there is more than one. */
function bestOf(report: ReportRecord, { heldOut }: Choice, lines: readonly Line[]): ReportRow | undefined {
  const direction = report.verifiers.find(({ name }) => name === heldOut)?.direction;
  const sign = direction === "lower" ? -1 : 1;
  const rows = lines.flatMap(({ heldOut: row }) => (row?.mean === undefined ? [] : [row]));
  if (rows.length < 2) return undefined;
  return rows.reduce((best, row) => (sign * row.mean! > sign * best.mean! ? row : best));
}

function score(row: ReportRow | undefined, best: boolean): HTMLTableCellElement {
  const text = row?.mean === undefined ? "–" : formatScore(row.mean);
  const title = row && `95 % interval ${intervalText(row.low, row.high)}`;
  return h("td", { class: best ? "best" : undefined, title }, text);
}

function gain(row: ReportRow | undefined): HTMLTableCellElement {
  if (row?.gain === undefined) return h("td", { class: "quiet" }, "–");
  return h("td", { class: row.gain < 0 ? "falls" : "quiet" }, formatGain(row.gain));
}

/** The gain and its interval on a line, with a mark where no gain is. */
function bar(row: ReportRow | undefined, { colour }: Line, scale: (value: number) => number): Node | string {
  if (row?.gain === undefined) return "–";
  const { gain: middle, gainLow: low, gainHigh: high } = row;
  if (low === undefined || high === undefined) return h("span", { class: "none" }, "too few");
  const stroke = colourOfCurve(colour);
  return s(
    "svg",
    {
      ...{ width: BAR, height: 16, role: "img" },
      "aria-label": `gain ${formatGain(middle)}, ${intervalText(low, high)}`,
    },
    s("title", {}, `${formatGain(low)} to ${formatGain(high)}`),
    s("line", { class: "zero", x1: scale(0), x2: scale(0), y1: 1, y2: 15 }),
    s("line", { class: "interval", stroke, x1: scale(low), x2: scale(high), y1: 8, y2: 8 }),
    s("circle", { fill: stroke, cx: scale(middle), cy: 8, r: 3.5 }),
  );
}

function swatch({ arm, colour }: Line): HTMLElement {
  const element = h("span", { class: `swatch ${arm.kind}`, "aria-hidden": "true" });
  element.style.background = arm.kind === "equal-calls" ? "transparent" : colourOfCurve(colour);
  return element;
}
