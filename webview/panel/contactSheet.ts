import type { Atlas } from "../atlas.js";
import { h } from "../dom.js";
import { sightedRanking } from "../state/filter.js";
import type { ViewState } from "../state/reduce.js";
import { cut, formatScore, scoreOf } from "../state/words.js";
import type { Theme } from "../theme.js";

/** Pictures on one sheet. */
const MOST = 256;
const GAP = 12;
const TEXT = 18;
const EDGE = 96;

/**
 * The pictures that are there of the candidates that pass the filter, best first, each at a whole multiple of its size with its id and score
 * below; as the URL of a PNG. Undefined where there is no picture.
 */
export function contactSheet(state: ViewState, atlas: Atlas, theme: Theme): string | undefined {
  const { model } = state;
  const members = sightedRanking(state, MOST).flatMap((candidate) => {
    const size = atlas.size(candidate.id);
    return size ? [{ candidate, size }] : [];
  });
  const [first] = members;
  if (!first) return undefined;
  const scale = Math.max(1, Math.round(EDGE / Math.max(...first.size)));
  const width = Math.max(EDGE, ...members.map(({ size }) => size[0] * scale));
  const height = Math.max(...members.map(({ size }) => size[1] * scale));
  const columns = Math.ceil(Math.sqrt(members.length * ((height + TEXT) / width)));
  const rows = Math.ceil(members.length / columns);
  const canvas = h("canvas", {
    width: GAP + columns * (width + GAP),
    height: GAP + rows * (height + TEXT + GAP),
  });
  const context = canvas.getContext("2d")!;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.font = `11px ${theme.font}`;
  context.textBaseline = "middle";
  members.forEach(({ candidate, size }, i) => {
    const x = GAP + (i % columns) * (width + GAP);
    const y = GAP + Math.floor(i / columns) * (height + TEXT + GAP);
    // Twice: a browser smooths what it enlarges, unless the pixels are there already.
    const tile = h("canvas", { width: size[0], height: size[1] });
    atlas.draw(tile.getContext("2d")!, candidate.id, 0, 0, ...size);
    context.imageSmoothingEnabled = false;
    context.drawImage(tile, x, y, size[0] * scale, size[1] * scale);
    const score = scoreOf(candidate, model.searched);
    context.fillStyle = theme.foreground;
    context.textAlign = "left";
    context.fillText(cut(candidate.id), x, y + height + TEXT / 2, width * 0.6);
    context.textAlign = "right";
    context.fillStyle = theme.muted;
    if (score !== undefined)
      context.fillText(formatScore(score), x + width, y + height + TEXT / 2, width * 0.4);
  });
  return canvas.toDataURL("image/png");
}
