import type { CandidateRecord } from "../../src/search/record.js";
import type { Atlas } from "../atlas.js";
import { fitCanvas, h } from "../dom.js";
import { drawGrain } from "../grain.js";
import { lineageOf, quality, ranking, type RunModel } from "../state/model.js";
import { shown, type ViewState } from "../state/reduce.js";
import { cut, formatScore, plural, scoreOf, whole } from "../state/words.js";
import type { Theme } from "../theme.js";
import { viridis } from "../viridis.js";

/** Longer film strips show their end, and say so. */
const MOST = 60;
const EDGE = 42;

interface Film {
  readonly label: string;
  readonly detail: string;
  readonly frames: readonly CandidateRecord[];
  readonly lineage: boolean;
}

/** How the shown candidate came to be, frame by frame; where there is no ancestry, the best candidates. */
export class Strip {
  readonly element: HTMLElement;
  private readonly label = h("div", { class: "strip-label" });
  private readonly frames = h("div", { class: "frames" });
  private drawn = "";
  private model: RunModel | undefined;
  private candidate: CandidateRecord | undefined;
  private film: Film | undefined;

  constructor(private readonly select: (id: string) => void) {
    this.element = h("footer", { class: "strip" }, this.label, this.frames);
  }

  update(state: ViewState, atlas: Atlas, theme: Theme): void {
    const { model } = state;
    const candidate = shown(state);
    if (model !== this.model || candidate !== this.candidate)
      this.film = candidate && filmOf(model, candidate);
    [this.model, this.candidate] = [model, candidate];
    const film = this.film;
    // The strip keeps its place from the start: what is below must not move when the first candidate comes.
    this.element.hidden = film ? !film.lineage && !film.frames.some(({ id }) => atlas.has(id)) : model.ended;
    if (!film || !candidate) {
      if (this.drawn !== "") this.frames.replaceChildren();
      this.label.replaceChildren(h("span", {}, "Lineage"), h("span", {}, "comes with round 1"));
      this.drawn = "";
      return;
    }
    const pictures = film.frames.map(({ id, scores }) => [id, scores, atlas.size(id)]);
    const signature = JSON.stringify([
      film.label,
      film.detail,
      pictures,
      candidate.id,
      theme,
      window.devicePixelRatio,
    ]);
    if (signature === this.drawn) return;
    this.drawn = signature;
    this.label.replaceChildren(h("span", {}, film.label), h("strong", {}, film.detail));
    const focused = this.frames.querySelector(":focus")?.getAttribute("data-candidate");
    this.frames.replaceChildren(
      ...film.frames.map((frame) => this.frame(model, frame, frame === candidate, atlas, theme)),
    );
    const buttons = [...this.frames.querySelectorAll<HTMLElement>("button")];
    const current = buttons.find((button) => button.getAttribute("aria-current") === "true");
    if (focused !== null && focused !== undefined) {
      buttons
        .find((button) => button.getAttribute("data-candidate") === focused)
        ?.focus({ preventScroll: true });
    }
    // Not scrollIntoView: that would scroll the notebook as well.
    if (current) this.frames.scrollLeft = current.offsetLeft + EDGE - this.frames.clientWidth / 2;
  }

  private frame(
    model: RunModel,
    frame: CandidateRecord,
    current: boolean,
    atlas: Atlas,
    theme: Theme,
  ): HTMLElement {
    const score = scoreOf(frame, model.searched);
    const canvas = h("canvas", { "aria-hidden": "true" });
    const context = fitCanvas(canvas, EDGE, EDGE);
    const drawn = atlas.draw(context, frame.id, 0, 0, EDGE, EDGE);
    if (!drawn) drawStandIn(context, quality(model, frame), theme);
    const button = h(
      "button",
      {
        type: "button",
        class: "frame",
        "data-candidate": frame.id,
        "aria-current": current ? "true" : undefined,
        "aria-label": `${frame.id}${score === undefined ? "" : `, ${formatScore(score)}`}`,
        title: frame.round === 0 ? cut(frame.id) : `${cut(frame.id)} · round ${frame.round}`,
      },
      canvas,
      h("span", {}, score === undefined ? (frame.round === 0 ? "start" : "–") : formatScore(score)),
    );
    button.addEventListener("click", () => this.select(frame.id));
    return button;
  }
}

function filmOf(model: RunModel, candidate: CandidateRecord): Film | undefined {
  const lineage = lineageOf(model, candidate.id).map((id) => model.byId.get(id)!);
  if (lineage.length > 1) {
    const cutOff = lineage.length > MOST ? `last ${MOST} of ${whole(lineage.length)}` : cut(candidate.id);
    return { label: "Lineage of", detail: cutOff, frames: lineage.slice(-MOST), lineage: true };
  }
  const all = model.record.candidates.filter(
    ({ scores }) => scores[model.searched.name] !== undefined,
  ).length;
  const best = ranking(model, 16);
  if (best.length < 2) return undefined;
  const label = all > best.length ? `Best ${best.length} of` : "Best first";
  return { label, detail: plural(all, "candidate"), frames: best, lineage: false };
}

/** Where no picture was saved: the colour of the score; noise where there is none either. */
function drawStandIn(context: CanvasRenderingContext2D, share: number | undefined, theme: Theme): void {
  if (share === undefined) return drawGrain(context, 0, 0, EDGE, theme.muted);
  context.fillStyle = viridis(share, theme.dark);
  context.fillRect(0, 0, EDGE, EDGE);
}
