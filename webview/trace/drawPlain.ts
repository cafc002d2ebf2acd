import uPlot from "uplot";
import { drawBands, drawDots, drawEnds, drawFlags, extendGrid, type Chart } from "./draw.js";
import type { TraceScene } from "./index.js";
import type { TraceLine, TracePanel } from "./series.js";

/** A panel with what uPlot itself draws of it, grid and lines: for a pen that is no canvas. `splits`: where the y axis has its numbers. */
export function drawPlain(
  chart: Chart,
  scene: TraceScene,
  panel: TracePanel,
  splits: readonly number[],
): void {
  extendGrid(chart, scene);
  drawGrid(chart, scene, splits);
  drawBands(chart, scene, panel.bands);
  drawDots(chart, scene, panel.dots);
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const line of panel.lines) drawLine(chart, scene, line);
  ctx.restore();
  drawEnds(chart, scene, panel.lines);
  drawFlags(chart, scene, panel.flags);
}

function drawGrid(chart: Chart, { theme, window }: TraceScene, splits: readonly number[]): void {
  const { ctx, bbox } = chart;
  ctx.strokeStyle = theme.grid;
  ctx.lineWidth = uPlot.pxRatio;
  ctx.beginPath();
  for (const value of window.ticks) {
    const x = Math.round(chart.valToPos(value, "x", true));
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
  }
  for (const value of splits) {
    const y = Math.round(chart.valToPos(value, "y", true));
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
  }
  ctx.stroke();
}

/** Stays at a value until the next one. */
function drawLine(
  chart: Chart,
  { theme, traces }: TraceScene,
  { values, colour, verifier }: TraceLine,
): void {
  const { ctx } = chart;
  const isSearched = verifier.role === "searched";
  ctx.strokeStyle = theme.series[colour % theme.series.length]!;
  ctx.lineWidth = (isSearched ? 2 : 1.75) * uPlot.pxRatio;
  ctx.setLineDash(isSearched ? [] : [5, 4].map((length) => length * uPlot.pxRatio));
  ctx.beginPath();
  let last: number | undefined;
  values.forEach((value, i) => {
    const x = chart.valToPos(traces.xs[i]!, "x", true);
    if (last !== undefined && value !== null) ctx.lineTo(x, last);
    if (value === null) return void (last = undefined);
    const y = chart.valToPos(value, "y", true);
    if (last === undefined) ctx.moveTo(x, y);
    else if (y !== last) ctx.lineTo(x, y);
    last = y;
  });
  ctx.stroke();
  ctx.setLineDash([]);
}
