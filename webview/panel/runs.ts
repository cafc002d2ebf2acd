import { h, setText } from "../dom.js";
import { MOST_OVERLAID, type OtherRun } from "../state/others.js";
import type { ViewState } from "../state/reduce.js";
import { cut, formatScore, scoreOf } from "../state/words.js";

export interface RunsEvents {
  /** Its lines are laid over, or taken away. */
  readonly overlay: (run: string, on: boolean) => void;
  /** For a list that is up to date, and the records of those that are picked. */
  readonly ask: (runs: readonly string[]) => void;
}

/** Picks searches of the same notebook whose traces are laid over this one's; beside each its best, which is what the lines end in. */
export class RunsMenu {
  readonly element: HTMLDetailsElement;
  private readonly summary = h("summary", { title: "Lay other searches of this notebook over this one" });
  private readonly list = h("div", {
    class: "runs-list",
    role: "group",
    "aria-label": "Searches to lay over",
  });
  private drawn: readonly unknown[] = [];
  private picked: readonly string[] = [];

  constructor({ overlay, ask }: RunsEvents) {
    this.element = h("details", { class: "runs" }, this.summary, this.list);
    this.element.addEventListener("toggle", () => this.element.open && ask(this.picked));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.element.open) return;
      this.element.open = false;
      this.summary.focus({ preventScroll: true });
      event.stopPropagation();
    });
    this.list.addEventListener("change", ({ target }) => {
      const { value, checked } = target as HTMLInputElement;
      overlay(value, checked);
      ask([...this.picked.filter((run) => run !== value), ...(checked ? [value] : [])]);
    });
  }

  update({ others, overlaid, measure }: ViewState): void {
    const now = [others, overlaid, measure];
    if (now.every((value, i) => value === this.drawn[i])) return;
    this.drawn = now;
    this.picked = overlaid;
    setText(this.summary, overlaid.length === 0 ? "Overlay runs" : `Overlay runs (${overlaid.length})`);
    const focused = this.list.querySelector<HTMLInputElement>(":focus")?.value;
    const rows = others.map((other) => {
      const isOn = overlaid.includes(other.run);
      const box = h("input", { type: "checkbox", value: other.run, checked: isOn });
      box.disabled = !isOn && overlaid.length >= MOST_OVERLAID;
      return h(
        "label",
        {},
        box,
        h("span", {}, cut(other.name)),
        h("span", { class: "number" }, bestText(other)),
      );
    });
    const none = h("p", { class: "muted" }, "No other cell of this notebook shows a search.");
    const unknown = h(
      "p",
      { class: "muted" },
      "Times are not saved: over seconds only this search has a line.",
    );
    this.list.replaceChildren(
      ...(rows.length > 0 ? rows : [none]),
      ...(measure === "seconds" && overlaid.length > 0 ? [unknown] : []),
    );
    for (const box of this.list.querySelectorAll("input"))
      if (box.value === focused) box.focus({ preventScroll: true });
  }
}

/** By its own searched verifier, which need not be this one's. */
function bestText({ model }: OtherRun): string {
  const score = model?.best && scoreOf(model.best, model.searched);
  return model && score !== undefined ? `${cut(model.searched.name)} ${formatScore(score)}` : "";
}
