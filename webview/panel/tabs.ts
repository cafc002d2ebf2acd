import { h, setAttribute } from "../dom.js";
import type { ViewName } from "../state/reduce.js";

const NAMES: Readonly<Record<ViewName, string>> = {
  tree: "Tree",
  branches: "Branches",
  gallery: "Gallery",
  table: "Table",
};

/** Which picture of the run is shown: one tab is in the tab order, arrow keys change it. */
export class Tabs {
  readonly element = h("div", { class: "tabs", role: "tablist", "aria-label": "Views" });
  private readonly tabs: readonly (readonly [ViewName, HTMLButtonElement])[];

  constructor(show: (view: ViewName) => void) {
    const names = Object.keys(NAMES) as ViewName[];
    this.tabs = names.map((view) => {
      const tab = h("button", { type: "button", role: "tab", class: "tab", "data-view": view }, NAMES[view]);
      tab.addEventListener("click", () => show(view));
      return [view, tab] as const;
    });
    this.element.append(...this.tabs.map(([, tab]) => tab));
    this.element.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      const at = this.tabs.findIndex(([, tab]) => tab === event.target);
      const [view, tab] = this.tabs[(at + step + this.tabs.length) % this.tabs.length]!;
      event.preventDefault();
      show(view);
      tab.focus({ preventScroll: true });
    });
  }

  update(view: ViewName): void {
    for (const [name, tab] of this.tabs) {
      setAttribute(tab, "aria-selected", String(name === view));
      tab.tabIndex = name === view ? 0 : -1;
    }
  }
}
