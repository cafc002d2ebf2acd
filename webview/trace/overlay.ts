import type uPlot from "uplot";
import { h } from "../dom.js";
import { cut, formatScore } from "../state/words.js";
import type { TraceScene } from "./index.js";
import { pushApart } from "./labels.js";
import type { TraceLine } from "./series.js";

/** Height of a line of text. */
const LABEL = 14;

/** Elements, not canvas text: as sharp as the rest of the page, and never clipped by the plot. */
export function placeLabels(
  chart: uPlot,
  { theme, traces, plot, window }: TraceScene,
  lines: readonly TraceLine[],
  labels: HTMLElement,
): void {
  const last = traces.xs.findLastIndex((x) => x <= window.to);
  const end = last < traces.xs.length - 1 ? window.to : traces.xs[last];
  const ends = lines.flatMap((line) => {
    if (line.label === "") return [];
    const value = line.values[last] ?? line.values.slice(0, last + 1).findLast((one) => one !== null);
    return typeof value === "number" ? [{ line, y: chart.valToPos(value, "y") }] : [];
  });
  const height = heightOf(chart);
  const ys = pushApart(
    ends.map(({ y }) => y),
    LABEL,
    -LABEL / 2,
    height + LABEL / 2,
  );
  const x = plot.left + (end === undefined ? 0 : chart.valToPos(end, "x")) + 8;
  labels.replaceChildren(
    ...ends.map(({ line }, i) => {
      const label = h("span", { class: "end" }, line.label ?? labelOf(line.verifier, plot.width));
      label.style.color = theme.seriesText[line.colour % theme.seriesText.length]!;
      label.style.left = `${x}px`;
      label.style.top = `${ys[i]! - LABEL / 2}px`;
      label.style.maxWidth = `${plot.width - x - 4}px`;
      return label;
    }),
  );
}

/** Numbers of the y axis, and of the x axis below the last panel. */
export function placeTicks(
  chart: uPlot,
  { axis, plot, window }: TraceScene,
  splits: readonly number[],
  last: boolean,
  ticks: HTMLElement,
): void {
  const height = heightOf(chart);
  const y = splits.flatMap((value) => {
    const top = chart.valToPos(value, "y");
    if (top < -1 || top > height + 1) return [];
    const label = h("span", { class: "tick y" }, tick(value, splits));
    label.style.width = `${plot.left - 8}px`;
    label.style.top = `${top - LABEL / 2}px`;
    return [label];
  });
  const x = (last ? window.ticks : []).map((value) => {
    const label = h("span", { class: "tick x" }, axis.text(value));
    label.style.left = `${plot.left + chart.valToPos(value, "x")}px`;
    label.style.top = `${height + 4}px`;
    return label;
  });
  if (last) {
    const end = window.ticks.at(-1) ?? window.to;
    const name = h("span", { class: "axis-name" }, axis.name);
    // Behind the last number: half of its digits, and a space.
    name.style.left = `${plot.left + chart.valToPos(end, "x") + axis.text(end).length * 3.3 + 8}px`;
    name.style.top = `${height + 4}px`;
    x.push(name);
  }
  ticks.replaceChildren(...y, ...x);
}

/** On a narrow plot the dashes alone say "held out"; the side panel has the words. */
export function labelOf(
  { name, role }: { name: string; role: "searched" | "held-out" },
  width: number,
): string {
  return width < 600 ? cut(name) : `${cut(name)}, ${role === "searched" ? "searched" : "held out"}`;
}

function tick(value: number, all: readonly (number | null)[]): string {
  if (Math.abs(value) >= 1e5) return formatScore(value);
  const [a, b] = all;
  const step = typeof a === "number" && typeof b === "number" ? Math.abs(b - a) : 1;
  // As many decimals as the steps have, so that 0.25 is not "0.3".
  const digits =
    [0, 1, 2, 3, 4, 5].find(
      (count) => Math.abs(step * 10 ** count - Math.round(step * 10 ** count)) < 1e-6,
    ) ?? 6;
  return value.toFixed(digits).replace("-", "−");
}

/** Of the plot, in CSS pixels; asking its element would make the browser lay out the page. */
const heightOf = ({ bbox }: uPlot): number => bbox.height / (window.devicePixelRatio || 1);
