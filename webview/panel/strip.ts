import type { CandidateRecord } from "../../src/search/record.js";
import type { Atlas } from "../atlas.js";
import { levelText } from "../branches/layout.js";
import { fitCanvas, h, setText } from "../dom.js";
import { drawGrain } from "../grain.js";
import { filmOf, type Film, type Frame } from "../state/film.js";
import { quality } from "../state/model.js";
import { shown, type ViewState } from "../state/reduce.js";
import { cut, formatScore, scoreOf } from "../state/words.js";
import type { Theme } from "../theme.js";
import { viridis } from "../viridis.js";

const EDGE = 42;

export interface StripEvents {
  select(id: string): void;
  cursor(level: number | undefined): void;
}

/**
 * With a kernel, the shown candidate along the noise level: each frame is a level, and the marked one is the cursor of every view. Without one, how
 * it came to be, candidate by candidate; where there is no ancestry, the best.
 */
export class Strip {
  readonly element: HTMLElement;
  private readonly label = h("div", { class: "strip-label" });
  private readonly frames = h("div", { class: "frames" });
  private readonly note = h("p", { class: "strip-note" });
  private drawn = "";
  private film: Film | undefined;
  private filmed: readonly unknown[] = [];

  constructor(private readonly events: StripEvents) {
    this.element = h("footer", { class: "strip" }, this.label, this.frames, this.note);
    this.frames.addEventListener("keydown", (event) => this.onKey(event));
  }

  update(state: ViewState, atlas: Atlas, theme: Theme): void {
    const { model, cursor } = state;
    const candidate = shown(state);
    const now = [model, candidate, state.link, cursor];
    // A pointer that moves changes nothing here, and of a large run the film is a matter of milliseconds.
    if (now.some((value, i) => value !== this.filmed[i])) this.film = candidate && filmOf(state, candidate);
    this.filmed = now;
    const { film } = this;
    // The strip keeps its place from the start: what is below must not move when the first candidate comes.
    const isEmpty = film
      ? film.kind === "best" && !film.frames.some((one) => atlas.has(one.picture))
      : model.ended;
    this.element.hidden = isEmpty;
    if (!film || !candidate) {
      if (this.drawn !== "") this.frames.replaceChildren();
      this.label.replaceChildren(h("span", {}, "Noise level"), h("span", {}, "comes with round 1"));
      setText(this.note, "");
      this.drawn = "";
      return;
    }
    const pictures = film.frames.map(({ picture, candidate }) => [
      picture,
      candidate.scores,
      atlas.size(picture),
    ]);
    const signature = JSON.stringify([
      film.label,
      film.detail,
      film.note,
      pictures,
      candidate.id,
      cursor,
      theme,
      window.devicePixelRatio,
    ]);
    if (signature === this.drawn) return;
    this.drawn = signature;
    this.label.replaceChildren(h("span", {}, film.label), h("strong", {}, film.detail));
    this.label.title = film.note;
    setText(this.note, film.note);
    const focused = [...this.frames.children].findIndex((frame) => frame.matches(":focus"));
    const current = film.frames.findIndex((frame) => isCurrent(film, frame, candidate, cursor));
    const buttons = film.frames.map((frame, i) => this.frame(state, frame, i === current, atlas, theme));
    buttons[Math.max(0, current)]?.setAttribute("tabindex", "0");
    this.frames.replaceChildren(...buttons);
    const focus = film.kind === "levels" && focused >= 0 ? Math.max(0, current) : focused;
    if (focused >= 0) buttons[Math.min(focus, buttons.length - 1)]?.focus({ preventScroll: true });
    // Not scrollIntoView: that would scroll the notebook as well.
    const marked = buttons[current];
    if (marked) this.frames.scrollLeft = marked.offsetLeft + EDGE - this.frames.clientWidth / 2;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.film) return;
    const buttons = [...this.frames.children] as HTMLElement[];
    const at = buttons.indexOf(event.target as HTMLElement);
    const last = buttons.length - 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: last,
    };
    const to = Object.hasOwn(moves, event.key) ? moves[event.key]! : -1;
    if (at < 0 || to < 0 || to > last) return;
    event.preventDefault();
    buttons[to]!.focus({ preventScroll: true });
    this.choose(this.film.frames[to]!);
  }

  private choose({ level, candidate }: Frame): void {
    if (level !== undefined) this.events.cursor(level);
    else this.events.select(candidate.id);
  }

  private frame(
    { model, cursor }: ViewState,
    frame: Frame,
    current: boolean,
    atlas: Atlas,
    theme: Theme,
  ): HTMLElement {
    const { candidate, level, picture } = frame;
    const score = scoreOf(candidate, model.searched);
    const canvas = h("canvas", { "aria-hidden": "true" });
    const context = fitCanvas(canvas, EDGE, EDGE);
    const drawn = atlas.draw(context, picture, 0, 0, EDGE, EDGE);
    if (!drawn) drawStandIn(context, level === undefined ? quality(model, candidate) : undefined, theme);
    const scoreText = score === undefined ? (candidate.round === 0 ? "start" : "–") : formatScore(score);
    const words = level === undefined ? scoreText : levelText(level);
    const named = `${candidate.id}${score === undefined ? "" : `, ${formatScore(score)}`}`;
    const button = h(
      "button",
      {
        ...{ type: "button", class: "frame", tabindex: -1 },
        "data-candidate": candidate.id,
        "data-level": level,
        "aria-current": current ? "true" : undefined,
        "aria-label": level === undefined ? named : `noise level ${levelText(level)}`,
        title: candidate.round === 0 ? cut(candidate.id) : `${cut(candidate.id)} · round ${candidate.round}`,
      },
      canvas,
      h("span", {}, words),
    );
    // Again on the cursor: every view goes back to how its candidates ended.
    button.addEventListener("click", () =>
      current && level !== undefined && cursor !== undefined
        ? this.events.cursor(undefined)
        : this.choose(frame),
    );
    return button;
  }
}

/** Without a cursor the strip stands at where the candidate ended. */
function isCurrent(
  film: Film,
  frame: Frame,
  candidate: CandidateRecord,
  cursor: number | undefined,
): boolean {
  if (film.kind !== "levels") return frame.candidate === candidate;
  return cursor === undefined ? frame === film.frames.at(-1) : frame.level === cursor;
}

/** Where no picture was saved: the colour of the score; noise where there is none either. */
function drawStandIn(context: CanvasRenderingContext2D, share: number | undefined, theme: Theme): void {
  if (share === undefined) return drawGrain(context, 0, 0, EDGE, theme.muted);
  context.fillStyle = viridis(share, theme.dark);
  context.fillRect(0, 0, EDGE, EDGE);
}
