import uPlot from "uplot";
import type { Pen } from "../pen.js";
import { all as everyone } from "../state/filter.js";
import type { Band, Flag } from "./marks.js";
import type { Dot, TraceLine } from "./series.js";
import type { TraceScene } from "./index.js";

/** What is drawn into a chart, or beside it in the same units: device pixels. */
export interface Chart extends Pick<uPlot, "bbox" | "valToPos"> {
  readonly ctx: Pen;
}

/** Up to the upper edge, so that the lines run through from the tree. */
export function extendGrid(chart: Chart, { theme, window: { ticks } }: TraceScene): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.strokeStyle = theme.grid;
  ctx.lineWidth = uPlot.pxRatio;
  ctx.beginPath();
  for (const value of ticks) {
    const x = Math.round(chart.valToPos(value, "x", true));
    const middle = x + (ctx.lineWidth % 2) / 2;
    ctx.moveTo(middle, 0);
    ctx.lineTo(middle, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}

/** The spread of each round, behind everything. */
export function drawBands(chart: Chart, { theme }: TraceScene, bands: readonly Band[]): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = theme.series[0]!;
  ctx.globalAlpha = 0.1;
  for (const { x0, x1, low, high } of bands) {
    const [left, top] = position(chart, { x: x0, y: high });
    const [right, bottom] = position(chart, { x: x1, y: low });
    ctx.fillRect(left, top, right - left, Math.max(1, bottom - top));
  }
  ctx.restore();
}

/** A warning's triangle over the place where a held-out score began to fall behind. */
export function drawFlags(
  chart: Chart,
  { theme, window: { from, to } }: TraceScene,
  flags: readonly Flag[],
): void {
  const { ctx } = chart;
  const edge = 5 * uPlot.pxRatio;
  for (const flag of flags.filter(({ x }) => x >= from && x <= to)) {
    const [x, y] = position(chart, flag);
    ctx.fillStyle = theme.seriesText[1]!;
    ctx.beginPath();
    ctx.moveTo(x, y - 2.6 * edge);
    ctx.lineTo(x + edge, y - edge);
    ctx.lineTo(x - edge, y - edge);
    ctx.fill();
  }
}

/** Searched scores of the single candidates, faint. */
export function drawDots(
  chart: Chart,
  { theme, sight, window: { from, to } }: TraceScene,
  all: readonly Dot[],
): void {
  const dots = all.filter(
    ({ x, candidate }) => x >= from && x <= to && (sight === everyone || sight(candidate)),
  );
  const { ctx, bbox } = chart;
  const many = dots.length > 400;
  const radius = (many ? 1.3 : 2.1) * uPlot.pxRatio;
  ctx.save();
  ctx.fillStyle = theme.series[0]!;
  // The more there are, the fainter: together they are a density.
  ctx.globalAlpha = many ? Math.max(0.05, Math.min(0.24, 300 / dots.length)) : 0.38;
  const drawn = new Set<number>();
  for (const dot of dots) {
    const [x, y] = position(chart, dot);
    const held = Math.min(bbox.top + bbox.height - radius, Math.max(bbox.top + radius, y));
    // Thousands fall on the same pixels: one of them is enough.
    const pixel = many ? Math.round(x) * 65536 + Math.round(held) : undefined;
    if (pixel !== undefined && drawn.has(pixel)) continue;
    if (pixel !== undefined) drawn.add(pixel);
    if (many) ctx.fillRect(x - radius, held - radius, 2 * radius, 2 * radius);
    else fillCircle(ctx, x, held, radius);
  }
  ctx.restore();
}

/** A point at the end of each line, for its label to belong to. */
export function drawEnds(
  chart: Chart,
  { theme, traces, window }: TraceScene,
  lines: readonly TraceLine[],
): void {
  for (const { values, colour } of lines) {
    // Runs that lie over each other end where each of them has come.
    const last = values.findLastIndex((value) => value !== null);
    const [end, value] = [traces.xs[last], values[last]];
    // What goes on beyond the window has no end in it.
    if (end === undefined || end < window.from || end > window.to || typeof value !== "number") continue;
    const { ctx } = chart;
    ctx.fillStyle = theme.series[colour % theme.series.length]!;
    fillCircle(ctx, chart.valToPos(end, "x", true), chart.valToPos(value, "y", true), 2.75 * uPlot.pxRatio);
  }
}

function fillCircle(context: Pen, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function position(chart: Chart, { x, y }: Pick<Dot, "x" | "y">): [number, number] {
  return [chart.valToPos(x, "x", true), chart.valToPos(y, "y", true)];
}
