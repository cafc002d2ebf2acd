import uplotCss from "uplot/dist/uPlot.min.css";
import type { SearchAction } from "../src/kernel/protocol.js";
import { Atlas } from "./atlas.js";
import { copyText } from "./copyText.js";
import { h } from "./dom.js";
import { keepKeys } from "./keepKeys.js";
import { Looking } from "./looking.js";
import { Announcer } from "./panel/announcer.js";
import { Ballot } from "./panel/ballot.js";
import { Caption } from "./panel/caption.js";
import { Enlarged } from "./panel/enlarged.js";
import { Export } from "./panel/export.js";
import { passingText } from "./panel/filterBar.js";
import { FilterDrawer } from "./panel/filterDrawer.js";
import { Head } from "./panel/head.js";
import { Notes } from "./panel/notes.js";
import { RunsMenu } from "./panel/runs.js";
import { Side } from "./panel/side.js";
import { Strip } from "./panel/strip.js";
import { TraceTable } from "./panel/table.js";
import { Tabs } from "./panel/tabs.js";
import { undoLook } from "./state/escape.js";
import { found, type Filter } from "./state/filter.js";
import type { Happening } from "./state/happening.js";
import { reduce, shown, type ViewState } from "./state/reduce.js";
import { Pace } from "./pace.js";
import { sheet } from "./sheet.js";
import { candidateText } from "./state/words.js";
import { Stage } from "./stage.js";
import { onThemeChange, readTheme, type Theme } from "./theme.js";
import { zoomAbout, type Span } from "./zoom.js";
import type { ViewOptions, WriteRequest } from "./viewOptions.js";
import viewCss from "./view.css";

/** The compact view of one run: the interpreter around the reducer. */
export class SearchView {
  readonly element: HTMLElement;
  private readonly probe = h("span", { class: "probe", "aria-hidden": "true" });
  private readonly head: Head;
  private readonly ballot: Ballot;
  private readonly main: HTMLElement;
  private readonly tabs: Tabs;
  private readonly filter: FilterDrawer;
  private readonly caption: Caption;
  private readonly stage: Stage;
  private readonly runs: RunsMenu | undefined;
  private readonly looking: Looking;
  private readonly side: Side;
  private readonly strip: Strip;
  private readonly enlarged = new Enlarged(
    () => this.dispatch({ type: "enlarge", on: false }),
    () => this.side.focusPicture(),
  );
  private readonly table = new TraceTable();
  private readonly notes = new Notes();
  private readonly announcer = new Announcer();
  private readonly plots: HTMLElement;
  private readonly atlas = new Atlas(() => this.schedule());
  private readonly pace = new Pace(() => this.draw());
  private readonly ends: (() => void)[] = [];
  private theme: Theme | undefined;

