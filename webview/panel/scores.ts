import type { CandidateRecord, VerifierRecord } from "../../src/search/record.js";
import { h, setAttribute, setText } from "../dom.js";
import { isBetter, isFinished, type RunModel } from "../state/model.js";
import { cut, formatGain, formatScore, scoreOf, whole } from "../state/words.js";

/** All scores of the shown candidate with their ranks, and what was gained; beside those of the one it is compared with. */
export function scoreTable(
  model: RunModel,
  candidate: CandidateRecord,
  compared: CandidateRecord | undefined,
): HTMLElement {
  const rows = [model.searched, ...model.heldOut].map((verifier) => {
    const score = scoreOf(candidate, verifier);
    const other = compared && scoreOf(compared, verifier);
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, cut(verifier.name), " ", h("span", { class: "muted" }, roleText(verifier))),
      h("td", {}, score === undefined ? "–" : formatScore(score)),
      compared
        ? h("td", {}, other === undefined ? "–" : formatScore(other))
        : gainCell(model, candidate, verifier),
      rankCell(model, candidate, verifier),
    );
  });
  const head =
    compared &&
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", {}, ""),
        ...[candidate.id, compared.id, "rank"].map((name) => h("th", { scope: "col" }, cut(name))),
      ),
    );
  return h("table", { class: "scores" }, head, h("tbody", {}, ...rows));
}

function rankCell(model: RunModel, candidate: CandidateRecord, verifier: VerifierRecord): HTMLElement {
  const cell = h("td", { class: "rank muted" });
  updateRank(cell, model, candidate, verifier);
  return cell;
}

/** Among all that have this score, final images and previews apart: 1 is the best. */
export function updateRank(
  cell: Element,
  { record }: RunModel,
  candidate: CandidateRecord,
  verifier: VerifierRecord,
): void {
  const own = scoreOf(candidate, verifier);
  if (own === undefined) return setText(cell, "");
  let [better, count] = [0, 0];
  for (const other of record.candidates) {
    const score = scoreOf(other, verifier);
    if (score === undefined || isFinished(other) !== isFinished(candidate)) continue;
    count++;
    if (isBetter(verifier, score, own)) better++;
  }
  setText(cell, `#${whole(better + 1)}`);
  setAttribute(
    cell,
    "title",
    `Rank ${whole(better + 1)} of ${whole(count)} ${isFinished(candidate) ? "final images" : "previews"}`,
  );
}

function roleText({ role, direction }: VerifierRecord): string {
  return `${role === "searched" ? "searched" : "held out"}${direction === "lower" ? ", lower is better" : ""}`;
}

function gainCell({ first }: RunModel, candidate: CandidateRecord, verifier: VerifierRecord): HTMLElement {
  const [now, before] = [scoreOf(candidate, verifier), first && scoreOf(first, verifier)];
  if (now === undefined || before === undefined || candidate === first) return h("td", { class: "gain" });
  // What the reader sees as the same number is no gain.
  const isSame = formatScore(now) === formatScore(before);
  const verdict = isSame ? "same" : isBetter(verifier, now, before) ? "better" : "worse";
  return h("td", { class: `gain ${verdict}` }, formatGain(isSame ? 0 : now - before));
}
