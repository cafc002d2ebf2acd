import type { Atlas } from "../atlas.js";
import { fitCanvas, h } from "../dom.js";
import type { ViewState } from "../state/reduce.js";
import { cut, formatScore, scoreOf, statusText } from "../state/words.js";
import type { TreeLayout } from "../tree/layout.js";

/** What lies under the pointer; with its picture where the tree is too dense to show one. */
export class Tooltip {
  readonly element = h("div", { class: "tooltip", role: "presentation", hidden: true });

  update(
    state: ViewState,
    layout: Pick<TreeLayout, "byId" | "width" | "height">,
    place: { readonly shift: number; readonly element: HTMLElement },
    atlas: Atlas,
  ): void {
    const candidate = state.hovered === undefined ? undefined : state.model.byId.get(state.hovered);
    const node = candidate && layout.byId.get(candidate.id);
    this.element.hidden = !node;
    if (!candidate || !node) return;
    const { model } = state;
    const rows = [model.searched, ...model.heldOut].flatMap((verifier) => {
      const score = scoreOf(candidate, verifier);
      return score === undefined
        ? []
        : [h("div", { class: "row" }, h("span", {}, cut(verifier.name)), h("span", {}, formatScore(score)))];
    });
    const canvas = h("canvas", {});
    const pictured = node.width < 30 && atlas.draw(fitCanvas(canvas, 56, 56), candidate.id, 0, 0, 56, 56);
    const words = `${cut(candidate.id)} · ${candidate === model.best ? "best" : statusText(candidate)}`;
    this.element.replaceChildren(
      ...(pictured ? [canvas] : []),
      h("div", { class: "words" }, h("div", { class: "name" }, words), ...rows),
    );
    const { offsetWidth, offsetHeight } = this.element;
    const top = place.element.offsetTop;
    const x = node.x + place.shift;
    const beside = x + node.width / 2 + 10;
    const left = beside + offsetWidth > layout.width ? x - node.width / 2 - 10 - offsetWidth : beside;
    const above = top + node.y - offsetHeight / 2;
    this.element.style.left = `${Math.max(0, left)}px`;
    this.element.style.top = `${Math.max(0, Math.min(above, top + layout.height - offsetHeight + 40))}px`;
  }
}
