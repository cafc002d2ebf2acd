import { pictureAt, type Atlas } from "../atlas.js";
import type { Pen } from "../pen.js";
import { quality, type RunModel } from "../state/model.js";
import type { Theme } from "../theme.js";
import { viridis } from "../viridis.js";
import { AXIS, type Branch, type BranchLayout } from "./layout.js";
import { PREVIEW } from "./previews.js";
import type { Route } from "./routes.js";

export interface BranchScene {
  readonly layout: BranchLayout;
  readonly model: RunModel;
  readonly theme: Theme;
  readonly atlas: Atlas;
  /** What the filter lets through; the others are faint. */
  readonly passes: (branch: Branch) => boolean;
  /** The noise level that all is at, and who shows a preview there. */
  readonly cursor: number | undefined;
  readonly previews: readonly Branch[];
}

type Context = Pen;

export function drawBranches(context: Context, scene: BranchScene): void {
  const { layout, model } = scene;
  drawGrid(context, scene);
  for (const route of layout.routes) if (!route.isBest) drawRoute(context, scene, route);
  const isBest = ({ candidate }: Branch): boolean => model.bestLineage.has(candidate.id);
  for (const branch of layout.drawn) if (!isBest(branch)) drawBranch(context, scene, branch);
  for (const route of layout.routes) if (route.isBest) drawRoute(context, scene, route);
  const best = apart([...model.bestLineage].flatMap((id) => layout.byBranch.get(id) ?? []));
  for (const branch of best) drawBest(context, scene, branch);
  drawPictures(context, scene, best);
  drawPreviews(context, scene);
}

/** Of a lineage that is longer than the screen is high, one branch in each row of pixels. */
function apart(lineage: readonly Branch[]): readonly Branch[] {
  if (lineage.length <= MANY) return lineage;
  return [...new Map(lineage.map((branch) => [Math.round(branch.y), branch])).values()];
}

const MANY = 1000;

function drawGrid(context: Context, { layout, theme }: BranchScene): void {
  context.strokeStyle = theme.grid;
  context.lineWidth = 1;
  context.beginPath();
  for (const { x, label } of layout.ticks) {
    const at = Math.round(x) + 0.5;
    context.moveTo(at, 0);
    context.lineTo(at, layout.height - (label === "" ? 22 : 20));
  }
  context.stroke();
}

function drawRoute(context: Context, { theme, layout }: BranchScene, { points, kind, isBest }: Route): void {
  context.strokeStyle = isBest ? theme.accent : theme.link;
  // Where steps back lie close together, the branches between them must stand out.
  context.lineWidth = isBest && (kind === "fork" || layout.pitch >= 8) ? 2 : 1;
  context.setLineDash(kind === "back" ? [3, 3] : []);
  context.beginPath();
  const [first, ...rest] = points;
  context.moveTo(...first!);
  rest.forEach((point, i) => {
    const next = rest[i + 1];
    if (next) context.arcTo(...point, ...next, 4);
    else context.lineTo(...point);
  });
  context.stroke();
  context.setLineDash([]);
}

function drawBranch(context: Context, scene: BranchScene, branch: Branch): void {
  const { layout, theme, passes } = scene;
  const { candidate, y, width, parts } = branch;
  const isFaint = !passes(branch);
  const isDropped = candidate.status === "dropped" || candidate.status === "failed";
  context.globalAlpha = isFaint ? 0.12 : isDropped ? 0.6 : 1;
  const thickness = Math.max(layout.pitch >= 1 ? 0.75 : 1, width * (isDropped ? 0.8 : 1));
  for (const { x0, x1, quality } of parts) {
    context.fillStyle = quality === undefined ? theme.link : viridis(quality, theme.dark);
    context.fillRect(x0, y - thickness / 2, Math.max(1, x1 - x0), thickness);
  }
  context.globalAlpha = isFaint ? 0.12 : 1;
  if (layout.pitch >= 6) drawEnd(context, scene, branch);
  context.globalAlpha = 1;
}

