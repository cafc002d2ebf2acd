import type { RoundRecord } from "../../src/search/record.js";
import { h } from "../dom.js";
import type { RunModel } from "../state/model.js";
import { formatScore, scoreOf, whole } from "../state/words.js";

/** Rounds that the table keeps. */
const MOST = 100;

/** The traces in words, for those who do not see them: one row for each round, the last hundred. */
export class TraceTable {
  readonly element = h("div", { class: "unseen" });
  private readonly body = h("tbody", {});
  private columns = "";
  /** What stands in the body's rows, in order: a live search adds rows ten times a second, the others stay as they are. */
  private rows: readonly string[] = [];

  update(model: RunModel): void {
    const verifiers = [model.searched, ...model.heldOut];
    const hasParticles = model.record.rounds.some(({ particles }) => particles);
    const columns = JSON.stringify([verifiers, hasParticles]);
    if (columns !== this.columns) this.rebuild(model, hasParticles);
    this.columns = columns;
    const all = model.record.rounds;
    let nfe = all.slice(0, -MOST).reduce((sum, { spent }) => sum + spent.cold.nfe, 0);
    const rounds = all
      .slice(-MOST)
      .map((round) => [
        ...cellsOf(model, round, (nfe += round.spent.cold.nfe)),
        ...(hasParticles ? particleCells(round) : []),
      ]);
    const rows = rounds.map((cells) => cells.join("\t"));
    const gone = Math.max(0, this.rows.indexOf(rows[0] ?? ""));
    for (let i = 0; i < gone; i++) this.body.firstElementChild?.remove();
    const kept = this.rows.slice(gone);
    let same = 0;
    while (same < kept.length && kept[same] === rows[same]) same++;
    while (this.body.childElementCount > same) this.body.lastElementChild!.remove();
    for (const cells of rounds.slice(same))
      this.body.append(h("tr", {}, ...cells.map((text) => h("td", {}, text))));
    this.rows = rows;
  }

  private rebuild({ searched, heldOut }: RunModel, hasParticles: boolean): void {
    const names = [searched, ...heldOut].map(
      ({ name, role }) => `${name}, ${role === "searched" ? "searched" : "held out"}`,
    );
    const particles = hasParticles ? ["Particles", "Effective sample size", "Unique ancestors"] : [];
    const head = ["Round", "NFE", "Best so far", ...names, ...particles].map((name) =>
      h("th", { scope: "col" }, name),
    );
    const caption = h("caption", {}, "Best so far by round");
    this.body.replaceChildren();
    this.rows = [];
    this.element.replaceChildren(h("table", {}, caption, h("thead", {}, h("tr", {}, ...head)), this.body));
  }
}

function particleCells({ particles }: RoundRecord): string[] {
  if (!particles) return ["none", "none", "none"];
  const { count, ess, ancestors } = particles;
  return [whole(count), String(Math.round(ess * 10) / 10), whole(ancestors)];
}

function cellsOf(model: RunModel, { index, best }: RoundRecord, nfe: number): string[] {
  const candidate = best === undefined ? undefined : model.byId.get(best);
  const values = [model.searched, ...model.heldOut].map((verifier) => {
    const score = candidate && scoreOf(candidate, verifier);
    return score === undefined ? "none" : formatScore(score);
  });
  return [String(index), whole(nfe), best ?? "none", ...values];
}