  constructor(
    private current: ViewState,
    private readonly options: ViewOptions,
  ) {
    const { home = "cell" } = options;
    const select = (id: string | undefined, beside = false): void => {
      this.dispatch({ type: beside ? "compare" : "select", id });
      const other = beside && id !== undefined ? this.current.model.byId.get(id) : undefined;
      if (other) this.announcer.say(`Compared with ${candidateText(this.current.model, other)}`);
    };
    const hover = (id: string | undefined): void => this.dispatch({ type: "hover", id });
    this.head = new Head(
      (kind) => this.act(kind === "step" ? { kind, rounds: 1 } : { kind }),
      options.inspect,
    );
    this.ballot = new Ballot({
      pick: (action) => this.act(action),
      say: (words) => this.announcer.say(words),
    });
    this.tabs = new Tabs((view) => this.dispatch({ type: "view", view }));
    const filter = (change: Partial<Filter>): void => this.dispatch({ type: "filter", filter: change });
    this.filter = new FilterDrawer(
      home,
      {
        filter,
        clear: () => this.dispatch({ type: "cursor", level: undefined }),
        find: () => this.find(),
      },
      options.controls,
    );
    this.caption = new Caption(this.tabs.element, this.filter.button, {
      measure: (measure) => this.dispatch({ type: "measure", measure }),
      columns: (columns) => this.dispatch({ type: "columns", columns }),
      colour: (verifier) => this.dispatch({ type: "colour", verifier }),
      log: (on) => this.dispatch({ type: "log", on }),
      closer: (factor) => this.dispatch({ type: "zoom", span: zoomAbout(this.current.zoom, 0.5, factor) }),
    });
    this.tabs.element.hidden = home === "panel";
    const band = (range: Filter["band"]): void => this.dispatch({ type: "filter", filter: { band: range } });
    const zoom = (span: Span | undefined): void => this.dispatch({ type: "zoom", span });
    const overlay = (run: string, on: boolean): void => this.dispatch({ type: "overlay", run, on });
    this.runs = options.others && new RunsMenu({ overlay, ask: options.others });
    this.stage = new Stage(
      { select, hover, band, zoom, unfold: () => filter({ folded: false }) },
      home,
      this.runs?.element,
    );
    if (home === "cell") this.stage.element.append(this.caption.zoom);
    this.looking = new Looking((looks) => this.options.look?.(looks), this.atlas);
    this.side = new Side(
      {
        select,
        copy: (text) => copyText(text, this.probe),
        compare: (id) => this.dispatch({ type: "compare", id }),
        enlarge: (on) => this.dispatch({ type: "enlarge", on }),
        write: (kind) => this.write(kind),
      },
      home,
    );
    this.strip = new Strip({ select, cursor: (level) => this.dispatch({ type: "cursor", level }) });
    this.head.element.append(
      new Export(
        () => this.current,
        this.stage,
        this.atlas,
        () => (this.theme ??= readTheme(this.probe)),
      ).element,
    );
    this.plots = h(
      "div",
      { class: "plots" },
      this.caption.element,
      this.filter.element,
      this.stage.element,
      this.notes.element,
      this.enlarged.element,
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
      home === "panel" && h("div", { class: "unseen" }, this.stage.table.element),
      this.announcer.element,
      this.probe,
    );
    this.element = h("div", { class: "dnb-search" });
    const root = this.element.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet(uplotCss), sheet(viewCss)];
    root.append(view);
    // The arrow keys go on from what is drawn: two of them within a frame are two steps.
    const settle = ({ target }: Event): void => {
      if ((target as Element).matches("[role=treeitem]")) this.pace.flush();
    };
    view.addEventListener("keydown", settle, { capture: true });
    keepKeys(view, () => {
      const undo = undoLook(this.current);
      if (undo) this.dispatch(undo);
      return undo !== undefined;
    });
    const resized = new ResizeObserver(() => {
      if (this.stage.resized()) this.schedule();
    });
    resized.observe(this.plots);
    resized.observe(this.stage.element);
    this.ends.push(
      () => resized.disconnect(),
      onThemeChange(
        () => {
          this.theme = undefined;
          this.schedule();
        },
        () => {
          this.theme = undefined;
          this.draw();
        },
      ),
    );
  }

  get state(): ViewState {
    return this.current;
  }

  dispatch(happening: Happening): void {
    const before = this.current;
    this.current = reduce(before, happening);
    if (this.current === before) return;
    this.options.changed?.(this.current);
    const isGrowth =
      happening.type === "delta" && this.current.model.record.state === before.model.record.state;
    if (isGrowth) this.pace.soon();
    else this.schedule();
  }

  dispose(): void {
    for (const end of this.ends) end();
    this.pace.cancel();
    this.looking.dispose();
    this.stage.dispose();
  }

  /** Now: the first picture must be there when the notebook measures the output. */
  draw(): void {
    this.pace.time(() => this.drawAll());
  }

  private drawAll(): void {
    this.announcer.update(this.current.model);
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
    this.enlarged.update(state, this.atlas, () => [this.plots.clientWidth, this.plots.clientHeight]);
    if (this.main.hidden) this.strip.element.hidden = true;
    this.table.update(model);
    this.notes.update(state);
    this.tabs.update(state.view);
    this.filter.update(state);
    this.runs?.update(state);
    this.stage.update(state, this.theme, this.atlas);
    this.looking.update(state, () => this.stage.inSight(state));
  }

  private schedule(): void {
    this.pace.next();
  }

  private find(): void {
    const candidate = found(this.current);
    if (!candidate) return;
    this.dispatch({ type: "select", id: candidate.id });
    this.announcer.say(`${candidateText(this.current.model, candidate)}. ${passingText(this.current)} pass.`);
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
}
