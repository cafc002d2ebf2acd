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

/** What a chart's hooks read: its data change, its options do not. */
interface Holder {
  current: TracePanel;
  /** Where uPlot puts the numbers of the y axis. */
  splits: readonly number[];
  readonly labels: HTMLElement;
  readonly ticks: HTMLElement;
}

/** Height of the axis below the last panel. */
const AXIS = 22;
const LABEL = 14;
/** Between the tree and the highest value; the style sheet's `.over` begins below it. */
const TOP = 8;

/** Best so far over compute, one uPlot for each scale of values. */
export class TraceView {
  readonly element: HTMLElement;
  private plots: { readonly chart: uPlot; readonly panel: Holder }[] = [];
  private scene: TraceScene | undefined;
  private shape = "";
  private readonly mark = h("span", { class: "mark", hidden: true });

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
    const { traces, plot, theme, axis, marked } = scene;
    const old = this.scene;
    this.scene = scene;
    const lines = traces.panels.map((panel) =>
      panel.lines.map(({ verifier }) => [verifier.name, verifier.role]),
    );
    const shape = JSON.stringify([lines, plot, theme, axis.label]);
    if (shape !== this.shape) this.rebuild(scene);
    else if (traces !== old?.traces) {
      traces.panels.forEach((panel, i) => {
        const { chart, panel: holder } = this.plots[i]!;
        holder.current = panel;
        chart.setData(dataOf(traces, panel));
      });
    }
    this.shape = shape;
    // uPlot draws in a microtask, and its scales are right only then.
    queueMicrotask(() => this.placeMark(marked));
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
      const holder: Holder = {
        current: panel,
        splits: [],
        labels: h("div", { class: "over" }),
        ticks: h("div", { class: "over" }),
      };
      const place = h("div", { class: "panel" });
      this.element.append(place);
      const chart = new uPlot(this.options(scene, holder, height, last), dataOf(traces, panel), place);
      place.append(holder.ticks, holder.labels);
      return { chart, panel: holder };
    });
  }

  private options({ plot, theme }: TraceScene, holder: Holder, height: number, last: boolean): uPlot.Options {
    const grid = { stroke: theme.grid, width: 1 };
    const plain = { grid, ticks: { show: false }, border: { show: false } };
    const stepped = uPlot.paths.stepped!({ align: 1 });
    return {
      width: plot.width,
      height,
      padding: [TOP, plot.width - plot.right, last ? 0 : 6, 0],
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
          splits: () => [...this.scene!.axis.ticks],
          values: (_, splits) => splits.map(() => ""),
        },
        {
          ...plain,
          size: plot.left,
          space: 26,
          values: (_, splits) => ((holder.splits = splits), splits.map(() => "")),
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
        drawAxes: [
          (chart) => {
            this.extendGrid(chart);
            this.drawDots(chart, holder.current.dots);
          },
        ],
        draw: [
          (chart) => {
            this.drawEnds(chart, holder.current.lines);
            this.placeLabels(chart, holder.current.lines, holder.labels);
            this.placeTicks(chart, holder, last);
          },
        ],
      },
    };
  }

  /** Up to the upper edge, so that the lines run through from the tree. */
  private extendGrid(chart: uPlot): void {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.strokeStyle = this.scene!.theme.grid;
    ctx.lineWidth = uPlot.pxRatio;
    ctx.beginPath();
    for (const value of this.scene!.axis.ticks) {
      const x = Math.round(chart.valToPos(value, "x", true));
      const middle = x + (ctx.lineWidth % 2) / 2;
      ctx.moveTo(middle, 0);
      ctx.lineTo(middle, bbox.top);
    }
    ctx.stroke();
    ctx.restore();
  }

  private drawDots(chart: uPlot, dots: readonly Dot[]): void {
    const { theme } = this.scene!;
    const { ctx, bbox } = chart;
    const many = dots.length > 400;
    const radius = (many ? 1.3 : 2.1) * uPlot.pxRatio;
    ctx.save();
    ctx.fillStyle = theme.series[0]!;
    // The more there are, the fainter: together they are a density.
    ctx.globalAlpha = many ? Math.max(0.05, Math.min(0.24, 300 / dots.length)) : 0.38;
    const drawn = new Set<string>();
    for (const dot of dots) {
      const [x, y] = position(chart, dot);
      const held = Math.min(bbox.top + bbox.height - radius, Math.max(bbox.top + radius, y));
      // Thousands fall on the same pixels: one of them is enough.
      const pixel = many ? `${Math.round(x)},${Math.round(held)}` : undefined;
      if (pixel !== undefined && drawn.has(pixel)) continue;
      if (pixel !== undefined) drawn.add(pixel);
      if (many) ctx.fillRect(x - radius, held - radius, 2 * radius, 2 * radius);
      else fillCircle(ctx, x, held, radius);
    }
    ctx.restore();
  }

  /** A point at the end of each line, for its label to belong to. */
  private drawEnds(chart: uPlot, lines: readonly TraceLine[]): void {
    const { theme, traces } = this.scene!;
    const end = traces.xs.at(-1);
    for (const { values, colour } of lines) {
      const value = values.at(-1);
      if (end === undefined || typeof value !== "number") continue;
      const { ctx } = chart;
      ctx.fillStyle = theme.series[colour % theme.series.length]!;
      fillCircle(ctx, chart.valToPos(end, "x", true), chart.valToPos(value, "y", true), 2.75 * uPlot.pxRatio);
    }
  }

  /** An element over the chart, so that a pointer that moves draws nothing anew. */
  private placeMark(marked: string | undefined): void {
    this.mark.hidden = true;
    for (const { chart, panel } of this.plots) {
      const dot =
        marked === undefined
          ? undefined
          : panel.current.dots.find(({ candidate }) => candidate.id === marked);
      if (!dot) continue;
      const y = Math.min(chart.over.clientHeight, Math.max(0, chart.valToPos(dot.y, "y")));
      this.mark.hidden = false;
      this.mark.style.transform = `translate(${chart.over.offsetLeft + chart.valToPos(dot.x, "x")}px, ${TOP + y}px)`;
      this.mark.style.borderColor = this.scene!.theme.series[0]!;
      chart.root.after(this.mark);
      return;
    }
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

  private placeTicks(chart: uPlot, { splits, ticks }: Holder, last: boolean): void {
    const { axis, plot } = this.scene!;
    const height = chart.over.clientHeight;
    const y = splits.flatMap((value) => {
      const top = chart.valToPos(value, "y");
      if (top < -1 || top > height + 1) return [];
      const label = h("span", { class: "tick y" }, tick(value, splits));
      label.style.width = `${plot.left - 8}px`;
      label.style.top = `${top - LABEL / 2}px`;
      return [label];
    });
    const x = (last ? axis.ticks : []).map((value) => {
      const label = h("span", { class: "tick x" }, whole(value));
      label.style.left = `${plot.left + chart.valToPos(value, "x")}px`;
      label.style.top = `${height + 4}px`;
      return label;
    });
    if (last) {
      const end = axis.ticks.at(-1) ?? 0;
      const name = h("span", { class: "axis-name" }, axis.label);
      // Behind the last number: half of its digits, and a space.
      name.style.left = `${plot.left + chart.valToPos(end, "x") + whole(end).length * 3.3 + 8}px`;
      name.style.top = `${height + 4}px`;
      x.push(name);
    }
    ticks.replaceChildren(...y, ...x);
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

function fillCircle(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
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
