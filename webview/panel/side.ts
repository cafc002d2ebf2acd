import type { ViewRequest } from "../../src/kernel/protocol.js";
import type { CandidateRecord } from "../../src/search/record.js";
import { pictureAt, wholeAt, type Atlas } from "../atlas.js";
import { h, setText } from "../dom.js";
import type { Home } from "../stage.js";
import { scoreTable, updateRank } from "./scores.js";
import { Compare } from "./compare.js";
import { Details } from "./details.js";
import { ranking, type RunModel } from "../state/model.js";
import { shown, type ViewState } from "../state/reduce.js";
import { costText, cut, lineageNfe, statusText, whole } from "../state/words.js";

export interface SideEvents {
  select(id: string | undefined): void;
  copy(text: string): void;
  compare(id: string | undefined): void;
  /** The picture is to be seen large, or no longer. */
  enlarge(on: boolean): void;
  /** Has the notebook write a cell about the shown candidate. */
  write(kind: WriteKind): void;
}

/** Room for the picture, in CSS pixels. */
const PORTRAIT = 132;

type WriteKind = Extract<ViewRequest, { type: "write" }>["kind"];

const WRITES: readonly (readonly [kind: WriteKind, label: string, title: string])[] = [
  ["fork", "Fork here", "Insert and run a cell with a search of its own from this candidate"],
  ["pick", "Pick", "Insert and run a cell that takes this candidate's image"],
  ["continue", "Continue…", "Insert a cell that goes on from here with parameters that you set"],
  [
    "insert",
    "Insert cell",
    "Insert and run a cell with this candidate's scores, or with both pictures that are compared",
  ],
];

/** One candidate: the chosen one, else the best so far. */
export class Side {
  readonly element = h("aside", { class: "side", "aria-label": "Candidate" });
  private readonly compare: Compare;
  private readonly details: Details;
  private readonly cost = h("p", {});
  private drawn = "";
  /** A pointer that moves changes nothing here, and ranks go through all candidates. */
  private seen: readonly unknown[] = [];

  constructor(
    private readonly events: SideEvents,
    home: Home,
  ) {
    this.details = new Details(events, home === "panel");
    this.compare = new Compare(() => events.compare(undefined));
  }

  focusPicture(): void {
    this.element.querySelector<HTMLElement>("button.picture")?.focus({ preventScroll: true });
  }

  update(state: ViewState, atlas: Atlas): void {
    const { model } = state;
    const candidate = shown(state);
    const other = state.compared === undefined ? undefined : model.byId.get(state.compared);
    const compared = other === candidate ? undefined : other;
    const now = [model, candidate, compared, state.link, state.cursor, state.enlarged, atlas.version];
    if (now.every((value, i) => value === this.seen[i]) && this.seen.length > 0) return;
    this.seen = now;
    const picture = candidate && wholeAt(atlas, candidate.id, state.cursor);
    const signature = JSON.stringify([
      candidate,
      compared,
      picture,
      picture !== undefined && atlas.size(picture),
      candidate === model.best,
      state.link === "live",
      state.enlarged,
      model.first?.id,
      ranking(model, 2).map(({ id }) => id),
      model.record.verifiers,
    ]);
    if (candidate && compared) {
      const named = (one: CandidateRecord): string => pictureAt(atlas, one.id, state.cursor) ?? one.id;
      this.compare.update([candidate.id, compared.id], [named(candidate), named(compared)], atlas);
    }
    setText(this.cost, costText(model));
    if (signature === this.drawn) return this.updateRanks(model, candidate);
    this.drawn = signature;
    const focused = this.element.querySelector(":focus")?.getAttribute("data-action");
    if (!candidate) {
      const words = model.record.candidates.length ? "No candidate has a score yet." : "No round yet.";
      this.element.replaceChildren(h("p", { class: "muted" }, words));
      return;
    }
    this.details.update(model, candidate);
    this.element.replaceChildren(
      this.heading(model, candidate),
      h("div", { class: "portrait" }, this.portrait(state, candidate, atlas), this.facts(model, candidate)),
      ...(compared ? [this.compare.element] : []),
      h(
        "div",
        { class: "figures" },
        h(
          "div",
          {},
          scoreTable(model, candidate, compared),
          this.acts(state, candidate, compared),
          this.details.element,
        ),
        this.notes(model, candidate, compared !== undefined),
      ),
    );
    if (focused)
      this.element.querySelector<HTMLElement>(`[data-action="${focused}"]`)?.focus({ preventScroll: true });
  }

