import { reportCsv } from "../../src/search/reportCsv.js";
import type { ReportRecord, ReportUnit } from "../../src/search/reportRecord.js";
import { copyText } from "../copyText.js";
import { h, setText } from "../dom.js";
import { keepKeys } from "../keepKeys.js";
import { sheet } from "../sheet.js";
import viewCss from "../view.css";
import { drawPanel } from "./draw.js";
import { layoutPanel, panelHeight } from "./layout.js";
import { initialChoice, panelsOf, verifierNames, type Choice, type Panel } from "./model.js";
import { parseReport } from "./parseReport.js";
import reportCss from "./report.css";
import { drawTable } from "./table.js";
import { armText, budgetText, legendText, subject } from "./words.js";

const NARROW = 720;

/**
 * The view of one comparison: scaling curves of the searched and of the held-out verifier side by side, under them every algorithm at one budget.
 * It is drawn from the report alone and needs no kernel.
 */
export class ReportView {
  readonly element = h("div", { class: "dnb-report" });
  readonly #report: ReportRecord;
  #choice: Choice;
  readonly #units: HTMLElement;
  readonly #panels = h("div", { class: "panels" });
  readonly #table = h("div", { class: "rows" });
  readonly #said = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  readonly #budget = h("select", { "aria-label": "Budget of the table" });
  readonly #resized: ResizeObserver;
  #pointed: string | undefined;
  #width = 0;

