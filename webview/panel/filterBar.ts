import type { CandidateStatus } from "../../src/search/record.js";
import { h, setText } from "../dom.js";
import { levelText } from "../branches/layout.js";
import { droppedSubtrees } from "../state/fold.js";
import { all, everything, parseBand, type Filter } from "../state/filter.js";
import { candidateCount, isCandidate } from "../state/model.js";
import type { ViewState } from "../state/reduce.js";
import { whole } from "../state/words.js";

const STATUSES: readonly (CandidateStatus | "all")[] = ["all", "live", "kept", "dropped", "final", "failed"];

/** Whatever the reader sets the filter with. */
export interface FilterControls {
  readonly element: HTMLElement;
  update(state: ViewState): void;
}

/** Search by id, filter by status, score, round and noise level (also by dragging over the branches); says how many pass. */
export class FilterBar implements FilterControls {
  readonly element: HTMLElement;
  private readonly words = h("input", {
    type: "search",
    placeholder: "id",
    "aria-label": "Candidates whose id contains",
  });
  private readonly status = h(
    "select",
    { "aria-label": "Status" },
    ...STATUSES.map((status) => h("option", { value: status }, status === "all" ? "any status" : status)),
  );
  private readonly score = h("input", {
    type: "number",
    class: "score",
    step: "any",
    placeholder: "score from",
    "aria-label": "At least as good as",
  });
  private readonly round = h("input", {
    ...{ type: "number", min: 0, step: 1, placeholder: "round" },
    "aria-label": "Of round",
  });
  private readonly level = h("input", {
    ...{ type: "text", class: "level", placeholder: "level", title: "0.5, or 0.6 to 0.4" },
    "aria-label": "At noise levels",
  });
  private readonly fold = h("input", { type: "checkbox" });
  private readonly count = h("span", { class: "muted" });
  private readonly clear = h("button", { type: "button", class: "link" }, "show all");

  constructor(filter: (filter: Partial<Filter>) => void, close: () => void) {
    this.words.addEventListener("input", () => filter({ words: this.words.value }));
    this.status.addEventListener("change", () => {
      filter({ status: STATUSES.find((status) => status === this.status.value) ?? "all" });
    });
    this.score.addEventListener("input", () => {
      const score = this.score.valueAsNumber;
      filter({ score: Number.isFinite(score) ? score : undefined });
    });
    this.round.addEventListener("input", () => {
      const round = this.round.valueAsNumber;
      filter({ round: Number.isInteger(round) ? round : undefined });
    });
    this.level.addEventListener("input", () => filter({ band: parseBand(this.level.value) }));
    this.fold.addEventListener("change", () => filter({ folded: this.fold.checked }));
    this.clear.addEventListener("click", () => {
      this.words.value = this.score.value = this.round.value = this.level.value = "";
      this.status.value = "all";
      filter(everything);
      close();
    });
    this.element = h(
      "div",
      { class: "filter", role: "search" },
      this.words,
      this.status,
      this.score,
      this.round,
      this.level,
      h(
        "label",
        { title: "One sign in each round for those that nothing came of" },
        this.fold,
        "fold dropped",
      ),
      this.count,
      this.clear,
    );
  }

  update(state: ViewState): void {
    this.fold.checked = state.filter.folded;
    setText(this.count, passingText(state));
  }
}

/** "35 of 2,048, levels 0.6 to 0.4": how many are seen, and why not all. */
export function passingText({ model, filter, sight, cursor }: ViewState): string {
  const { candidates } = model.record;
  const total = candidateCount(model);
  const passing = sight === all ? total : candidates.filter((one) => isCandidate(one) && sight(one)).length;
  const where = [
    ...(filter.band ? [`levels ${filter.band.map(levelText).join(" to ")}`] : []),
    ...(filter.folded ? [`${whole(droppedSubtrees(model).size)} folded`] : []),
    ...(cursor === undefined ? [] : [`at level ${levelText(cursor)}`]),
  ];
  return [`${whole(passing)} of ${whole(total)}`, ...where].join(", ");
}
