import { linkHorizontal } from "d3-shape";
import { pictureAt, type Atlas } from "../atlas.js";
import { drawGrain } from "../grain.js";
import { all, type Sight } from "../state/filter.js";
import { quality, type RunModel } from "../state/model.js";
import type { Theme } from "../theme.js";
import { viridis } from "../viridis.js";
import type { Box, Link, PlacedNode, TreeLayout } from "./layout.js";

export interface Scene {
  readonly layout: TreeLayout;
  /** From the layout's places to the canvas', to the right. */
  readonly shift: number;
  /** On the canvas. */
  readonly ticks: readonly number[];
  readonly model: RunModel;
  readonly theme: Theme;
  readonly atlas: Atlas;
  /** Who does not pass is faint. */
  readonly sight: Sight;
  /** Pictures are previews at this noise level, where there are any. */
  readonly cursor: number | undefined;
}

type Context = CanvasRenderingContext2D;

export function drawTree(context: Context, scene: Scene): void {
  const { layout, model } = scene;
  drawGrid(context, scene);
  context.save();
  context.translate(scene.shift, 0);
  const isSeen = seenIn(scene);
  for (const link of layout.links) if (link.kind !== "best") drawLink(context, scene, link);
  for (const box of layout.planned) if (isSeen(box)) drawPlanned(context, scene, box);
  const drawNode = { pictures: drawPicture, cells: drawCell, strips: drawStrip }[layout.tier];
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
}

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
  curve.context(context)(
    layout.tier === "strips" ? { ...link, from: point(link.from), to: point(link.to) } : link,
  );
  context.stroke();
  context.setLineDash([]);
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

function drawPicture(context: Context, scene: Scene, node: PlacedNode): void {
  const { model, theme, atlas } = scene;
  const { candidate } = node;
  const share = quality(model, candidate);
  const best = model.bestLineage.has(candidate.id);
  if (candidate.status === "failed") return drawFailed(context, scene, node);
  if (share === undefined && atlas.size(candidate.id) === undefined)
    return drawNoise(context, scene, node, best);
  const dropped = candidate.status === "dropped" && !best;
  context.save();
  outline(context, node, 0, 4);
  context.fillStyle = theme.background;
  context.fill();
  context.clip();
  context.globalAlpha = dropped ? 0.45 : 1;
  const { x, y, width, height } = corner(node);
  const picture = pictureAt(atlas, candidate.id, scene.cursor) ?? candidate.id;
  if (!atlas.draw(context, picture, x, y, width, height) && share !== undefined) {
    context.fillStyle = viridis(share, theme.dark);
    context.globalAlpha *= 0.6;
    context.fill();
  }
  context.restore();
  // The frame carries the score; the best lineage's is the accent's, its score is in the traces and beside.
  context.strokeStyle = best ? theme.accent : share === undefined ? theme.link : viridis(share, theme.dark);
  context.lineWidth = best ? 3 : dropped ? 1.75 : 2.25;
  outline(context, node, context.lineWidth / 2 - (best ? 1 : 0), 4);
  context.stroke();
  if (dropped) drawCross(context, scene, node);
}

/** The sign of a dropped candidate, with a halo so that it is seen on any picture. */
function drawCross(context: Context, { theme }: Scene, node: Box): void {
  const arm = Math.max(2.2, Math.min(3.4, node.width * 0.085));
  const [x, y] = [node.x + node.width / 2 - arm - 4.5, node.y + node.height / 2 - arm - 4.5];
  context.lineCap = "round";
  for (const [width, colour] of [
    [4.2, theme.background],
    [1.5, theme.muted],
  ] as const) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.beginPath();
    context.moveTo(x - arm, y - arm);
    context.lineTo(x + arm, y + arm);
    context.moveTo(x + arm, y - arm);
    context.lineTo(x - arm, y + arm);
    context.stroke();
  }
  context.lineCap = "butt";
}

