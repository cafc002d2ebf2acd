import type { CandidateRecord, VerifierRecord } from "../../src/search/record.js";
import type { Atlas } from "../atlas.js";
import { h } from "../dom.js";
import { isBetter, type RunModel } from "../state/model.js";
import { shown, type ViewState } from "../state/reduce.js";
import {
  costText,
  cut,
  formatGain,
  formatScore,
  lineageNfe,
  scoreOf,
  statusText,
  whole,
} from "../state/words.js";

export interface SideEvents {
  select(id: string | undefined): void;
  copy(text: string): void;
}

/** One candidate: the chosen one, else the best so far. */
export class Side {
  readonly element = h("aside", { class: "side", "aria-label": "Candidate" });
  private drawn = "";

  constructor(private readonly events: SideEvents) {}

  update(state: ViewState, atlas: Atlas): void {
    const { model } = state;
    const candidate = shown(state);
    const signature = JSON.stringify([
      candidate,
      candidate && atlas.size(candidate.id),
      candidate === model.best,
      model.first?.id,
      model.record.spent,
      model.record.verifiers,
    ]);
    if (signature === this.drawn) return;
    this.drawn = signature;
    const focused = this.element.querySelector(":focus")?.getAttribute("data-action");
    if (!candidate) {
      const words = model.record.candidates.length ? "No candidate has a score yet." : "No round yet.";
      this.element.replaceChildren(h("p", { class: "muted" }, words));
      return;
    }
    this.element.replaceChildren(
      this.heading(model, candidate),
      h("div", { class: "portrait" }, portrait(candidate, atlas), this.facts(model, candidate)),
      h("div", { class: "figures" }, scores(model, candidate), notes(model, candidate)),
    );
    if (focused)
      this.element.querySelector<HTMLElement>(`[data-action="${focused}"]`)?.focus({ preventScroll: true });
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
}

/** The tile's own pixels; the style sheet enlarges them crisply. */
function portrait(candidate: CandidateRecord, atlas: Atlas): HTMLElement {
  const size = atlas.size(candidate.id);
  if (!size) {
    const why =
      candidate.status === "failed" ? "failed" : candidate.level === 1 ? "noise" : "no picture saved";
    return h("div", { class: "picture none" }, why);
  }
  const canvas = h("canvas", { class: "picture", role: "img", "aria-label": `Candidate ${candidate.id}` });
  [canvas.width, canvas.height] = size;
  atlas.draw(canvas.getContext("2d")!, candidate.id, 0, 0, ...size);
  return canvas;
}

function scores(model: RunModel, candidate: CandidateRecord): HTMLElement {
  const rows = [model.searched, ...model.heldOut].map((verifier) => {
    const score = scoreOf(candidate, verifier);
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, cut(verifier.name), " ", h("span", { class: "muted" }, roleText(verifier))),
      h("td", {}, score === undefined ? "–" : formatScore(score)),
      gainCell(model, candidate, verifier),
    );
  });
  return h("table", { class: "scores" }, h("tbody", {}, ...rows));
}

function roleText({ role, direction }: VerifierRecord): string {
  return `${role === "searched" ? "searched" : "held out"}${direction === "lower" ? ", lower is better" : ""}`;
}

function gainCell({ first }: RunModel, candidate: CandidateRecord, verifier: VerifierRecord): HTMLElement {
  const [now, before] = [scoreOf(candidate, verifier), first && scoreOf(first, verifier)];
  if (now === undefined || before === undefined || candidate === first) return h("td", { class: "gain" });
  const verdict =
    formatScore(now - before) === formatScore(0)
      ? "same"
      : isBetter(verifier, now, before)
        ? "better"
        : "worse";
  return h("td", { class: `gain ${verdict}` }, formatGain(now - before));
}

function notes(model: RunModel, candidate: CandidateRecord): HTMLElement {
  const { first } = model;
  return h(
    "div",
    { class: "notes-side" },
    candidate.failure !== undefined && h("p", { class: "failure" }, cut(candidate.failure)),
    first !== undefined &&
      first !== candidate &&
      h("p", {}, `Gains over the first candidate, ${cut(first.id)}.`),
    h("p", {}, costText(model)),
  );
}
