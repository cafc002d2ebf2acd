import { restoreLanguage } from "./language.js";
import uPlot from "uplot";
import type { ComputeAxis } from "../axis.js";
import { h } from "../dom.js";
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

/** Height of the axis below the last panel. */
const AXIS = 22;
const LABEL = 14;

/** Best so far over compute, one uPlot for each scale of values. */
export class TraceView {
  readonly element: HTMLElement;
  private plots: { readonly chart: uPlot; readonly panel: { current: TracePanel } }[] = [];
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
  }

  private rebuild(scene: TraceScene): void {
    this.dispose();
    const { traces, plot } = scene;
    const count = traces.panels.length;
    this.plots = traces.panels.map((panel, i) => {
      const last = i === count - 1;
      const height = Math.round((plot.height - AXIS) / count) + (last ? AXIS : 0);
      const holder = { current: panel };
      return {
        chart: new uPlot(this.options(scene, holder, height, last), dataOf(traces, panel), this.element),
        panel: holder,
      };
    });
  }

  private options(
    { plot, theme }: TraceScene,
    holder: { current: TracePanel },
    height: number,
    last: boolean,
  ): uPlot.Options {
    const font = `11px ${theme.font}`;
    const grid = { stroke: theme.grid, width: 1 };
    const plain = { font, stroke: theme.muted, grid, ticks: { show: false }, border: { show: false } };
    const stepped = uPlot.paths.stepped!({ align: 1 });
    return {
      width: plot.width,
      height,
      padding: [10, plot.width - plot.right, last ? 0 : 4, 0],
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
            this.drawLabels(chart, holder.current.lines);
            this.drawMarked(chart, holder.current.dots);
            if (last) this.drawAxisName(chart);
          },
        ],
      },
    };
  }

  private drawDots(chart: uPlot, dots: readonly Dot[]): void {
    const { theme } = this.scene!;
    const { ctx, bbox } = chart;
    const radius = (dots.length > 400 ? 1.4 : 2.1) * devicePixelRatio;
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
    ctx.arc(x, y, 3.5 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fillStyle = this.scene!.theme.background;
    ctx.fill();
    ctx.strokeStyle = this.scene!.theme.series[0]!;
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.stroke();
    ctx.restore();
  }

  private drawLabels(chart: uPlot, lines: readonly TraceLine[]): void {
    const { theme, traces, plot } = this.scene!;
    const { ctx, bbox } = chart;
    const end = traces.xs.at(-1);
    const last = lines.map(({ values }) => values.at(-1) ?? null);
    if (end === undefined) return;
    const ends = lines.flatMap((line, i) =>
      last[i] === null ? [] : [{ line, y: chart.valToPos(last[i]!, "y", true) }],
    );
    const height = LABEL * devicePixelRatio;
    const ys = pushApart(
      ends.map(({ y }) => y),
      height,
      bbox.top - height / 2,
      bbox.top + bbox.height + height / 2,
    );
    const x = chart.valToPos(end, "x", true) + 8 * devicePixelRatio;
    ctx.save();
    ctx.font = `${11 * devicePixelRatio}px ${theme.font}`;
    ctx.textBaseline = "middle";
    ends.forEach(({ line }, i) => {
      ctx.fillStyle = theme.seriesText[line.colour % theme.seriesText.length]!;
      const room = (plot.width - 4) * devicePixelRatio - x;
      ctx.fillText(fitText(ctx, labelOf(line.verifier, plot.width), room), x, ys[i]!);
    });
    ctx.restore();
  }

  private drawAxisName(chart: uPlot): void {
    const { theme, axis } = this.scene!;
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.font = `${11 * devicePixelRatio}px ${theme.font}`;
    ctx.fillStyle = theme.muted;
    ctx.textBaseline = "top";
    const half = ctx.measureText(whole(axis.ticks.at(-1) ?? 0)).width / 2;
    const lastTick = chart.valToPos(axis.ticks.at(-1) ?? 0, "x", true) + half;
    const x = Math.max(lastTick + 8 * devicePixelRatio, bbox.left + bbox.width + half + 8 * devicePixelRatio);
    ctx.fillText(axis.label, x, bbox.top + bbox.height + 6 * devicePixelRatio);
    ctx.restore();
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
  const [a, b] = all;
  const step = typeof a === "number" && typeof b === "number" ? Math.abs(b - a) : 1;
  const digits = Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return Math.abs(value) >= 1e5 ? formatScore(value) : value.toFixed(digits).replace("-", "−");
}

function fitText(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let length = text.length;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > room) length--;
  return `${text.slice(0, length)}…`;
}
