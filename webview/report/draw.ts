import type { ReportRecord } from "../../src/search/reportRecord.js";
import type { PanelLayout } from "./layout.js";
import type { Choice } from "./model.js";
import { s } from "./svg.js";
import { armText, curveText, pointText, tickText } from "./words.js";

/** Curves beyond the colours that there are come in other strokes. */
const COLOURS = 5;
const DASHES = [undefined, "7 3", "2 3"];

/** Colours are the style sheet's, so that a change of theme needs no drawing. */
export function colourOfCurve(index: number): string {
  return index < 0 ? "var(--dnb-muted)" : `var(--dnb-series-${index % COLOURS})`;
}

export function textColourOfCurve(index: number): string {
  return index < 0 ? "var(--dnb-muted)" : `var(--dnb-series-text-${index % COLOURS})`;
}

export function drawPanel(report: ReportRecord, layout: PanelLayout, choice: Choice): SVGSVGElement {
  const { width, height, plot } = layout;
  const spoken = layout.curves.map(({ curve }) => curveText(report, armText(curve.arm), curve.rows));
  const svg = s("svg", {
    ...{ width, height, viewBox: `0 0 ${width} ${height}`, role: "img" },
    "aria-label": `Mean score of the winners over compute. ${spoken.join(". ")}.`,
  });
  for (const { y, value } of layout.yTicks)
    svg.append(
      s("line", { class: "grid", x1: plot.left, x2: plot.right, y1: y, y2: y }),
      s("text", { class: "tick", x: plot.left - 9, y: y + 4, "text-anchor": "end" }, axisNumber(value)),
    );
  for (const { x, budget, shown } of layout.xTicks) {
    svg.append(s("line", { class: "grid", x1: x, x2: x, y1: plot.bottom, y2: plot.bottom + 4 }));
    if (!shown) continue;
    const text = tickText(report, budget, choice.unit);
    svg.append(s("text", { class: "tick", x, y: plot.bottom + 18, "text-anchor": "middle" }, text));
  }
  const axis = choice.unit === "seconds" ? "time" : "compute";
  svg.append(s("text", { class: "tick", x: plot.right + 24, y: plot.bottom + 18 }, axis));
  const chosen = layout.xTicks.find(({ budget }) => budget === choice.budget);
  if (chosen && layout.xTicks.length > 1)
    svg.append(s("line", { class: "cursor", x1: chosen.x, x2: chosen.x, y1: plot.top, y2: plot.bottom }));
  // All bands first: none may hide a line.
  const groups = layout.curves.map((one) => ({
    ...one,
    name: one.curve.arm.name,
    colour: colourOfCurve(one.curve.colour),
  }));
  for (const { band, name, colour } of groups)
    if (band !== undefined) svg.append(s("path", { class: "band", d: band, fill: colour, "data-arm": name }));
  for (const { selected, name, colour } of groups)
    if (selected !== undefined)
      svg.append(s("path", { class: "selected", d: selected, stroke: colour, "data-arm": name }));
  for (const { curve, name, colour, line, points } of groups) {
    const dash = curve.other
      ? "4 4"
      : DASHES[Math.max(0, Math.floor(curve.colour / COLOURS)) % DASHES.length];
    const group = s(
      "g",
      { class: "curve", "data-arm": name, stroke: colour },
      s("path", { class: "line", d: line, "stroke-dasharray": dash }),
    );
    for (const { x, y, row } of points)
      group.append(
        s("circle", { cx: x, cy: y, r: 3.2 }),
        s(
          "circle",
          { class: "target", cx: x, cy: y, r: 10 },
          s("title", {}, pointText(report, armText(curve.arm), row)),
        ),
      );
    svg.append(group);
  }
  for (const { curve, name, labelY } of groups)
    svg.append(
      s(
        "text",
        {
          ...{ class: "label", x: plot.right + 12, y: labelY + 4, "data-arm": name },
          fill: textColourOfCurve(curve.colour),
        },
        fitted(armText(curve.arm), width - plot.right - 12),
      ),
    );
  return svg;
}

const LETTER = 6.6;

/** Roughly: what does not fit is cut, the whole name is in the table. */
function fitted(text: string, room: number): string {
  const letters = Math.max(3, Math.floor(room / LETTER));
  return text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;
}

/** As many digits as it takes. */
function axisNumber(value: number): string {
  return String(Number(value.toPrecision(6))).replace("-", "−");
}
