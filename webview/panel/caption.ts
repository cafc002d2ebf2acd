import { h, setText } from "../dom.js";
import type { RunModel } from "../state/model.js";
import { countText, cut, formatScore } from "../state/words.js";
import type { Theme } from "../theme.js";
import { viridis } from "../viridis.js";

/** Above the tree: how many there are, and what the colours mean. */
export class Caption {
  readonly element: HTMLElement;
  private readonly count = h("span", {});
  private readonly name = h("span", {});
  private readonly worst = h("span", { class: "number" });
  private readonly ramp = h("span", { class: "ramp" });
  private readonly best = h("span", { class: "number" });
  private readonly key = h("span", { class: "key" }, this.name, this.worst, this.ramp, this.best);

  /** `tabs` lead the row, `filter` opens the search and filter. */
  constructor(tabs: HTMLElement, filter: HTMLElement) {
    this.element = h(
      "div",
      { class: "caption" },
      tabs,
      h("span", { class: "caption-end" }, this.count, filter, this.key),
    );
  }

  update(model: RunModel, theme: Theme): void {
    setText(this.count, countText(model));
    const { domain, searched } = model;
    this.key.hidden = !domain || domain[0] === domain[1];
    if (!domain) return;
    const [worst, best] = searched.direction === "higher" ? domain : [domain[1], domain[0]];
    setText(this.name, cut(searched.name));
    setText(this.worst, formatScore(worst));
    setText(this.best, formatScore(best));
    const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => viridis(share, theme.dark));
    this.ramp.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  }
}