/** A cross for who was dropped, a bar for who failed, a point for who lives. */
function drawEnd(
  context: Context,
  { theme, layout }: BranchScene,
  { candidate, x1, y, parts }: Branch,
): void {
  const arm = Math.min(3.2, layout.pitch * 0.28);
  if (candidate.status === "dropped" || candidate.status === "failed") {
    context.strokeStyle = candidate.status === "failed" ? theme.error : theme.muted;
    context.lineWidth = 1.25;
    context.beginPath();
    if (candidate.status === "failed") {
      context.moveTo(x1, y - 1.6 * arm);
      context.lineTo(x1, y + 1.6 * arm);
    } else {
      context.moveTo(x1 - arm, y - arm);
      context.lineTo(x1 + arm, y + arm);
      context.moveTo(x1 + arm, y - arm);
      context.lineTo(x1 - arm, y + arm);
    }
    context.stroke();
    return;
  }
  const quality = parts.at(-1)?.quality;
  context.fillStyle = quality === undefined ? theme.link : viridis(quality, theme.dark);
  context.beginPath();
  context.arc(x1, y, Math.min(3.5, layout.pitch * 0.35), 0, 2 * Math.PI);
  context.fill();
}

function drawBest(context: Context, scene: BranchScene, branch: Branch): void {
  const { theme, model } = scene;
  const { x0, x1, y, candidate } = branch;
  context.lineWidth = Math.max(3, branch.width);
  context.strokeStyle = theme.accent;
  context.lineCap = "round";
  context.beginPath();
  context.moveTo(x0, y);
  context.lineTo(Math.max(x1, x0 + 0.5), y);
  context.stroke();
  context.lineCap = "butt";
  if (candidate !== model.best) return;
  const quality = branch.parts.at(-1)?.quality;
  context.fillStyle = quality === undefined ? theme.background : viridis(quality, theme.dark);
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x1, y, 5, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}

/** Of those that ended clean, where there is room beside the last level; of the best always. */
function drawPictures(context: Context, scene: BranchScene, best: readonly Branch[]): void {
  const { layout, atlas, model, theme, passes } = scene;
  const size = Math.min(26, layout.pitch - 3);
  const one = (branch: Branch, edge: number, frame: string): void => {
    // Not over the numbers of the axis.
    const [x, y] = [branch.x1 + 9, Math.min(branch.y - edge / 2, layout.height - AXIS - edge)];
    if (!atlas.draw(context, branch.candidate.id, x, y, edge, edge)) return;
    context.strokeStyle = frame;
    context.lineWidth = frame === theme.accent ? 2 : 1;
    context.strokeRect(x - 0.5, y - 0.5, edge + 1, edge + 1);
  };
  if (size >= 14) {
    for (const branch of layout.branches) {
      if (branch.candidate.level !== 0 || model.bestLineage.has(branch.candidate.id)) continue;
      context.globalAlpha = !passes(branch) ? 0.12 : branch.candidate.status === "dropped" ? 0.55 : 1;
      one(branch, size, theme.line);
    }
    context.globalAlpha = 1;
  }
  const last = best.at(-1);
  if (last) one(last, Math.max(22, size), theme.accent);
}

/** Right of the cursor, each on its branch; those that are on their way are not there yet. */
function drawPreviews(context: Context, scene: BranchScene): void {
  const { layout, atlas, model, theme, cursor, previews } = scene;
  if (cursor === undefined) return;
  const x = layout.xOf(cursor) + 5;
  for (const branch of previews) {
    const picture = pictureAt(atlas, branch.candidate.id, cursor);
    // How it ended is no preview, unless it ended here.
    if (picture === undefined || (picture === branch.candidate.id && branch.candidate.level !== cursor))
      continue;
    const y = branch.y - PREVIEW / 2;
    if (!atlas.draw(context, picture, x, y, PREVIEW, PREVIEW)) continue;
    const share = quality(model, branch.candidate);
    const isBest = model.bestLineage.has(branch.candidate.id);
    context.strokeStyle = isBest
      ? theme.accent
      : share === undefined
        ? theme.link
        : viridis(share, theme.dark);
    context.lineWidth = isBest ? 2 : 1.5;
    context.strokeRect(x - 0.5, y - 0.5, PREVIEW + 1, PREVIEW + 1);
  }
}
