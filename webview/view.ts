import uplotCss from "uplot/dist/uPlot.min.css";
import type { Look, SearchAction, ViewRequest } from "../src/kernel/protocol.js";
import { Atlas } from "./atlas.js";
import { BranchView } from "./branches/index.js";
import { layoutBranches, type BranchLayout } from "./branches/layout.js";
import { computeAxis, type ComputeAxis } from "./axis.js";
import { h, setText } from "./dom.js";
import { Looking } from "./looking.js";
import { Ballot } from "./panel/ballot.js";
import { Caption } from "./panel/caption.js";
import { FilterBar } from "./panel/filterBar.js";
import { Gallery } from "./panel/gallery.js";
import { Head } from "./panel/head.js";
import { Side } from "./panel/side.js";
import { Strip } from "./panel/strip.js";
import { TraceTable } from "./panel/table.js";
import { Tabs } from "./panel/tabs.js";
import { Tooltip } from "./panel/tooltip.js";
import { reduce, shown, type Happening, type ViewState } from "./state/reduce.js";
import { announcement, hackingSentences, oddSentences } from "./state/words.js";
import { onThemeChange, readTheme, type Theme } from "./theme.js";
import { TraceView } from "./trace/index.js";
import { labelOf } from "./trace/overlay.js";
import { tracesOf, type Traces } from "./trace/series.js";
import { TreeView } from "./tree/index.js";
import { layoutTree, type Plot, type TreeLayout } from "./tree/layout.js";
import viewCss from "./view.css";

/** Fixed, so that the output's height is known at once and does not move while the search runs. */
const TREE_HEIGHT = 212;
const TRACE_HEIGHT = 140;
const PANEL_HEIGHT = 56;

type WriteRequest = Extract<ViewRequest, { type: "write" }>;

export interface ViewOptions {
  /** Absent where there is no kernel to act. */
  readonly act?: (action: SearchAction) => void;
  /** Has a cell written. */
  readonly write?: (request: WriteRequest) => void;
  /** Asks for pictures. */
  readonly look?: (looks: readonly Look[]) => void;
  /** After each change of state, e.g. to ask for a snapshot or to keep the selection. */
  readonly changed?: (state: ViewState) => void;
}

/** Everything worked out from one record at one size; kept until either changes. */
interface Picture {
  readonly model: ViewState["model"];
  readonly plot: Plot;
  computed?: { readonly axis: ComputeAxis; readonly layout: TreeLayout; readonly traces: Traces };
  branches?: BranchLayout;
}

/** The compact view of one run: the interpreter around the reducer. */
export class SearchView {
  readonly element: HTMLElement;
  private readonly probe = h("span", { class: "probe", "aria-hidden": "true" });
  private readonly head: Head;
  private readonly ballot: Ballot;
  private readonly main: HTMLElement;
  private readonly tabs: Tabs;
  private readonly filterButton = h(
    "button",
    {
      type: "button",
      class: "link",
      "aria-expanded": "false",
      title: "Search by id, filter by status and score",
    },
    "Filter",
  );
  private readonly filterBar: FilterBar;
  private readonly caption: Caption;
  private readonly tree: TreeView;
  private readonly branches: BranchView;
  private readonly gallery: Gallery;
  private readonly trace: TraceView;
  private readonly looking: Looking;
  private readonly side: Side;
  private readonly strip: Strip;
  private readonly tooltip = new Tooltip();
  private readonly table = new TraceTable();
  private readonly notes = h("div", { class: "notes" });
  private readonly live = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  private readonly plots: HTMLElement;
  private readonly atlas = new Atlas(() => this.schedule());
  private readonly ends: (() => void)[] = [];
  private theme: Theme | undefined;
  private picture: Picture | undefined;
  private frame: number | undefined;

