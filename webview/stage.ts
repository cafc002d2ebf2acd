import type { CandidateRecord } from "../src/search/record.js";
import type { Atlas } from "./atlas.js";
import type { ComputeAxis } from "./axis.js";
import { BranchView, type BranchEvents } from "./branches/index.js";
import { layoutBranches, type BranchLayout } from "./branches/layout.js";
import { h } from "./dom.js";
import { gutter } from "./gutter.js";
import { CandidateTable } from "./panel/candidateTable.js";
import { Gallery, galleryOf } from "./panel/gallery.js";
import { section } from "./panel/section.js";
import { Tooltip } from "./panel/tooltip.js";
import type { Drawing } from "./pen.js";
import { droppedSubtrees } from "./state/fold.js";
import type { OtherRun } from "./state/others.js";
import type { ViewState } from "./state/reduce.js";
import type { Theme } from "./theme.js";
import { TraceView } from "./trace/index.js";
import { overlaidOf, sharedAxis } from "./trace/overlays.js";
import { tracesOf, type Traces } from "./trace/series.js";
import { LABELS } from "./tree/draw.js";
import { TreeView, type TreeSight, type ZoomEvents } from "./tree/index.js";
import { layoutTree, type Plot, type TreeLayout } from "./tree/layout.js";
import { levelTree } from "./tree/levels.js";
import { magnification, panBy, windowOf } from "./zoom.js";

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

interface Counted {
  readonly axis: ComputeAxis;
  readonly traces: Traces;
}

/** The pictures of a run. */
export class Stage {
  readonly element: HTMLElement;
  readonly gallery: Gallery;
  readonly table: CandidateTable;
  private readonly tree: TreeView;
  private readonly branches: BranchView;
  private readonly trace: TraceView;
  private readonly tooltip = new Tooltip();
  private counted: (Kept<Counted> & { readonly overlaid: readonly OtherRun[] }) | undefined;
  private laidOut: Kept<TreeLayout> | undefined;
  private revealed: string | undefined;
  private size: readonly [width: number, height: number] | undefined;
  private branched: Kept<BranchLayout> | undefined;

  constructor(
    private readonly events: BranchEvents & ZoomEvents,
    private readonly home: Home,
    /** Beside the heading of the scores, in a panel. */
    beside?: HTMLElement,
  ) {
    this.tree = new TreeView(events);
    this.branches = new BranchView(events);
    this.gallery = new Gallery(events);
    this.table = new CandidateTable(events);
    this.trace = new TraceView(events);
    const parts =
      home === "cell"
        ? [this.tree, this.branches, this.gallery, this.table, this.trace].map(({ element }) => element)
        : [
            section("Branches", "branches-section", this.branches.element),
            section("Tree", "tree-section", this.tree.element),
            section("Scores", "trace-section", ...(beside ? [beside] : []), this.trace.element),
          ];
    this.element = h("div", { class: `stage ${home}` }, ...parts, this.tooltip.element);
  }

  /** What is in sight on canvases, to be drawn again. */
  get drawings(): readonly Drawing[] {
    return [this.tree, this.branches, this.trace].flatMap(({ drawings }) => drawings);
  }

  /** Candidates whose pictures at the cursor's level are to be seen. */
  inSight(state: ViewState): readonly CandidateRecord[] {
    if (state.cursor === undefined) return [];
    const shows = (view: ViewState["view"]): boolean => this.home === "panel" || state.view === view;
    return [
      ...(shows("gallery") ? galleryOf(state) : []),
      ...(shows("branches") ? this.branches.previews(state).map(({ candidate }) => candidate) : []),
      ...(shows("tree") ? this.tree.inSight(state) : []),
    ];
  }

  /** True when it has another size than it was drawn at. */
  resized(): boolean {
    const [width, height] = this.size ?? [0, 0];
    this.size = this.measure();
    return this.size[0] !== width || (this.home === "panel" && this.size[1] !== height);
  }

  /** Asked for once, not at each frame: an answer makes the browser lay out the page. */
  private measure(): readonly [width: number, height: number] {
    return [this.element.clientWidth, this.element.clientHeight];
  }

  update(state: ViewState, theme: Theme, atlas: Atlas): void {
    this.tooltip.element.hidden = true;
    // A whole number of device pixels at each usual scale: a canvas that is stretched by a fraction is blurred.
    this.size ??= this.measure();
    const width = Math.floor(this.size[0] / 4) * 4;
    if (width < LEAST) return void (this.size = undefined);
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
    this.table.element.hidden = view !== "table";
    const height = TREE_HEIGHT + TRACE_HEIGHT;
    if (view === "table") {
      this.table.element.style.height = `${height}px`;
      this.table.update(state);
    } else if (view === "gallery") {
      this.gallery.element.style.minHeight = `${height}px`;
      this.gallery.update(state, atlas);
    } else if (view === "branches") {
      this.drawBranches(state, theme, atlas, { width, height, left: 20, right: width - 60 });
    } else {
      const left = width < 520 ? 44 : 52;
      const plot = { width, height: TREE_HEIGHT, left, right: width - gutter(model, width, theme) };
      const seen = this.drawTree(state, theme, atlas, plot);
      this.drawTrace(state, theme, plot, TRACE_HEIGHT);
      const at = { shift: seen.shift, element: this.tree.element };
      this.tooltip.update(state, seen.layout, at, atlas);
    }
  }

