import { h, setAttribute, setText } from "../dom.js";
import { countedAs, knowsSeconds, type Measure } from "../axis.js";
import type { Home } from "../stage.js";
import type { RunModel } from "../state/model.js";
import type { Columns, ViewState } from "../state/reduce.js";
import { countText, cut, formatScore } from "../state/words.js";
import type { Theme } from "../theme.js";
import { levelTree } from "../tree/levels.js";
import { viridis } from "../viridis.js";

const MEASURES: readonly (readonly [Measure, string])[] = [
  ["nfe", "by NFE"],
  ["forwards", "by forwards"],
  ["calls", "by calls"],
  ["seconds", "by seconds"],
  ["rounds", "by round"],
];

export interface CaptionEvents {
  readonly columns: (columns: Columns) => void;
  /** The verifier whose scores are the colours. */
  readonly colour: (verifier: string) => void;
  readonly measure: (measure: Measure) => void;
  readonly log: (on: boolean) => void;
  /** A factor above 1: less is seen, larger. */
  readonly closer: (factor: number) => void;
}

/** Above the tree: how many there are, and what the colours mean. */
export class Caption {
  readonly element: HTMLElement;
  private readonly count = h("span", {});
  /** Rounds, and who failed: said elsewhere too, so it goes where there is no room. */
  private readonly rest = h("span", { class: "rest" });
  private readonly colour = h("select", { class: "by", "aria-label": "Colour by" });
  private readonly worst = h("span", { class: "number" });
  private readonly ramp = h("span", { class: "ramp" });
  private readonly best = h("span", { class: "number" });
  private readonly scale = h("span", { class: "scale" }, this.worst, this.ramp, this.best);
  private readonly key = h("span", { class: "key" }, this.colour, this.scale);
  private colours = "";

  private readonly by = h(
    "select",
    { class: "by", "aria-label": "Compute counted as" },
    ...MEASURES.map(([value, label]) => h("option", { value }, label)),
  );

  private readonly columns = h(
    "select",
    { class: "by", "aria-label": "Columns of the tree" },
    h("option", { value: "round" }, "tree by round"),
    h("option", { value: "level" }, "tree by level"),
  );

  private readonly log = h(
    "button",
    {
      ...{ type: "button", class: "link log", "aria-pressed": "false" },
      title: "Logarithmic axis of compute",
    },
    "log",
  );

  private readonly out = h(
    "button",
    {
      ...{ type: "button", class: "link", "aria-label": "Less close" },
      title: "Less close (key −, all: key 0)",
    },
    "−",
  );
  private readonly in = h(
    "button",
    {
      ...{ type: "button", class: "link", "aria-label": "Closer" },
      title: "Closer (key +, or pinch; drag to move)",
    },
    "+",
  );
  /** In a cell it stands beside the tree. */
  readonly zoom = h(
    "span",
    { class: "zoom", role: "group", "aria-label": "Zoom along compute" },
    this.out,
    this.in,
  );

  /** `tabs` lead the row, `filter` opens the search and filter. */
  constructor(
    tabs: HTMLElement,
    filter: HTMLElement,
    { columns, colour, measure, log, closer }: CaptionEvents,
  ) {
    this.columns.addEventListener("change", () =>
      columns(this.columns.value === "level" ? "level" : "round"),
    );
    this.colour.addEventListener("change", () => colour(this.colour.value));
    this.log.addEventListener("click", () => log(this.log.getAttribute("aria-pressed") !== "true"));
    this.out.addEventListener("click", () => closer(0.5));
    this.in.addEventListener("click", () => closer(2));
    this.by.addEventListener("change", () =>
      measure(MEASURES.find(([value]) => value === this.by.value)?.[0] ?? "nfe"),
    );
    this.element = h(
      "div",
      { class: "caption" },
      tabs,
      h(
        "span",
        { class: "caption-end" },
        h("span", {}, this.count, this.rest),
        filter,
        this.columns,
        this.by,
        this.log,
        this.zoom,
        this.key,
      ),
    );
  }

  update({ model, columns, measure, log, times, view, zoom }: ViewState, theme: Theme, home: Home): void {
    // Branches and gallery have no axis of compute.
    this.by.hidden = this.log.hidden = this.zoom.hidden = home === "cell" && view !== "tree";
    this.columns.hidden = this.by.hidden || !levelTree(model);
    this.columns.value = columns;
    setAttribute(this.log, "aria-pressed", String(log));
    const seconds = this.by.querySelector<HTMLOptionElement>("[value=seconds]")!;
    seconds.disabled = !knowsSeconds(model, times);
    // A record holds no times, so that the same search always gives the same one.
    seconds.title = seconds.disabled ? "Times are known only while the search is live" : "";
    this.out.disabled = zoom === undefined;
    this.by.value = countedAs(model, measure, times);
    const [candidates = "", ...rest] = countText(model).split(" · ");
    setText(this.count, candidates);
    setText(this.rest, rest.map((part) => ` · ${part}`).join(""));
    this.updateKey(model, theme);
  }

  private updateKey({ domain, coloured, searched, heldOut }: RunModel, theme: Theme): void {
    const isFlat = !domain || domain[0] === domain[1];
    const verifiers = [searched, ...heldOut];
    // One that is flat may have been chosen among others: the way back stays.
    this.key.hidden = isFlat && verifiers.length === 1;
    this.scale.hidden = isFlat;
    const names = JSON.stringify(verifiers.map(({ name }) => name));
    if (names !== this.colours)
      this.colour.replaceChildren(...verifiers.map(({ name }) => h("option", { value: name }, cut(name))));
    this.colours = names;
    this.colour.value = coloured.name;
    this.colour.disabled = verifiers.length === 1;
    const role = coloured === searched ? "searched" : "held out";
    setAttribute(this.key, "title", `Colour: ${cut(coloured.name)}, ${role}`);
    if (!domain) return;
    const [worst, best] = coloured.direction === "higher" ? domain : [domain[1], domain[0]];
    setText(this.worst, formatScore(worst));
    setText(this.best, formatScore(best));
    const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => viridis(share, theme.dark));
    this.ramp.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  }
}
