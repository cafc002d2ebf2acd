import { restoreLanguage } from "./language.js";
import uPlot from "uplot";
import type { ComputeAxis } from "../axis.js";
import { h, setText } from "../dom.js";
import { cut, formatScore, whole } from "../state/words.js";
import type { Theme } from "../theme.js";
import type { Plot } from "../tree/layout.js";
import type { TreeEvents } from "../tree/index.js";
import { pushApart } from "./labels.js";
import type { Dot, TraceLine, TracePanel, Traces } from "./series.js";

restoreLanguage();

export interface TraceScene {
  readonly traces: Traces;
  readonly axis: ComputeAxis;
  readonly plot: Plot;
  readonly theme: Theme;
  readonly marked: string | undefined;
}

/** What a chart's hooks read: its data change, its options do not. */
interface Holder {
  current: TracePanel;
  readonly labels: HTMLElement;
}

/** Height of the axis below the last panel. */
const AXIS = 22;
const LABEL = 14;

/** Best so far over compute, one uPlot for each scale of values. */
export class TraceView {
  readonly element: HTMLElement;
  private plots: { readonly chart: uPlot; readonly panel: Holder }[] = [];
  private readonly name = h("span", { class: "axis-name" });
  private scene: TraceScene | undefined;
  private shape = "";

  constructor(events: TreeEvents) {
    this.element = h("div", { class: "trace", "aria-hidden": "true" });
    this.element.addEventListener("pointermove", (event) => events.hover(this.nearest(event)?.candidate.id));
    this.element.addEventListener("pointerleave", () => events.hover(undefined));
    this.element.addEventListener("click", (event) => {
      const dot = this.nearest(event);
      if (dot) events.select(dot.candidate.id);
    });
  }

  /** Charts are kept as long as only their data change. */
  update(scene: TraceScene): void {
    const { traces, plot, theme, axis } = scene;
    this.scene = scene;
    const lines = traces.panels.map((panel) =>
      panel.lines.map(({ verifier }) => [verifier.name, verifier.role]),
    );
    const shape = JSON.stringify([lines, plot, theme, axis.label]);
    if (shape !== this.shape) this.rebuild(scene);
    this.shape = shape;
    traces.panels.forEach((panel, i) => {
      const { chart, panel: holder } = this.plots[i]!;
      holder.current = panel;
      chart.setData(dataOf(traces, panel));
    });
  }

  dispose(): void {
    for (const { chart } of this.plots) chart.destroy();
    this.plots = [];
    this.element.replaceChildren();
  }

  private rebuild(scene: TraceScene): void {
    this.dispose();
    const { traces, plot } = scene;
    const count = traces.panels.length;
    this.plots = traces.panels.map((panel, i) => {
      const last = i === count - 1;
      const height = Math.round((plot.height - AXIS) / count) + (last ? AXIS : 0);
      const holder: Holder = { current: panel, labels: h("div", { class: "ends" }) };
      const place = h("div", { class: "panel" });
      this.element.append(place);
      const chart = new uPlot(this.options(scene, holder, height, last), dataOf(traces, panel), place);
      place.append(holder.labels);
      return { chart, panel: holder };
    });
    this.element.append(this.name);
  }