  private updatePanel(state: ViewState, theme: Theme, atlas: Atlas, width: number): void {
    const rest = this.size![1] - 2 * HEADING;
    const upper = Math.max(200, Math.floor(rest * 0.54));
    const lower = Math.max(180, rest - upper - 8);
    const half = Math.floor(width / 8) * 4 - 4;
    this.drawBranches(state, theme, atlas, { width, height: upper, left: 20, right: width - 60 });
    const plot = {
      width: half,
      height: lower,
      left: 44,
      right: half - gutter(state.model, half, theme, overlaidOf(state)),
    };
    this.drawTree(state, theme, atlas, { ...plot, right: half - 36, height: lower - 10 });
    this.drawTrace(state, theme, plot, lower);
    this.gallery.update(state, atlas);
    // Only who cannot see the pictures needs it here, and it is read again at each change.
    this.table.element.hidden = !document.body.classList.contains("vscode-using-screen-reader");
    if (!this.table.element.hidden) this.table.update(state);
    const layout = this.branched?.value;
    if (layout) this.tooltip.update(state, layout, { shift: 0, element: this.branches.element }, atlas);
  }

  /** A zoomed tree is laid out as wide as it is; what is seen of it is moved under the plot, so that panning lays out nothing anew. */
  private drawTree(state: ViewState, theme: Theme, atlas: Atlas, plot: Plot): TreeSight {
    const { model, measure, log, times, zoom } = state;
    const { left, right } = plot;
    const width = (right - left) * magnification(zoom);
    const counting = JSON.stringify([measure, log, times.length]);
    const overlaid = overlaidOf(state);
    const isCounted =
      this.counted?.model === model &&
      this.counted.size === counting &&
      this.counted.overlaid.length === overlaid.length &&
      overlaid.every((other, i) => other === this.counted!.overlaid[i]);
    if (!isCounted) {
      const { axis, overlays } = sharedAxis(state, overlaid);
      const value = { axis, traces: tracesOf(model, axis, overlays) };
      this.counted = { model, size: counting, overlaid, value };
    }
    const { axis } = this.counted!.value;
    const levels = state.columns === "level" ? levelTree(model) : undefined;
    const { folded } = state.filter;
    const size = JSON.stringify([plot, counting, axis.max, levels !== undefined, width.toFixed(3), folded]);
    if (this.laidOut?.model !== model || this.laidOut.size !== size) {
      const wide = { ...plot, right: left + width, top: levels || this.home === "panel" ? LABELS : 0 };
      const hidden = folded ? droppedSubtrees(model) : undefined;
      const value = layoutTree(levels?.model ?? model, levels?.axis ?? axis, wide, hidden);
      this.laidOut = { model, size, value };
    }
    const layout = this.laidOut.value;
    const shift = -Math.round((zoom?.[0] ?? 0) * width);
    const values = windowOf(axis, zoom).ticks;
    const ticks = levels
      ? layout.ticks.map((x) => x + shift)
      : values.map((tick) => left + (tick / axis.max) * width + shift);
    // In a cell the traces below have the numbers of the compute.
    const numbers = this.home === "panel" ? values.map((tick) => axis.text(tick)) : [];
    const labels = levels?.labels ?? numbers.map((text, i) => (i === 0 ? `${text} ${axis.name}` : text));
    const seen = { layout, zoom, left, right, shift, ticks, labels };
    this.tree.element.style.height = `${plot.height}px`;
    this.tree.update(state, seen, theme, atlas);
    this.reveal(state, seen);
    return seen;
  }

  /** A candidate that is newly selected comes into sight. */
  private reveal({ selected, zoom }: ViewState, { layout, shift, left, right }: TreeSight): void {
    const isNew = selected !== this.revealed;
    this.revealed = selected;
    const node = isNew && zoom && selected !== undefined ? layout.byId.get(selected) : undefined;
    const x = node && node.x + shift;
    if (x === undefined || (x >= left && x <= right)) return;
    queueMicrotask(() => this.events.zoom(panBy(zoom, (x - (left + right) / 2) / (right - left))));
  }

  private drawTrace(state: ViewState, theme: Theme, plot: Plot, height: number): void {
    const { traces, axis } = this.counted!.value;
    const { zoom, sight } = state;
    const tall = this.home === "cell" ? height + PANEL_HEIGHT * (traces.panels.length - 1) : height;
    const marked = state.hovered ?? state.selected;
    const window = windowOf(axis, zoom);
    this.trace.update({ traces, axis, window, zoom, plot: { ...plot, height: tall }, theme, marked, sight });
  }

  private drawBranches(state: ViewState, theme: Theme, atlas: Atlas, plot: Plot): void {
    const size = JSON.stringify(plot);
    const { model } = state;
    if (this.branched?.model !== model || this.branched.size !== size)
      this.branched = { model, size, value: layoutBranches(model, plot) };
    const { value } = this.branched;
    this.branches.update(state, value, theme, atlas);
    this.tooltip.update(state, value, { shift: 0, element: this.branches.element }, atlas);
  }
}
