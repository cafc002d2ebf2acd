import { h } from "../dom.js";
import type { Home } from "../stage.js";
import type { Filter } from "../state/filter.js";
import type { ViewState } from "../state/reduce.js";
import { FilterBar, type FilterControls } from "./filterBar.js";

export interface FilterEvents {
  readonly filter: (change: Partial<Filter>) => void;
  /** Everything is to be seen again. */
  readonly clear: () => void;
  /** Enter: who was looked for is to be shown. */
  readonly find: () => void;
}

const FIELDS = "input:not([type=checkbox]), vscode-text-field";

/** Search and filter: in a cell behind a button, in a panel always there. */
export class FilterDrawer {
  readonly button = h(
    "button",
    {
      ...{ type: "button", class: "link", "aria-expanded": "false" },
      title: "Search by id, filter by status, score, round and noise level",
    },
    "Filter",
  );
  private readonly controls: FilterControls;

  /** `make`: controls other than the built-in ones. */
  constructor(
    home: Home,
    { filter, clear, find }: FilterEvents,
    make?: (filter: FilterEvents["filter"], clear: () => void) => FilterControls,
  ) {
    const close = (): void => {
      clear();
      if (home === "panel") return;
      this.open(false);
      this.button.focus({ preventScroll: true });
    };
    this.controls = make?.(filter, close) ?? new FilterBar(filter, close);
    this.button.addEventListener("click", () => this.open(this.element.hidden === true));
    this.element.addEventListener("keydown", ({ key, target }) => {
      if (key === "Enter" && (target as Element).matches(FIELDS)) find();
    });
    this.element.hidden = home === "cell";
    this.button.hidden = home === "panel";
  }

  get element(): HTMLElement {
    return this.controls.element;
  }

  update(state: ViewState): void {
    this.controls.update(state);
  }

  private open(isOpen: boolean): void {
    this.element.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.element.querySelector("input")?.focus({ preventScroll: true });
  }
}
