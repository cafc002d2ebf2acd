import type { Atlas } from "./atlas.js";
import { computeAxis, type ComputeAxis } from "./axis.js";
import { BranchView, type BranchEvents } from "./branches/index.js";
import { layoutBranches, type BranchLayout } from "./branches/layout.js";
import { h } from "./dom.js";
import { Gallery } from "./panel/gallery.js";
import { Tooltip } from "./panel/tooltip.js";
import type { ViewState } from "./state/reduce.js";
import type { Theme } from "./theme.js";
import { labelOf } from "./trace/overlay.js";
import { TraceView } from "./trace/index.js";
import { tracesOf, type Traces } from "./trace/series.js";
import { TreeView } from "./tree/index.js";
import { layoutTree, type Plot, type TreeLayout } from "./tree/layout.js";

/** In a cell one picture at a time, of a height that does not change; in a panel all of them side by side. */
export type Home = "cell" | "panel";

const TREE_HEIGHT = 212;
const TRACE_HEIGHT = 140;
const PANEL_HEIGHT = 56;
/** A section's name in the panel. */
const HEADING = 30;
const LEAST = 80;

/** What was worked out from one model at one size; kept until either changes. */
interface Kept<T> {
  readonly model: ViewState["model"];
  readonly size: string;
  readonly value: T;
}

interface Computed {
  readonly axis: ComputeAxis;
  readonly layout: TreeLayout;
  readonly traces: Traces;
}

/** The pictures of a run. */
export class Stage {
  readonly element: HTMLElement;
  readonly gallery: Gallery;
  private readonly tree: TreeView;
  private readonly branches: BranchView;
  private readonly trace: TraceView;
  private readonly tooltip = new Tooltip();
  private computed: Kept<Computed> | undefined;
  private branched: Kept<BranchLayout> | undefined;

  constructor(
    events: BranchEvents,
    private readonly home: Home,
  ) {
    this.tree = new TreeView(events);
    this.branches = new BranchView(events);
    this.gallery = new Gallery(events);
    this.trace = new TraceView(events);
    const parts =
      home === "cell"
        ? [this.tree.element, this.branches.element, this.gallery.element, this.trace.element]
        : [
            section("Branches", "branches-section", this.branches.element),
            section("Tree", "tree-section", this.tree.element),
            section("Scores", "trace-section", this.trace.element),
          ];
    this.element = h("div", { class: `stage ${home}` }, ...parts, this.tooltip.element);
  }

  update(state: ViewState, theme: Theme, atlas: Atlas): void {
    this.tooltip.element.hidden = true;
    // A whole number of device pixels at each usual scale: a canvas that is stretched by a fraction is blurred.
    const width = Math.floor(this.element.clientWidth / 4) * 4;
    if (width < LEAST) return;
    if (this.home === "cell") this.updateCell(state, theme, atlas, width);
    else this.updatePanel(state, theme, atlas, width);
  }

  dispose(): void {
    this.trace.dispose();
  }

  private updateCell(state: ViewState, theme: Theme, atlas: Atlas, width: number): void {
    const { view, model } = state;
    this.tree.element.hidden = this.trace.element.hidden = view !== "tree";
    this.branches.element.hidden = view !== "branches";
    this.gallery.element.hidden = view !== "gallery";
    const height = TREE_HEIGHT + TRACE_HEIGHT;
    if (view === "gallery") {
      this.gallery.element.style.minHeight = `${height}px`;
      this.gallery.update(state, atlas);
    } else if (view === "branches") {
      this.drawBranches(state, theme, atlas, { width, height, left: 20, right: width - 60 });
    } else {
      const left = width < 520 ? 44 : 52;
      const plot = { width, height: TREE_HEIGHT, left, right: width - gutter(model, width, theme) };
      const { layout } = this.drawTree(state, theme, atlas, plot);
      this.drawTrace(state, theme, plot, TRACE_HEIGHT);
      this.tooltip.update(state, layout, this.tree.element.offsetTop, atlas);
    }
  }

  private updatePanel(state: ViewState, theme: Theme, atlas: Atlas, width: number): void {
    const rest = this.element.clientHeight - 2 * HEADING;
    const upper = Math.max(200, Math.floor(rest * 0.54));
    const lower = Math.max(180, rest - upper - 8);
    const half = Math.floor(width / 8) * 4 - 4;
    this.drawBranches(state, theme, atlas, { width, height: upper, left: 20, right: width - 60 });
    const plot = { width: half, height: lower, left: 44, right: half - gutter(state.model, half, theme) };
    this.drawTree(state, theme, atlas, { ...plot, right: half - 36 });
    this.drawTrace(state, theme, plot, lower);
    this.gallery.update(state, atlas);
    const layout = this.branched?.value;
    if (layout) this.tooltip.update(state, layout, this.branches.element.offsetTop, atlas);
  }

  private drawTree(state: ViewState, theme: Theme, atlas: Atlas, plot: Plot): Computed {
    const { model, measure } = state;
    const size = JSON.stringify([plot, measure]);
    if (this.computed?.model !== model || this.computed.size !== size) {
      const axis = computeAxis(model, measure);
      const value = { axis, layout: layoutTree(model, axis, plot), traces: tracesOf(model, axis) };
      this.computed = { model, size, value };
    }
    const { value } = this.computed;
    this.tree.element.style.height = `${plot.height}px`;
    this.tree.update(state, value.layout, theme, atlas);
    return value;
  }

  private drawTrace(state: ViewState, theme: Theme, plot: Plot, height: number): void {
    const { traces, axis } = this.computed!.value;
    const tall = this.home === "cell" ? height + PANEL_HEIGHT * (traces.panels.length - 1) : height;
    const marked = state.hovered ?? state.selected;
    this.trace.update({ traces, axis, plot: { ...plot, height: tall }, theme, marked, sight: state.sight });
  }

  private drawBranches(state: ViewState, theme: Theme, atlas: Atlas, plot: Plot): void {
    const size = JSON.stringify(plot);
    const { model } = state;
    if (this.branched?.model !== model || this.branched.size !== size)
      this.branched = { model, size, value: layoutBranches(model, plot) };
    const { value } = this.branched;
    this.branches.update(state, value, theme, atlas);
    this.tooltip.update(state, value, this.branches.element.offsetTop, atlas);
  }
}

function section(name: string, className: string, ...children: readonly HTMLElement[]): HTMLElement {
  return h(
    "section",
    { class: className, "aria-label": name },
    h("h4", { class: "section-name" }, name),
    ...children,
  );
}

const ruler = document.createElement("canvas");

/** Room on the right for the labels at the lines' ends. */
function gutter(model: ViewState["model"], width: number, theme: Theme): number {
  const context = ruler.getContext("2d")!;
  context.font = `11px ${theme.font}`;
  const widths = [model.searched, ...model.heldOut].map(
    (verifier) => context.measureText(labelOf(verifier, width)).width,
  );
  return Math.ceil(Math.min(0.26 * width, Math.max(64, 16 + Math.max(...widths))));
}
