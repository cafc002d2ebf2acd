import type { CandidateRecord } from "../../src/search/record.js";
import { pictureAt, type Atlas } from "../atlas.js";
import { levelText } from "../branches/layout.js";
import { h, setAttribute } from "../dom.js";
import { gridMove } from "../gridMove.js";
import { sightedRanking } from "../state/filter.js";
import type { ViewState } from "../state/reduce.js";
import { isFinished } from "../state/model.js";
import { candidateText, cut, formatScore, scoreOf } from "../state/words.js";
import type { TreeEvents } from "../tree/index.js";

/** How many are shown at once. */
export const GALLERY = 24;

/** Of those that pass the filter, the best by the searched verifier. */
export const galleryOf = (state: ViewState): readonly CandidateRecord[] => sightedRanking(state, GALLERY);

/** The best candidates side by side, at the noise level of the cursor. */
export class Gallery {
  readonly element = h("div", { class: "gallery", role: "listbox", "aria-label": "Best candidates" });
  private drawn: readonly unknown[] = [];
  private members: readonly CandidateRecord[] = [];

  constructor(private readonly events: TreeEvents) {
    const idOf = (event: Event): string | undefined =>
      (event.target as Element).closest<HTMLElement>("[data-candidate]")?.dataset["candidate"];
    this.element.addEventListener("click", (event) => events.select(idOf(event), event.shiftKey));
    this.element.addEventListener("pointermove", (event) => events.hover(idOf(event)));
    this.element.addEventListener("pointerleave", () => events.hover(undefined));
    this.element.addEventListener("keydown", (event) => this.onKey(event));
  }

  update(state: ViewState, atlas: Atlas): void {
    const { model, sight, cursor, selected, compared } = state;
    const now = [model, sight, cursor, atlas.version, selected, compared];
    if (now.every((value, i) => value === this.drawn[i]) && now.length === this.drawn.length) return;
    this.drawn = now;
    this.members = galleryOf(state);
    const focused = this.element.querySelector<HTMLElement>(":focus")?.dataset["candidate"];
    const cards = this.members.map((candidate, i) => {
      const id = pictureAt(atlas, candidate.id, cursor);
      const [width, height] = (id !== undefined && atlas.size(id)) || [1, 1];
      const canvas = h("canvas", { width, height, "aria-hidden": "true" });
      if (id !== undefined) atlas.draw(canvas.getContext("2d")!, id, 0, 0, width, height);
      const score = scoreOf(candidate, model.searched);
      const isShown = candidate.id === selected || (selected === undefined && candidate === model.best);
      const card = h(
        "button",
        {
          ...{ type: "button", class: "card", role: "option", "data-candidate": candidate.id },
          ...{ title: titleOf(candidate), "aria-label": `${i + 1}: ${candidateText(model, candidate)}` },
          "aria-selected": String(isShown),
          tabindex: isShown || (i === 0 && !this.members.some(({ id }) => id === selected)) ? 0 : -1,
        },
        canvas,
        h("span", {}, score === undefined ? "–" : formatScore(score)),
        // Its score is of a preview: it comes behind those of final images, whatever it is.
        ...(isFinished(candidate) ? [] : [h("span", { class: "at" }, `at ${levelText(candidate.level)}`)]),
      );
      setAttribute(card, "data-compared", candidate.id === compared);
      setAttribute(card, "data-empty", id === undefined);
      return card;
    });
    if (cards.length === 0) {
      const words = model.first ? "No candidate passes the filter." : "No candidate has a score yet.";
      this.element.replaceChildren(h("p", { class: "muted" }, words));
      return;
    }
    this.element.replaceChildren(...cards);
    if (focused !== undefined)
      cards.find((card) => card.dataset["candidate"] === focused)?.focus({ preventScroll: true });
  }

  private onKey(event: KeyboardEvent): void {
    const cards = [...this.element.querySelectorAll<HTMLElement>(".card")];
    const next = gridMove(event, cards, cards.indexOf(event.target as HTMLElement));
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    this.events.select(next.dataset["candidate"], event.shiftKey);
  }
}

function titleOf(candidate: CandidateRecord): string {
  const { id, level } = candidate;
  return isFinished(candidate) ? cut(id) : `${cut(id)}, a preview at noise level ${levelText(level)}`;
}