  constructor(
    private current: ViewState,
    private readonly options: ViewOptions,
  ) {
    const select = (id: string | undefined, beside = false): void =>
      this.dispatch({ type: beside ? "compare" : "select", id });
    const hover = (id: string | undefined): void => this.dispatch({ type: "hover", id });
    this.head = new Head((kind) => this.act(kind === "step" ? { kind, rounds: 1 } : { kind }));
    this.ballot = new Ballot({
      pick: (action) => this.act(action),
      say: (words) => setText(this.live, words),
    });
    this.tabs = new Tabs((view) => this.dispatch({ type: "view", view }));
    this.caption = new Caption(this.tabs.element, this.filterButton);
    this.filterBar = new FilterBar(
      (filter) => this.dispatch({ type: "filter", filter }),
      () => {
        this.dispatch({ type: "cursor", level: undefined });
        this.openFilter(false);
        this.filterButton.focus({ preventScroll: true });
      },
    );
    this.filterButton.addEventListener("click", () =>
      this.openFilter(this.filterBar.element.hidden === true),
    );
    this.filterBar.element.hidden = true;
    this.tree = new TreeView({ select, hover });
    this.branches = new BranchView({
      select,
      hover,
      band: (band) => this.dispatch({ type: "filter", filter: { band } }),
    });
    this.gallery = new Gallery({ select, hover });
    this.looking = new Looking((looks) => this.options.look?.(looks), this.atlas);
    this.trace = new TraceView({ select, hover });
    this.side = new Side({
      select,
      copy: (text) => copy(text, this.probe),
      compare: (id) => this.dispatch({ type: "compare", id }),
      write: (kind) => this.write(kind),
    });
    this.strip = new Strip({ select, cursor: (level) => this.dispatch({ type: "cursor", level }) });
    this.plots = h(
      "div",
      { class: "plots" },
      this.caption.element,
      this.filterBar.element,
      this.tree.element,
      this.branches.element,
      this.gallery.element,
      this.trace.element,
      this.tooltip.element,
      this.notes,
    );
    const view = h(
      "section",
      { class: "view", "aria-label": "Search" },
      this.head.element,
      this.ballot.element,
      (this.main = h("div", { class: "main" }, this.plots, this.side.element)),
      this.strip.element,
      this.table.element,
      this.live,
      this.probe,
    );
    this.element = h("div", { class: "dnb-search" });
    const root = this.element.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet(uplotCss), sheet(viewCss)];
    root.append(view);
    view.addEventListener("keydown", (event) => this.keepKeys(event));
    const resized = new ResizeObserver(() => this.schedule());
    resized.observe(this.plots);
    this.ends.push(
      () => resized.disconnect(),
      onThemeChange(() => {
        this.theme = undefined;
        this.schedule();
      }),
    );
  }

  get state(): ViewState {
    return this.current;
  }

  dispatch(happening: Happening): void {
    const before = this.current;
    this.current = reduce(before, happening);
    if (this.current === before) return;
    if (this.current.model !== before.model) this.announce(before);
    this.options.changed?.(this.current);
    this.schedule();
  }

  dispose(): void {
    for (const end of this.ends) end();
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    this.looking.dispose();
    this.trace.dispose();
  }

  /** Now: the first picture must be there when the notebook measures the output. */
  draw(): void {
    this.frame = undefined;
    this.atlas.update(this.current.atlas, this.current.looks);
    this.theme ??= readTheme(this.probe);
    const state = this.current;
    const { model } = state;
    this.head.update(state);
    this.ballot.update(state, this.atlas);
    // Who is asked must not see what the verifiers say.
    this.main.hidden = this.table.element.hidden = !this.ballot.element.hidden;
    this.caption.update(model, this.theme);
    this.side.update(state, this.atlas);
    this.strip.update(state, this.atlas, this.theme);
    if (this.main.hidden) this.strip.element.hidden = true;
    this.table.update(model);
    this.drawNotes(state);
    this.looking.update(state);
    this.tabs.update(state.view);
    this.filterBar.update(state);
    this.tree.element.hidden = state.view !== "tree";
    this.trace.element.hidden = state.view !== "tree";
    this.branches.element.hidden = state.view !== "branches";
    this.gallery.element.hidden = state.view !== "gallery";
    const picture = this.pictureOf(state, this.theme);
    if (!picture) return;
    const { plot } = picture;
    this.tooltip.element.hidden = true;
    const floor = TREE_HEIGHT + TRACE_HEIGHT;
    if (state.view === "gallery") {
      this.gallery.element.style.minHeight = `${floor}px`;
      this.gallery.update(state, this.atlas);
      return;
    }
    if (state.view === "branches") {
      const layout = this.branchesOf(state, { ...plot, height: floor, left: 20, right: plot.width - 60 });
      this.branches.update(state, layout, this.theme, this.atlas);
      this.tooltip.update(state, layout, this.branches.element.offsetTop, this.atlas);
      return;
    }
    const { axis, layout, traces } = this.computedOf(picture);
    this.tree.update(state, layout, this.theme, this.atlas);
    const tracePlot = { ...plot, height: TRACE_HEIGHT + PANEL_HEIGHT * (traces.panels.length - 1) };
    const marked = state.hovered ?? state.selected;
    this.trace.update({ traces, axis, plot: tracePlot, theme: this.theme, marked, sight: state.sight });
    this.tooltip.update(state, layout, this.tree.element.offsetTop, this.atlas);
  }

  private schedule(): void {
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  private pictureOf(state: ViewState, theme: Theme): Picture | undefined {
    // A whole number of device pixels at each usual scale: a canvas that is stretched by a fraction is blurred.
    const width = Math.floor(this.plots.clientWidth / 4) * 4;
    if (width < 80) return undefined;
    const { model } = state;
    const old = this.picture;
    const left = width < 520 ? 44 : 52;
    const right = width - gutter(model, width, theme);
    const plot = { width, height: TREE_HEIGHT, left, right };
    if (old?.model === model && old.plot.width === width && old.plot.right === right) return old;
    this.picture = { model, plot };
    return this.picture;
  }

  /** The tree with its traces; worked out when that tab is first looked at. */
  private computedOf(picture: Picture): Required<Picture>["computed"] {
    const { model, plot } = picture;
    if (picture.computed) return picture.computed;
    const axis = computeAxis(model);
    return (picture.computed = {
      axis,
      layout: layoutTree(model, axis, plot),
      traces: tracesOf(model, axis),
    });
  }

  private branchesOf({ model }: ViewState, plot: Plot): BranchLayout {
    const picture = this.picture!;
    return (picture.branches ??= layoutBranches(model, plot));
  }

  private openFilter(open: boolean): void {
    this.filterBar.element.hidden = !open;
    this.filterButton.setAttribute("aria-expanded", String(open));
    if (open) this.filterBar.element.querySelector("input")?.focus({ preventScroll: true });
  }

  private drawNotes(state: ViewState): void {
    const { reason, notices } = state.model.record;
    const warnings = [...hackingSentences(state.model), ...notices, ...oddSentences(state)];
    const lines: [string, string][] = warnings.map((sentence) => ["warning", sentence]);
    if (state.refusal !== undefined) lines.unshift(["refusal", state.refusal]);
    if (reason !== undefined && state.model.record.state !== "finished") lines.unshift(["reason", reason]);
    const shown = lines.slice(0, 4);
    if (lines.length > shown.length)
      shown.push(["reason", `${lines.length - shown.length} more notices in the record.`]);
    this.notes.hidden = shown.length === 0;
    const same = shown.map(([kind, text]) => kind + text).join("\n");
    if (this.notes.dataset["shown"] === same) return;
    this.notes.dataset["shown"] = same;
    this.notes.replaceChildren(...shown.map(([kind, text]) => h("p", { class: kind }, text.slice(0, 300))));
  }

  private announce(before: ViewState): void {
    const [was, is] = [before.model.record, this.current.model.record];
    if (was.rounds.length === is.rounds.length && was.state === is.state) return;
    setText(this.live, announcement(this.current.model));
  }

  private write(kind: WriteRequest["kind"]): void {
    const candidate = shown(this.current)?.id;
    const { compared, run } = this.current;
    if (candidate === undefined) return;
    this.options.write?.({
      ...{ type: "write", run, kind, candidate },
      ...(compared === undefined ? {} : { compared }),
    });
  }

  private act(action: SearchAction): void {
    this.dispatch({ type: "act", action: action.kind });
    this.options.act?.(action);
  }

  /** Plain keys are commands of the notebook ("dd" deletes a cell): none may leave. Chords belong to the window. */
  private keepKeys(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab" || /^F\d+$/.test(event.key)) return;
    if (event.key === "Escape") {
      const { selected, compared, cursor, filter } = this.current;
      // The latest look goes first; with nothing left, the key is the notebook's.
      if (compared !== undefined) this.dispatch({ type: "compare", id: undefined });
      else if (cursor !== undefined) this.dispatch({ type: "cursor", level: undefined });
      else if (filter.band) this.dispatch({ type: "filter", filter: { band: undefined } });
      else if (selected !== undefined) this.dispatch({ type: "select", id: undefined });
      else return;
    }
    event.stopPropagation();
  }
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

function sheet(css: string): CSSStyleSheet {
  const styles = new CSSStyleSheet();
  styles.replaceSync(css);
  return styles;
}

/** The clipboard interface is absent in some webviews: then a selected text and the old command. */
function copy(text: string, near: HTMLElement): void {
  const old = (): void => {
    const field = h("textarea", { class: "unseen", "aria-hidden": "true", tabindex: -1 });
    field.value = text;
    near.after(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  };
  if (navigator.clipboard === undefined) old();
  else navigator.clipboard.writeText(text).catch(old);
}