  private options({ plot, theme }: TraceScene, holder: Holder, height: number, last: boolean): uPlot.Options {
    const font = `11px ${theme.font}`;
    const grid = { stroke: theme.grid, width: 1 };
    const plain = { font, stroke: theme.muted, grid, ticks: { show: false }, border: { show: false } };
    const stepped = uPlot.paths.stepped!({ align: 1 });
    return {
      width: plot.width,
      height,
      padding: [0, plot.width - plot.right, last ? 0 : 6, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: () => [0, this.scene!.axis.max] },
        y: { range: () => [...holder.current.range] },
      },
      axes: [
        {
          ...plain,
          size: last ? AXIS : 0,
          gap: 6,
          splits: () => [...this.scene!.axis.ticks],
          values: (_, splits) => splits.map((value) => (last ? whole(value) : "")),
        },
        {
          ...plain,
          size: plot.left,
          gap: 8,
          space: 26,
          values: (_, splits) => splits.map((value) => tick(value, splits)),
        },
      ],
      series: [
        {},
        ...holder.current.lines.map((line): uPlot.Series => ({
          stroke: theme.series[line.colour % theme.series.length]!,
          width: line.verifier.role === "searched" ? 2 : 1.75,
          paths: stepped,
          points: { show: false },
          ...(line.verifier.role === "held-out" ? { dash: [5, 4] } : {}),
        })),
      ],
      hooks: {
        drawAxes: [(chart) => this.drawDots(chart, holder.current.dots)],
        draw: [
          (chart) => {
            this.drawMarked(chart, holder.current.dots);
            this.placeLabels(chart, holder.current.lines, holder.labels);
            if (last) this.placeAxisName(chart);
          },
        ],
      },
    };
  }

  private drawDots(chart: uPlot, dots: readonly Dot[]): void {
    const { theme } = this.scene!;
    const { ctx, bbox } = chart;
    const radius = (dots.length > 400 ? 1.4 : 2.1) * uPlot.pxRatio;
    ctx.save();
    ctx.fillStyle = theme.series[0]!;
    ctx.globalAlpha = dots.length > 400 ? 0.22 : 0.38;
    const drawn = new Set<string>();
    for (const dot of dots) {
      const [x, y] = position(chart, dot);
      const held = Math.min(bbox.top + bbox.height - radius, Math.max(bbox.top + radius, y));
      // Thousands fall on the same pixels: one of them is enough.
      const pixel = dots.length > 400 ? `${Math.round(x)},${Math.round(held)}` : undefined;
      if (pixel !== undefined && drawn.has(pixel)) continue;
      if (pixel !== undefined) drawn.add(pixel);
      ctx.beginPath();
      ctx.arc(x, held, radius, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.restore();
  }

  private drawMarked(chart: uPlot, dots: readonly Dot[]): void {
    const dot = dots.find(({ candidate }) => candidate.id === this.scene!.marked);
    if (!dot) return;
    const { ctx } = chart;
    const [x, y] = position(chart, dot);
    ctx.save();
    ctx.beginPath();
    ctx.arc(x, y, 3.5 * uPlot.pxRatio, 0, 2 * Math.PI);
    ctx.fillStyle = this.scene!.theme.background;
    ctx.fill();
    ctx.strokeStyle = this.scene!.theme.series[0]!;
    ctx.lineWidth = 2 * uPlot.pxRatio;
    ctx.stroke();
    ctx.restore();
  }

  /** Elements, not canvas text: as sharp as the rest of the page, and never clipped by the plot. */
  private placeLabels(chart: uPlot, lines: readonly TraceLine[], labels: HTMLElement): void {
    const { theme, traces, plot } = this.scene!;
    const end = traces.xs.at(-1);
    const ends = lines.flatMap((line) => {
      const value = line.values.at(-1);
      return typeof value === "number" ? [{ line, y: chart.valToPos(value, "y") }] : [];
    });
    const height = chart.over.clientHeight;
    const ys = pushApart(
      ends.map(({ y }) => y),
      LABEL,
      -LABEL / 2,
      height + LABEL / 2,
    );
    const x = plot.left + (end === undefined ? 0 : chart.valToPos(end, "x")) + 8;
    labels.replaceChildren(
      ...ends.map(({ line }, i) => {
        const label = h("span", { class: "end" }, labelOf(line.verifier, plot.width));
        label.style.color = theme.seriesText[line.colour % theme.seriesText.length]!;
        label.style.left = `${x}px`;
        label.style.top = `${ys[i]! - LABEL / 2}px`;
        label.style.maxWidth = `${plot.width - x - 4}px`;
        return label;
      }),
    );
  }

  private placeAxisName(chart: uPlot): void {
    const { axis, plot } = this.scene!;
    const last = axis.ticks.at(-1) ?? 0;
    // Behind the last number: half of its digits, and a space.
    const x = plot.left + chart.valToPos(last, "x") + whole(last).length * 3.5 + 7;
    this.name.style.left = `${x}px`;
    setText(this.name, axis.label);
  }

  private nearest(event: MouseEvent): Dot | undefined {
    for (const { chart, panel } of this.plots) {
      const { left, top } = chart.over.getBoundingClientRect();
      let nearest: Dot | undefined;
      let least = 14;
      for (const dot of panel.current.dots) {
        const dx = chart.valToPos(dot.x, "x") - (event.clientX - left);
        const dy = chart.valToPos(dot.y, "y") - (event.clientY - top);
        const distance = Math.hypot(dx, dy);
        if (distance < least) [nearest, least] = [dot, distance];
      }
      if (nearest) return nearest;
    }
    return undefined;
  }
}

/** On a narrow plot the dashes alone say "held out"; the side panel has the words. */
export function labelOf(
  { name, role }: { name: string; role: "searched" | "held-out" },
  width: number,
): string {
  return width < 520 ? cut(name) : `${cut(name)}, ${role === "searched" ? "searched" : "held out"}`;
}

function dataOf(traces: Traces, panel: TracePanel): uPlot.AlignedData {
  return [[...traces.xs], ...panel.lines.map(({ values }) => [...values])] as uPlot.AlignedData;
}

function position(chart: uPlot, { x, y }: Dot): [number, number] {
  return [chart.valToPos(x, "x", true), chart.valToPos(y, "y", true)];
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
