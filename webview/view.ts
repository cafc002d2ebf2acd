import uplotCss from "uplot/dist/uPlot.min.css";
import type { Look, SearchAction, ViewRequest } from "../src/kernel/protocol.js";
import { Atlas } from "./atlas.js";
import { copyText } from "./copyText.js";
import { h, setText } from "./dom.js";
import { Looking } from "./looking.js";
import { Ballot } from "./panel/ballot.js";
import { Caption } from "./panel/caption.js";
import { Export } from "./panel/export.js";
import { FilterBar, type FilterControls } from "./panel/filterBar.js";
import { Head } from "./panel/head.js";
import { Side } from "./panel/side.js";
import { Strip } from "./panel/strip.js";
import { TraceTable } from "./panel/table.js";
import { Tabs } from "./panel/tabs.js";
import type { Filter } from "./state/filter.js";
import { reduce, shown, type Happening, type ViewState } from "./state/reduce.js";
import { Pace } from "./pace.js";
import { announcement, hackingSentences, oddSentences } from "./state/words.js";
import { Stage, type Home } from "./stage.js";
import { onThemeChange, readTheme, type Theme } from "./theme.js";
import type { Span } from "./zoom.js";
import viewCss from "./view.css";

type WriteRequest = Extract<ViewRequest, { type: "write" }>;

export interface ViewOptions {
  /** Absent where there is no kernel to act. */
  readonly act?: (action: SearchAction) => void;
  readonly home?: Home;
  /** Controls of the filter other than the built-in ones; `clear` shows everything again. */
  readonly controls?: (filter: (filter: Partial<Filter>) => void, clear: () => void) => FilterControls;
  /** Opens the panel; absent where there is none. */
  readonly inspect?: () => void;
  /** Has a cell written. */
  readonly write?: (request: WriteRequest) => void;
  /** Asks for pictures. */
  readonly look?: (looks: readonly Look[]) => void;
  /** After each change of state, e.g. to ask for a snapshot or to keep the selection. */
  readonly changed?: (state: ViewState) => void;
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
  private readonly filterBar: FilterControls;
  private readonly caption: Caption;
  private readonly stage: Stage;
  private readonly looking: Looking;
  private readonly side: Side;
  private readonly strip: Strip;
  private readonly table = new TraceTable();
  private readonly notes = h("div", { class: "notes" });
  private readonly live = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  private readonly plots: HTMLElement;
  private readonly atlas = new Atlas(() => this.schedule());
  private readonly pace = new Pace(() => this.schedule());
  private readonly ends: (() => void)[] = [];
  private theme: Theme | undefined;
  private frame: number | undefined;

  constructor(
    private current: ViewState,
    private readonly options: ViewOptions,
  ) {
    const { home = "cell" } = options;
    const select = (id: string | undefined, beside = false): void =>
      this.dispatch({ type: beside ? "compare" : "select", id });
    const hover = (id: string | undefined): void => this.dispatch({ type: "hover", id });
    this.head = new Head(
      (kind) => this.act(kind === "step" ? { kind, rounds: 1 } : { kind }),
      options.inspect,
    );
    this.ballot = new Ballot({
      pick: (action) => this.act(action),
      say: (words) => setText(this.live, words),
    });
    this.tabs = new Tabs((view) => this.dispatch({ type: "view", view }));
    this.caption = new Caption(this.tabs.element, this.filterButton, (measure) =>
      this.dispatch({ type: "measure", measure }),
    );
    const filter = (change: Partial<Filter>): void => this.dispatch({ type: "filter", filter: change });
    const clear = (): void => {
      this.dispatch({ type: "cursor", level: undefined });
      if (home === "panel") return;
      this.openFilter(false);
      this.filterButton.focus({ preventScroll: true });
    };
    this.filterBar = options.controls?.(filter, clear) ?? new FilterBar(filter, clear);
    this.filterButton.addEventListener("click", () =>
      this.openFilter(this.filterBar.element.hidden === true),
    );
    this.filterBar.element.hidden = home === "cell";
    this.filterButton.hidden = this.tabs.element.hidden = home === "panel";
    const band = (range: Filter["band"]): void => this.dispatch({ type: "filter", filter: { band: range } });
    const zoom = (span: Span | undefined): void => this.dispatch({ type: "zoom", span });
    this.stage = new Stage({ select, hover, band, zoom }, home);
    this.looking = new Looking((looks) => this.options.look?.(looks), this.atlas);
    this.side = new Side({
      select,
      copy: (text) => copyText(text, this.probe),
      compare: (id) => this.dispatch({ type: "compare", id }),
      write: (kind) => this.write(kind),
    });
    this.strip = new Strip({ select, cursor: (level) => this.dispatch({ type: "cursor", level }) });
    this.head.element.append(new Export(() => this.current, this.stage.element, this.atlas).element);
    this.plots = h(
      "div",
      { class: "plots" },
      this.caption.element,
      this.filterBar.element,
      this.stage.element,
      this.notes,
    );
    const view = h(
      "section",
      { class: `view ${home}`, "aria-label": "Search" },
      this.head.element,
      this.ballot.element,
      (this.main = h(
        "div",
        { class: "main" },
        this.plots,
        home === "cell"
          ? this.side.element
          : h("div", { class: "right" }, this.side.element, this.stage.gallery.element),
      )),
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
    const resized = new ResizeObserver(() => {
      if (this.stage.resized()) this.schedule();
    });
    resized.observe(this.plots);
    resized.observe(this.stage.element);
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
    const isGrowth =
      happening.type === "delta" && this.current.model.record.state === before.model.record.state;
    if (isGrowth) this.pace.soon();
    else this.schedule();
  }

  dispose(): void {
    for (const end of this.ends) end();
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    this.pace.cancel();
    this.looking.dispose();
    this.stage.dispose();
  }

  /** Now: the first picture must be there when the notebook measures the output. */
  draw(): void {
    this.frame = undefined;
    this.pace.time(() => this.drawAll());
  }

  private drawAll(): void {
    this.atlas.update(this.current.atlas, this.current.looks);
    this.theme ??= readTheme(this.probe);
    const state = this.current;
    const { model } = state;
    this.head.update(state);
    this.ballot.update(state, this.atlas);
    // Who is asked must not see what the verifiers say.
    this.main.hidden = this.table.element.hidden = !this.ballot.element.hidden;
    this.caption.update(state, this.theme, this.options.home ?? "cell");
    this.side.update(state, this.atlas);
    this.strip.update(state, this.atlas, this.theme);
    if (this.main.hidden) this.strip.element.hidden = true;
    this.table.update(model);
    this.drawNotes(state);
    this.looking.update(state);
    this.tabs.update(state.view);
    this.filterBar.update(state);
    this.stage.update(state, this.theme, this.atlas);
  }

  private schedule(): void {
    this.pace.cancel();
    this.frame ??= requestAnimationFrame(() => this.draw());
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
      const { selected, compared, cursor, filter, zoom } = this.current;
      // The latest look goes first; with nothing left, the key is the notebook's.
      if (compared !== undefined) this.dispatch({ type: "compare", id: undefined });
      else if (cursor !== undefined) this.dispatch({ type: "cursor", level: undefined });
      else if (filter.band) this.dispatch({ type: "filter", filter: { band: undefined } });
      else if (zoom) this.dispatch({ type: "zoom", span: undefined });
      else if (selected !== undefined) this.dispatch({ type: "select", id: undefined });
      else return;
    }
    event.stopPropagation();
  }
}

function sheet(css: string): CSSStyleSheet {
  const styles = new CSSStyleSheet();
  styles.replaceSync(css);
  return styles;
}
