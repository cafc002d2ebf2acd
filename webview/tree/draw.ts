import { linkHorizontal } from "d3-shape";
import type { Atlas } from "../atlas.js";
import type { Pen } from "../pen.js";
import { all, type Sight } from "../state/filter.js";
import type { RunModel } from "../state/model.js";
import type { Theme } from "../theme.js";
import type { Fan } from "./fans.js";
import { corner, drawCell, drawFold, drawMark, drawPicture, drawStrip, outline } from "./drawNode.js";
import type { Box, Link, PlacedNode, TreeLayout } from "./layout.js";

export interface Scene {
  readonly layout: TreeLayout;
  /** From the layout's places to the canvas', to the right. */
  readonly shift: number;
  /** On the canvas. */
  readonly ticks: readonly number[];
  /** What each tick means, where the axis below does not say it. */
  readonly labels: readonly string[];
  readonly model: RunModel;
  readonly theme: Theme;
  readonly atlas: Atlas;
  /** Who does not pass is faint. */
  readonly sight: Sight;
  /** Pictures are previews at this noise level, where there are any. */
  readonly cursor: number | undefined;
}

type Context = Pen;

export function drawTree(context: Context, scene: Scene): void {
  const { layout, model } = scene;
  drawGrid(context, scene);
  context.save();
  context.translate(scene.shift, 0);
  const isSeen = seenIn(scene);
  for (const fan of layout.fans) drawFan(context, scene, fan);
  for (const link of layout.links) if (link.kind !== "best") drawLink(context, scene, link);
  for (const box of layout.planned) if (isSeen(box)) drawPlanned(context, scene, box);
  for (const fold of layout.folds) if (isSeen(fold)) drawFold(context, scene, fold);
  const drawNode = { pictures: drawThumbnail, cells: drawCell, strips: drawStrip }[layout.tier];
  const isCovered = layout.tier === "strips" ? overdraw() : () => false;
  for (const node of layout.nodes) {
    if (isCovered(node)) continue;
    if (!isSeen(node) || (layout.tier !== "strips" && model.bestLineage.has(node.candidate.id))) continue;
    drawSeen(context, scene, node, drawNode);
  }
  // Over the others: where a round has several columns, the line crosses them.
  for (const link of layout.links) if (link.kind === "best") drawLink(context, scene, link);
  let last: PlacedNode | undefined;
  for (const id of model.bestLineage) {
    const node = layout.byId.get(id);
    // A lineage of thousands lies on itself.
    if (node && last && Math.abs(node.x - last.x) < 0.5 && Math.abs(node.y - last.y) < 0.5) continue;
    if (!node || !isSeen(node)) continue;
    last = node;
    if (layout.tier === "strips") drawMark(context, scene, node, 7);
    else drawSeen(context, scene, node, drawNode);
  }
  context.restore();
  drawLabels(context, scene);
}

/** In a narrow round they may be too small to be recognised. */
function drawThumbnail(context: Context, scene: Scene, node: PlacedNode): void {
  (node.width < LEAST_PICTURE ? drawCell : drawPicture)(context, scene, node);
}

const LEAST_PICTURE = 13;

/** Of a strip's nodes, best first, only the first in each of the screen's rows is seen. */
function overdraw(): (node: Box) => boolean {
  const ratio = window.devicePixelRatio || 1;
  let [column, row] = [NaN, NaN];
  return ({ x, y, height }) => {
    const own = Math.floor((y - height / 2) * ratio);
    if (x === column && own === row) return true;
    [column, row] = [x, own];
    return false;
  };
}

/** What lies on the canvas, with a little beside it: rings and marks are larger than their nodes. */
function seenIn({ layout, shift }: Scene): (box: Box) => boolean {
  const [low, high] = [-shift - 12, layout.width - shift + 12];
  return ({ x, width }) => x + width / 2 > low && x - width / 2 < high;
}

