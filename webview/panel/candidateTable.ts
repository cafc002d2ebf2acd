import type { CandidateRecord } from "../../src/search/record.js";
import { h, setAttribute, setText } from "../dom.js";
import { levelText } from "../branches/layout.js";
import { all } from "../state/filter.js";
import { isCandidate } from "../state/model.js";
import { shown, type ViewState } from "../state/reduce.js";
import { cut, formatScore, statusText, whole } from "../state/words.js";
import type { TreeEvents } from "../tree/index.js";

/** Rows at once: a hundred thousand would freeze the window. The count says how many there are. */
const MOST = 100;

interface Column {
  readonly name: string;
  readonly text: (candidate: CandidateRecord) => string;
  /** What rows are ordered by; absent values come last. */
  readonly key: (candidate: CandidateRecord) => number | string | undefined;
  /** Which way the first press orders. */
  readonly descends?: boolean;
  readonly isNumber?: boolean;
}

/**
 * The candidates in words and numbers: the twin of tree, branches and gallery for those who do not see them, and for whoever wants the
 * numbers. Of those that pass the filter, the first hundred in the chosen order.
 */
export class CandidateTable {
  readonly element: HTMLElement;
  private readonly count = h("caption", {});
  private readonly head = h("tr", {});
  private readonly body = h("tbody", {});
  private drawn: readonly unknown[] = [];
  private columns: readonly Column[] = [];
  /** A column's name, and whether the largest come first; by the searched score until somebody chooses. */
  private order: { readonly name: string; readonly descends: boolean } | undefined;
  private state: ViewState | undefined;

  constructor(events: TreeEvents) {
    const table = h("table", {}, this.count, h("thead", {}, this.head), this.body);
    this.element = h(
      "div",
      { class: "candidates", role: "region", "aria-label": "Candidates", tabindex: 0 },
      table,
    );
    this.body.addEventListener("click", ({ target, shiftKey }) => {
      const id = (target as Element).closest<HTMLElement>("[data-candidate]")?.dataset["candidate"];
      if (id !== undefined) events.select(id, shiftKey);
    });
    this.head.addEventListener("click", ({ target }) => {
      const name = (target as Element).closest<HTMLElement>("th")?.dataset["column"];
      const column = this.columns.find((one) => one.name === name);
      if (column) this.sort(column);
    });
  }

  update(state: ViewState): void {
    this.state = state;
    const { model, sight } = state;
    const current = shown(state)?.id;
    const now = [model, sight, this.order];
    const isSame = now.every((value, i) => value === this.drawn[i]) && this.drawn.length > 0;
    this.drawn = now;
    if (!isSame) this.build(state);
    for (const row of this.body.rows)
      setAttribute(row, "aria-selected", String(row.dataset["candidate"] === current));
  }

  private build({ model, sight }: ViewState): void {
    this.columns = columnsOf(model.record.verifiers.map(({ name }) => name));
    const searched = this.columns.find(({ name }) => name === model.searched.name);
    const order = this.order ?? {
      name: searched?.name ?? "",
      descends: model.searched.direction === "higher",
    };
    const column = this.columns.find(({ name }) => name === order.name);
    const passing = sight === all ? model.record.candidates : model.record.candidates.filter(sight);
    const rows = column ? ordered(passing, column, order.descends) : passing;
    const seen = rows.slice(0, MOST);
    // The start of a search has a row, but is none of them.
    const [few, many] = [seen, rows].map((some) => whole(some.filter(isCandidate).length));
    const candidates = many === "1" ? "candidate" : "candidates";
    setText(this.count, `${seen.length < rows.length ? `${few} of ${many}` : many} ${candidates}`);
    const focused = this.focused();
    this.head.replaceChildren(
      ...this.columns.map(({ name, isNumber }) => {
        const sort = name === order.name ? (order.descends ? "descending" : "ascending") : undefined;
        const button = h("button", { type: "button", class: "link" }, cut(name));
        const attributes = { scope: "col", "data-column": name, "aria-sort": sort };
        return h("th", { ...attributes, class: isNumber ? "number" : undefined }, button);
      }),
    );
    this.body.replaceChildren(
      ...seen.map((candidate) => {
        const [id, ...rest] = this.columns;
        const name = h("button", { type: "button", class: "link" }, id!.text(candidate));
        return h(
          "tr",
          { "data-candidate": candidate.id },
          h("th", { scope: "row" }, name),
          ...rest.map(({ text, isNumber }) =>
            h("td", { class: isNumber ? "number" : undefined }, text(candidate)),
          ),
        );
      }),
    );
    this.refocus(focused);
  }

  private sort(column: Column): void {
    const { name, descends = false } = column;
    this.order = { name, descends: this.order?.name === name ? !this.order.descends : descends };
    if (this.state) this.update(this.state);
  }

  /** What has the focus, by what it is about. */
  private focused(): string | undefined {
    const about = this.element
      .querySelector(":focus")
      ?.closest<HTMLElement>("[data-candidate], [data-column]");
    return about?.dataset["candidate"] ?? about?.dataset["column"];
  }

  private refocus(about: string | undefined): void {
    if (about === undefined) return;
    for (const one of this.element.querySelectorAll<HTMLElement>("[data-candidate], [data-column]"))
      if ((one.dataset["candidate"] ?? one.dataset["column"]) === about)
        one.querySelector("button")?.focus({ preventScroll: true });
  }
}

function columnsOf(verifiers: readonly string[]): Column[] {
  const number = (name: string, key: (candidate: CandidateRecord) => number): Column => ({
    ...{ name, key, isNumber: true },
    text: (candidate) => whole(key(candidate)),
  });
  return [
    { name: "id", text: ({ id }) => cut(id), key: () => undefined },
    ...verifiers.map((name): Column => ({
      ...{ name, isNumber: true, descends: true },
      text: ({ scores }) => (scores[name] === undefined ? "none" : formatScore(scores[name])),
      key: ({ scores }) => scores[name],
    })),
    number("round", ({ round }) => round),
    { name: "made by", text: ({ op }) => cut(op), key: ({ op }) => op },
    {
      name: "from",
      text: ({ parents }) => cut(parents.join(", ")) || "noise",
      key: ({ parents }) => parents[0] ?? "",
    },
    {
      name: "levels",
      text: ({ from, level }) => `${levelText(from)} to ${levelText(level)}`,
      key: ({ level }) => level,
    },
    { name: "status", text: statusText, key: ({ status }) => status },
    number("NFE", ({ cost }) => cost.cold.nfe),
  ];
}

/** Equals stay in the order of creation; so do all where there is nothing to go by. */
function ordered(
  candidates: readonly CandidateRecord[],
  { key }: Column,
  descends: boolean,
): readonly CandidateRecord[] {
  const keyed = candidates.map((candidate) => ({ candidate, value: key(candidate) }));
  const sign = descends ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.value === undefined || b.value === undefined)
      return Number(a.value === undefined) - Number(b.value === undefined);
    return a.value === b.value ? 0 : sign * (a.value < b.value ? -1 : 1);
  });
  return keyed.map(({ candidate }) => candidate);
}
