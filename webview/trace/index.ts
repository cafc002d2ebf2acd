import { restoreLanguage } from "./language.js";
import uPlot from "uplot";
import type { ComputeAxis } from "../axis.js";
import { h } from "../dom.js";
import type { Drawing } from "../pen.js";
import type { Sight } from "../state/filter.js";
import type { Theme } from "../theme.js";
import type { Plot } from "../tree/layout.js";
import type { ZoomEvents } from "../tree/index.js";
import type { Span, Window } from "../zoom.js";
import { listenForZoom } from "../zoomGestures.js";
import { drawBands, drawDots, drawEnds, drawFlags, extendGrid } from "./draw.js";
import { drawPlain } from "./drawPlain.js";
import { placeLabels, placeTicks } from "./overlay.js";
import type { Dot, TracePanel, Traces } from "./series.js";

restoreLanguage();

export interface TraceScene {
  readonly traces: Traces;
  readonly axis: ComputeAxis;
  readonly plot: Plot;
  /** What is seen of the axis. */
  readonly window: Window;
  readonly zoom: Span | undefined;
  readonly theme: Theme;
  readonly marked: string | undefined;
  /** Dots of those that do not pass are left out. */
  readonly sight: Sight;
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
/** Between the tree and the highest value; the style sheet's `.over` begins below it. */
const TOP = 8;

/** Best so far over compute, one uPlot for each scale of values. */
export class TraceView {
  readonly element: HTMLElement;
  private plots: { readonly chart: uPlot; readonly panel: Holder }[] = [];
  private scene: TraceScene | undefined;
  private shape = "";
  private readonly mark = h("span", { class: "mark", hidden: true });

  constructor(events: ZoomEvents) {
    this.element = h("div", { class: "trace", "aria-hidden": "true" });
    listenForZoom(
      this.element,
      () => this.scene && { ...this.scene.plot, zoom: this.scene.zoom },
      (span) => events.zoom(span),
    );
    this.element.addEventListener("pointermove", (event) => events.hover(this.nearest(event)?.candidate.id));
    this.element.addEventListener("pointerleave", () => events.hover(undefined));
    this.element.addEventListener("click", (event) => {
      const dot = this.nearest(event);
      if (dot) events.select(dot.candidate.id);
    });
  }

  get drawings(): readonly Drawing[] {
    return this.plots.map(({ chart, panel }) => ({
      canvas: chart.ctx.canvas,
      scale: 1 / uPlot.pxRatio,
      draw: (ctx) =>
        drawPlain(
          { ctx, bbox: chart.bbox, valToPos: (...at) => chart.valToPos(...at) },
          this.scene!,
          panel.current,
          panel.splits,
        ),
    }));
  }

  /** Charts are kept as long as only their data change. */
  update(scene: TraceScene): void {
    const { traces, plot, theme, axis, marked } = scene;
    const old = this.scene;
    this.scene = scene;
    const lines = traces.panels.map((panel) =>
      panel.lines.map(({ verifier, colour, label }) => [verifier.name, verifier.role, colour, label]),
    );
    const shape = JSON.stringify([lines, plot, theme, axis.label]);
    if (shape !== this.shape) this.rebuild(scene);
    else if (traces !== old?.traces || scene.sight !== old.sight) {
      traces.panels.forEach((panel, i) => {
        const { chart, panel: holder } = this.plots[i]!;
        holder.current = panel;
        chart.setData(dataOf(traces, panel));
      });
    } else if (scene.window.from !== old.window.from || scene.window.to !== old.window.to) {
      const { from: min, to: max } = scene.window;
      for (const { chart } of this.plots) chart.setScale("x", { min, max });
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
        x: { time: false, range: () => [this.scene!.window.from, this.scene!.window.to] },
        y: { range: () => [...holder.current.range] },
      },
      axes: [
        {
          ...plain,
          size: last ? AXIS : 0,
          splits: () => [...this.scene!.window.ticks],
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
            extendGrid(chart, this.scene!);
            drawBands(chart, this.scene!, holder.current.bands);
            drawDots(chart, this.scene!, holder.current.dots);
          },
        ],
        draw: [
          (chart) => {
            drawEnds(chart, this.scene!, holder.current.lines);
            drawFlags(chart, this.scene!, holder.current.flags);
            placeLabels(chart, this.scene!, holder.current.lines, holder.labels);
            placeTicks(chart, this.scene!, holder.splits, last, holder.ticks);
          },
        ],
      },
    };
  }

  /** An element over the chart, so that a pointer that moves draws nothing anew. */
  private placeMark(marked: string | undefined): void {
    this.mark.hidden = true;
    for (const { chart, panel } of this.plots) {
      const dot = marked === undefined ? undefined : dotOf(panel.current, marked);
      if (!dot) continue;
      const y = Math.min(chart.bbox.height / uPlot.pxRatio, Math.max(0, chart.valToPos(dot.y, "y")));
      this.mark.hidden = false;
      this.mark.style.transform = `translate(${chart.over.offsetLeft + chart.valToPos(dot.x, "x")}px, ${TOP + y}px)`;
      this.mark.style.borderColor = this.scene!.theme.series[0]!;
      chart.root.after(this.mark);
      return;
    }
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

const dotsById = new WeakMap<readonly Dot[], ReadonlyMap<string, Dot>>();

function dotOf({ dots }: TracePanel, id: string): Dot | undefined {
  let byId = dotsById.get(dots);
  if (!byId) dotsById.set(dots, (byId = new Map(dots.map((dot) => [dot.candidate.id, dot]))));
  return byId.get(id);
}

function dataOf(traces: Traces, panel: TracePanel): uPlot.AlignedData {
  return [[...traces.xs], ...panel.lines.map(({ values }) => [...values])] as uPlot.AlignedData;
}
