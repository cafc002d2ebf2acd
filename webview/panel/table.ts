import { h } from "../dom.js";
import type { RunModel } from "../state/model.js";
import { formatScore, scoreOf, whole } from "../state/words.js";

/** The traces in words, for those who do not see them: one row for each round, the last hundred. */
export class TraceTable {
  readonly element = h("div", { class: "unseen" });
  private drawn = "";

  update(model: RunModel): void {
    const verifiers = [model.searched, ...model.heldOut];
    const rounds = model.record.rounds.slice(-100);
    const signature = JSON.stringify([rounds.map(({ index, best }) => [index, best]), verifiers]);
    if (signature === this.drawn) return;
    this.drawn = signature;
    const names = verifiers.map(
      ({ name, role }) => `${name}, ${role === "searched" ? "searched" : "held out"}`,
    );
    const head = ["Round", "NFE", "Best so far", ...names].map((name) => h("th", { scope: "col" }, name));
    let nfe = 0;
    const totals = new Map(model.record.rounds.map(({ index, spent }) => [index, (nfe += spent.cold.nfe)]));
    const rows = rounds.map(({ index, best }) => {
      const candidate = best === undefined ? undefined : model.byId.get(best);
      const values = verifiers.map((verifier) => {
        const score = candidate && scoreOf(candidate, verifier);
        return score === undefined ? "none" : formatScore(score);
      });
      return h(
        "tr",
        {},
        ...[String(index), whole(totals.get(index) ?? 0), best ?? "none", ...values].map((value) =>
          h("td", {}, value),
        ),
      );
    });
    const caption = h("caption", {}, "Best so far by round");
    this.element.replaceChildren(
      h("table", {}, caption, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)),
    );
  }
}