/** What the filter does not let through keeps its place and is faint: covered by the background, since nodes set alphas of their own. */
function drawSeen(
  context: Context,
  scene: Scene,
  node: PlacedNode,
  drawNode: (context: Context, scene: Scene, node: PlacedNode) => void,
): void {
  drawNode(context, scene, node);
  if (scene.sight === all || scene.sight(node.candidate)) return;
  const { x, y, width, height } = corner(node);
  const edge = scene.layout.tier === "strips" ? 0 : 2;
  context.globalAlpha = 0.82;
  context.fillStyle = scene.theme.background;
  context.fillRect(x - edge, y - edge, width + 2 * edge, height + 2 * edge);
  context.globalAlpha = 1;
}

function drawGrid(context: Context, { layout, theme, ticks }: Scene): void {
  context.strokeStyle = theme.grid;
  context.lineWidth = 1;
  context.beginPath();
  // The same rounding as uPlot's, whose lines go on below.
  const ratio = window.devicePixelRatio || 1;
  for (const tick of ticks) {
    const x = (Math.round(tick * ratio) + (ratio % 2) / 2) / ratio;
    context.moveTo(x, 0);
    context.lineTo(x, layout.height);
  }
  context.stroke();
}

/** Above the columns' ends, as many as have room. */
function drawLabels(context: Context, { theme, ticks, labels }: Scene): void {
  if (labels.length === 0) return;
  context.font = `11px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  let free = -Infinity;
  labels.forEach((label, i) => {
    const { width } = context.measureText(label);
    const middle = ticks[i]!;
    if (middle - width / 2 < free) return;
    free = middle + width / 2 + 8;
    context.fillStyle = theme.muted;
    context.fillText(label, middle, LABELS / 2);
  });
}

/** Height of the labels. */
export const LABELS = 16;

const curve = linkHorizontal<Link, readonly [number, number]>()
  .source(({ from }) => [from.x + from.width / 2, from.y])
  .target(({ to }) => [to.x - to.width / 2, to.y])
  .x(([x]) => x)
  .y(([, y]) => y);

function drawLink(context: Context, { layout, theme, shift }: Scene, link: Link): void {
  const { from, to } = link;
  if (Math.max(from.x, to.x) + shift < 0 || Math.min(from.x, to.x) + shift > layout.width) return;
  const best = link.kind === "best";
  context.strokeStyle = best ? theme.accent : theme.link;
  context.lineWidth = best ? (layout.tier === "pictures" ? 2.5 : 2) : 1;
  context.setLineDash(link.kind === "planned" ? [3, 3] : []);
  context.beginPath();
  // SAFETY: horizontal links are Bézier curves, which a pen draws.
  curve.context(context as CanvasRenderingContext2D)(
    layout.tier === "strips" ? { ...link, from: point(link.from), to: point(link.to) } : link,
  );
  context.stroke();
  context.setLineDash([]);
}

/** Between the curves to the highest and to the lowest of the children. */
function drawFan(context: Context, { layout, theme, shift }: Scene, { from, x, top, bottom }: Fan): void {
  const start = from.x + (layout.tier === "strips" ? 0 : from.width / 2);
  if (x + shift < 0 || start + shift > layout.width) return;
  const middle = (start + x) / 2;
  context.beginPath();
  context.moveTo(start, from.y);
  context.bezierCurveTo(middle, from.y, middle, top, x, top);
  context.lineTo(x, bottom);
  context.bezierCurveTo(middle, bottom, middle, from.y, start, from.y);
  context.fillStyle = theme.link;
  context.globalAlpha = 0.3;
  context.fill();
  context.globalAlpha = 1;
}

const point = ({ x, y }: Box): Box => ({ x, y, width: 0, height: 0 });

function drawPlanned(context: Context, { theme }: Scene, box: Box): void {
  outline(context, box, 0, box.width > 12 ? 4 : 1);
  context.fillStyle = theme.background;
  context.fill();
  context.strokeStyle = theme.link;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.stroke();
  context.setLineDash([]);
}