  /** `output`: as it was saved; what cannot be drawn is refused with an error in words. */
  constructor(output: unknown) {
    const { report, odd } = parseReport(output);
    this.#report = report;
    this.#choice = initialChoice(report);
    this.#units = this.#unitSwitch();
    const section = h(
      "section",
      { class: "view", "aria-label": "Comparison" },
      h(
        "header",
        { class: "head" },
        h(
          "div",
          { class: "what" },
          h("h2", { class: "title" }, "Comparison"),
          h("span", { class: "problem", title: subject(report) }, subject(report)),
        ),
        this.#units,
        h(
          "div",
          { class: "exports" },
          this.#exports("CSV", "text/csv", () => reportCsv(report.rows)),
          this.#exports("JSON", "application/json", () => `${JSON.stringify(report, undefined, 1)}\n`),
        ),
      ),
      this.#panels,
      this.#table,
      notes(report, odd),
      this.#said,
    );
    const root = this.element.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet(viewCss), sheet(reportCss)];
    root.append(section);
    keepKeys(section);
    this.#budget.addEventListener("change", () => this.#choose({ budget: Number(this.#budget.value) }));
    this.#resized = new ResizeObserver(() => {
      if (this.#panels.clientWidth !== this.#width) this.#drawPanels();
    });
    this.#resized.observe(this.#panels);
  }

  /** Now: the first picture must be there when the notebook measures the output. */
  draw(): void {
    this.#fillBudgets();
    this.#drawPanels();
    this.#drawTable();
    this.#mark();
  }

  dispose(): void {
    this.#resized.disconnect();
  }

  #choose(changes: Partial<Choice>): void {
    this.#choice = { ...this.#choice, ...changes };
    this.draw();
  }

  #drawPanels(): void {
    this.#width = this.#panels.clientWidth;
    if (this.#width < 120) return;
    const panels = panelsOf(this.#report, this.#choice);
    const beside = this.#width >= NARROW && panels.length > 1;
    const width = Math.floor((beside ? this.#width / 2 : this.#width) - 32);
    const longest = Math.max(
      ...panels.flatMap(({ curves }) => curves.map(({ arm }) => armText(arm).length)),
      6,
    );
    const right = Math.min(0.34 * width, 22 + 6.6 * longest);
    const height = panelHeight(panels);
    this.#panels.classList.toggle("beside", beside);
    this.#panels.replaceChildren(
      ...panels.map((panel) => {
        const layout = layoutPanel(panel, { width, height, left: 44, right });
        return h("figure", {}, this.#panelTitle(panel), drawPanel(this.#report, layout, this.#choice));
      }),
    );
    this.#panels.querySelectorAll<SVGElement>("[data-arm]").forEach((part) => {
      part.addEventListener("mouseenter", () => this.#point(part.dataset["arm"]));
      part.addEventListener("mouseleave", () => this.#point(undefined));
    });
    this.#mark();
  }

  #drawTable(): void {
    // What had the focus is drawn anew: it keeps it.
    const active = this.element.shadowRoot?.activeElement as HTMLElement | null;
    const [title, column] = [active?.title, active?.dataset["column"]];
    this.#table.replaceChildren(
      drawTable(this.#report, this.#choice, {
        point: (arm) => this.#point(arm),
        pick: (arm) => this.#choose({ arm: this.#choice.arm === arm ? undefined : arm }),
        sort: (order) => this.#choose({ order }),
        budget: h("label", {}, "at ", this.#budget),
      }),
    );
    const again = [...this.#table.querySelectorAll<HTMLElement>(".arm, .sort")].find((one) =>
      column === undefined ? title && one.title === title : one.dataset["column"] === column,
    );
    again?.focus({ preventScroll: true });
  }

  #point(arm: string | undefined): void {
    this.#pointed = arm;
    this.#mark();
  }

  /** The arm that is pointed at, or picked, stands out; the others step back. */
  #mark(): void {
    const arm = this.#pointed ?? this.#choice.arm;
    const shown = [...this.#panels.querySelectorAll<SVGElement>("[data-arm]")];
    const any = shown.some((part) => part.dataset["arm"] === arm);
    for (const part of shown) part.classList.toggle("back", any && part.dataset["arm"] !== arm);
  }

  #panelTitle({ verifier, role, curves }: Panel): HTMLElement {
    const names = verifierNames(this.#report)[role === "searched" ? "searched" : "heldOut"];
    const words = role === "searched" ? "searched" : "held out";
    const text = legendText(curves);
    const legend = text !== undefined && h("span", { class: "legend" }, ` · ${text}`);
    if (names.length < 2)
      return h("figcaption", {}, h("strong", {}, verifier), h("span", {}, ` ${words}`), legend);
    const select = h(
      "select",
      { "aria-label": `Verifier, ${words}` },
      ...names.map((name) => h("option", { value: name, selected: name === verifier }, name)),
    );
    select.addEventListener("change", () =>
      this.#choose(role === "searched" ? { searched: select.value } : { heldOut: select.value }),
    );
    return h("figcaption", {}, select, h("span", {}, ` ${words}`), legend);
  }

  #unitSwitch(): HTMLElement {
    const { budgets } = this.#report;
    const units = (["nfe", "seconds"] as const).filter((unit) => budgets[unit].length > 0);
    const group = h("div", { class: "switch", role: "group", "aria-label": "Compute is held equal in" });
    if (units.length < 2) {
      group.hidden = true;
      return group;
    }
    const buttons = units.map((unit) => {
      const button = h("button", { type: "button" }, unit === "nfe" ? "equal NFE" : "equal seconds");
      button.addEventListener("click", () => {
        this.#choose({ unit, budget: budgets[unit].at(-1)! });
        press(unit);
      });
      return button;
    });
    const press = (chosen: ReportUnit): void =>
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(units[i] === chosen)));
    press(this.#choice.unit);
    group.append(...buttons);
    return group;
  }

  #fillBudgets(): void {
    const { unit, budget } = this.#choice;
    this.#budget.replaceChildren(
      ...this.#report.budgets[unit].map((one) =>
        h("option", { value: one, selected: one === budget }, budgetText(this.#report, one, unit)),
      ),
    );
  }

  #exports(name: string, type: string, text: () => string): HTMLElement {
    const copy = h("button", { type: "button", class: "link", title: `Copy as ${name}` }, "Copy");
    copy.addEventListener("click", () => {
      copyText(text(), this.#said);
      setText(this.#said, `Copied as ${name}.`);
    });
    const save = h("button", { type: "button", class: "link", title: `Save as ${name}` }, "Save");
    save.addEventListener("click", () => {
      const url = URL.createObjectURL(new Blob([text()], { type }));
      const link = h("a", { href: url, download: `comparison.${name.toLowerCase()}`, hidden: true });
      this.#said.after(link);
      link.click();
      link.remove();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
    return h("span", { class: "format" }, h("span", { class: "muted" }, name), copy, save);
  }
}

function notes(
  { notes: found, rules, features, resamples, baseline }: ReportRecord,
  odd: number,
): HTMLElement {
  const unread = odd > 0 ? [`${odd} entries of the saved report could not be read and are left out.`] : [];
  const how = [
    `Gains are over ${baseline}, pair by pair; intervals are bootstrap intervals of ${resamples.toLocaleString("en-US")} resamples.`,
    `Diversity is measured in ${features}.`,
  ];
  return h(
    "footer",
    { class: "foot" },
    ...[...found, ...unread].map((note) => h("p", {}, note)),
    h(
      "details",
      {},
      h("summary", {}, "How to read this"),
      ...[...how, ...rules].map((rule) => h("p", {}, rule)),
    ),
  );
}