  /** With each new candidate others have another rank: nothing else is made anew. */
  private updateRanks(model: RunModel, candidate: CandidateRecord | undefined): void {
    if (!candidate) return;
    const cells = [...this.element.querySelectorAll("td.rank")];
    [model.searched, ...model.heldOut].forEach((verifier, i) => {
      if (cells[i]) updateRank(cells[i], model, candidate, verifier);
    });
  }

  private notes(model: RunModel, candidate: CandidateRecord, isCompared: boolean): HTMLElement {
    const { first } = model;
    return h(
      "div",
      { class: "notes-side" },
      candidate.failure !== undefined && h("p", { class: "failure" }, cut(candidate.failure)),
      // Beside another one's scores there is no room for gains.
      first !== undefined &&
        first !== candidate &&
        !isCompared &&
        h("p", {}, `Gains over the first candidate, ${cut(first.id)}.`),
      this.cost,
    );
  }

  private heading(model: RunModel, candidate: CandidateRecord): HTMLElement {
    const best = candidate === model.best;
    const name = best ? (model.ended ? "Best" : "Best so far") : "Selected";
    const back = h("button", { type: "button", class: "link", "data-action": "best" }, "show best");
    back.addEventListener("click", () => this.events.select(undefined));
    return h(
      "div",
      { class: "side-title" },
      h("span", {}, `${name} · `, h("strong", {}, cut(candidate.id))),
      !best && model.best !== undefined && back,
    );
  }

  /** What is done to the shown candidate. Writing needs a kernel that knows the search. */
  private acts(
    { link, model }: ViewState,
    candidate: CandidateRecord,
    compared: CandidateRecord | undefined,
  ): HTMLElement {
    const button = (name: string, label: string, title: string, act: () => void): HTMLElement => {
      const element = h("button", { type: "button", class: "plain", "data-action": name, title }, label);
      element.addEventListener("click", act);
      return element;
    };
    const writes = WRITES.map(([kind, label, title]) =>
      button(kind, label, title, () => this.events.write(kind)),
    );
    const rival = ranking(model, 2).find((other) => other !== candidate);
    const against = `Lay it over ${rival ? cut(rival.id) : "another"}; Shift+click or Shift+arrow keys choose another one`;
    const compare = button("compare", "Compare", against, () => this.events.compare(rival?.id));
    const shown = [...(link === "live" ? writes : []), ...(rival && !compared ? [compare] : [])];
    return h("div", { class: "acts", role: "group", "aria-label": "Candidate" }, ...shown);
  }

  private facts(model: RunModel, candidate: CandidateRecord): HTMLElement {
    const copy = h("button", { type: "button", class: "link", "data-action": "copy" }, "copy noise key");
    copy.title = cut(candidate.key);
    copy.addEventListener("click", () => {
      this.events.copy(candidate.key);
      copy.textContent = "copied";
      setTimeout(() => (copy.textContent = "copy noise key"), 1500);
    });
    const nfe = candidate.cost.cold.nfe;
    const lineage = lineageNfe(model, candidate);
    return h(
      "div",
      { class: "facts" },
      h("span", {}, candidate.round === 0 ? "before round 1" : `round ${candidate.round}`),
      h("span", {}, `${whole(nfe)} NFE`),
      lineage !== nfe && h("span", {}, `${whole(lineage)} in lineage`),
      candidate !== model.best && candidate.status !== "failed" && h("span", {}, statusText(candidate)),
      candidate.key !== "" && copy,
    );
  }

  /** The tile's own pixels, each a whole number of the screen's; a press shows it large. */
  private portrait({ cursor, enlarged }: ViewState, candidate: CandidateRecord, atlas: Atlas): HTMLElement {
    const picture = wholeAt(atlas, candidate.id, cursor) ?? candidate.id;
    const size = atlas.size(picture);
    if (!size) {
      const why =
        candidate.status === "failed" ? "failed" : candidate.level === 1 ? "noise" : "no picture saved";
      return h("div", { class: "picture none" }, why);
    }
    const canvas = h("canvas", { role: "img", "aria-label": `Candidate ${cut(candidate.id)}` });
    [canvas.width, canvas.height] = size;
    atlas.draw(canvas.getContext("2d")!, picture, 0, 0, ...size);
    const times = Math.floor(PORTRAIT / Math.max(...size));
    const scale = times >= 1 ? times : PORTRAIT / Math.max(...size);
    [canvas.style.width, canvas.style.height] = size.map((side) => `${scale * side}px`) as [string, string];
    if (times < 1) canvas.style.imageRendering = "auto";
    const button = h(
      "button",
      {
        ...{ type: "button", class: "picture", "data-action": "enlarge", title: "Show it large" },
        "aria-pressed": String(enlarged),
      },
      canvas,
    );
    button.addEventListener("click", () => this.events.enlarge(!enlarged));
    return button;
  }
}
