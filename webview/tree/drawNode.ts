import { pictureAt } from "../atlas.js";
import { drawGrain } from "../grain.js";
import type { Pen } from "../pen.js";
import { quality } from "../state/model.js";
import { viridis } from "../viridis.js";
import { NARROW } from "./arrange.js";
import type { Scene } from "./draw.js";
import type { Box, Fold, PlacedNode } from "./layout.js";

type Context = Pen;

export function drawPicture(context: Context, scene: Scene, node: PlacedNode): void {
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
  // On a dark background the same share of a bright picture is harder to make out.
  context.globalAlpha = dropped ? (theme.dark ? 0.6 : 0.45) : 1;
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
export function drawCell(context: Context, scene: Scene, node: PlacedNode): void {
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

export function drawStrip(context: Context, { model, theme }: Scene, node: PlacedNode): void {
  const share = quality(model, node.candidate);
  context.fillStyle = share === undefined ? theme.grid : viridis(share, theme.dark);
  // A hair taller than its row, or the background shines through between rows; columns that touch likewise.
  const least = 1 / (window.devicePixelRatio || 1);
  context.fillRect(
    node.x - node.width / 2,
    node.y - node.height / 2,
    node.width + (node.width < NARROW ? 0.4 : 0),
    Math.max(node.height, least) + 0.4,
  );
}

/** The best among small ones: ringed in the accent, on a ring of background so that it stands out from its neighbours. */
export function drawMark(
  context: Context,
  { theme, model, layout }: Scene,
  node: PlacedNode,
  size: number,
): void {
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

/** A stack of those that are folded, and how many they are. */
export function drawFold(context: Context, { theme }: Scene, fold: Fold): void {
  const text = `+${fold.hidden}`;
  context.font = `11px ${theme.font}`;
  const width = Math.max(20, context.measureText(text).width + 10);
  const box = { ...fold, width, height: 18 };
  for (const behind of [4, 2, 0]) {
    outline(context, { ...box, x: box.x + behind / 2, y: box.y - behind }, 0.5, 4);
    context.fillStyle = theme.background;
    context.fill();
    context.strokeStyle = theme.link;
    context.lineWidth = 1;
    context.stroke();
  }
  context.fillStyle = theme.muted;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, fold.x, fold.y + 0.5);
}

export function outline(context: Context, box: Box, inset: number, radius: number): void {
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

export const corner = ({ x, y, width, height }: Box): Box => ({
  x: x - width / 2,
  y: y - height / 2,
  width,
  height,
});