function drawFailed(context: Context, { theme }: Scene, node: PlacedNode): void {
  outline(context, node, 0.75, node.width > 12 ? 4 : 1);
  context.fillStyle = theme.background;
  context.fill();
  context.strokeStyle = theme.error;
  context.lineWidth = 1.5;
  context.stroke();
  if (node.width < 9) return;
  const half = Math.min(7, node.width * 0.26);
  context.lineWidth = 2;
  context.lineCap = "round";
  context.beginPath();
  context.moveTo(node.x, node.y - half);
  context.lineTo(node.x, node.y + half * 0.25);
  context.moveTo(node.x, node.y + half * 0.95);
  context.lineTo(node.x, node.y + half);
  context.stroke();
  context.lineCap = "butt";
}

/** A candidate that was never decoded, like the first pivot. */
function drawNoise(context: Context, { theme }: Scene, node: PlacedNode, best: boolean): void {
  const { x, y, width } = corner(node);
  context.save();
  outline(context, node, 0, 4);
  context.fillStyle = theme.background;
  context.fill();
  context.clip();
  drawGrain(context, x, y, width, theme.muted);
  context.restore();
  context.strokeStyle = best ? theme.accent : theme.link;
  context.lineWidth = best ? 3 : 1.5;
  outline(context, node, context.lineWidth / 2 - (best ? 1 : 0), 4);
  context.stroke();
}

/** Too small for a picture: a square of the score's colour, a dropped one smaller and paler. */
function drawCell(context: Context, scene: Scene, node: PlacedNode): void {
  const { model, theme } = scene;
  const { candidate } = node;
  if (candidate.status === "failed") return drawFailed(context, scene, node);
  const share = quality(model, candidate);
  const best = model.bestLineage.has(candidate.id);
  const dropped = candidate.status === "dropped" && !best;
  const inset = dropped && node.width > 9 ? node.width * 0.12 : 0;
  context.fillStyle = share === undefined ? theme.link : viridis(share, theme.dark);
  context.globalAlpha = dropped ? 0.8 : 1;
  const { x, y, width, height } = corner(node);
  context.fillRect(x + inset, y + inset, width - 2 * inset, height - 2 * inset);
  context.globalAlpha = 1;
  if (best) drawMark(context, scene, node, Math.max(node.width, 7));
}

function drawStrip(context: Context, { model, theme }: Scene, node: PlacedNode): void {
  const share = quality(model, node.candidate);
  context.fillStyle = share === undefined ? theme.grid : viridis(share, theme.dark);
  // A hair taller than its row, or the background shines through between rows.
  const least = 1 / (window.devicePixelRatio || 1);
  context.fillRect(
    node.x - node.width / 2,
    node.y - node.height / 2,
    node.width,
    Math.max(node.height, least) + 0.4,
  );
}

/** The best among small ones: ringed in the accent, on a ring of background so that it stands out from its neighbours. */
function drawMark(context: Context, { theme, model, layout }: Scene, node: PlacedNode, size: number): void {
  const inside = Math.min(layout.height - size / 2 - 3, Math.max(size / 2 + 3, node.y));
  const box = { ...node, y: layout.tier === "strips" ? inside : node.y, width: size, height: size };
  const share = quality(model, node.candidate);
  outline(context, box, -3, 3);
  context.fillStyle = theme.background;
  context.fill();
  outline(context, box, -1, 2);
  context.fillStyle = share === undefined ? theme.background : viridis(share, theme.dark);
  context.fill();
  context.strokeStyle = theme.accent;
  context.lineWidth = 2.25;
  context.stroke();
}

function outline(context: Context, box: Box, inset: number, radius: number): void {
  const { x, y, width, height } = corner(box);
  context.beginPath();
  context.roundRect(
    x + inset,
    y + inset,
    Math.max(0, width - 2 * inset),
    Math.max(0, height - 2 * inset),
    radius,
  );
}

const corner = ({ x, y, width, height }: Box): Box => ({
  x: x - width / 2,
  y: y - height / 2,
  width,
  height,
});
