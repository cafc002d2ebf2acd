import type { CandidateRecord, VerifierRecord } from "../../src/search/record.js";
import { candidateCount, lineageOf, type RunModel } from "./model.js";
import type { ViewState } from "./reduce.js";

/** Everything the view says. Texts from a record are cut: a title is not a place for a novel. */
const TITLES: Readonly<Record<string, string>> = {
  random: "Random search",
  "zero-order": "Zero-order search",
  paths: "Search over paths",
  "search-over-paths": "Search over paths",
  "successive-halving": "Successive halving",
  "feynman-kac": "Feynman–Kac steering",
  "soft-value": "Soft value decoding",
  rollover: "Rollover budget forcing",
  tree: "Tree search",
  evolutionary: "Evolutionary search",
  "breadth-first": "Breadth-first search",
  "depth-first": "Depth-first search",
  beam: "Beam search",
  "epsilon-greedy": "ε-greedy search",
};

export function algorithmTitle(name: string): string {
  const title = Object.hasOwn(TITLES, name) ? TITLES[name] : undefined;
  const words = name.replace(/[-_]+/g, " ").trim();
  return title ?? cut(words.charAt(0).toUpperCase() + words.slice(1));
}

export function problemText({ record, searched }: RunModel): string {
  const { condition, seed } = record.problem;
  const asked = typeof condition === "string" ? condition : condition && Object.values(condition).join(", ");
  return [asked && cut(asked), cut(searched.name), `seed ${seed}`].filter(Boolean).join(" · ");
}

export function stateText({ record, totalRounds, ended }: RunModel): string {
  const done = record.rounds.length;
  const state = record.state === "waiting" ? "waiting for a pick" : record.state;
  if (done === 0) return state;
  if (ended && (totalRounds === undefined || done === totalRounds))
    return `${state} · ${plural(done, "round")}`;
  return `${state} · round ${done}${totalRounds === undefined ? "" : ` of ${totalRounds}`}`;
}

/** What a screen reader hears when something has happened. */
export function announcement(model: RunModel): string {
  const best = model.best && scoreOf(model.best, model.searched);
  return `${stateText(model)}${best === undefined ? "" : `, best ${formatScore(best)}`}`;
}

export function spentText({ model, milliseconds }: ViewState): string {
  const { spent, problem } = model.record;
  const { nfe, verifierCalls, seconds } = problem.budget;
  const calls = Object.values(spent.verifierCalls).reduce((sum, count) => sum + count, 0);
  const time = milliseconds === undefined ? undefined : formatSeconds(milliseconds / 1000);
  const parts =
    nfe === undefined && verifierCalls !== undefined
      ? [`${whole(calls)} of ${whole(verifierCalls)} verifier calls`, `${whole(spent.cold.nfe)} NFE`]
      : [nfe === undefined ? `${whole(spent.cold.nfe)} NFE` : `${whole(spent.cold.nfe)} / ${whole(nfe)} NFE`];
  if (time)
    parts.push(nfe === undefined && seconds !== undefined ? `${time} of ${formatSeconds(seconds)}` : time);
  return parts.join(" · ");
}

/** Share of the budget that is used up, 0..1, by its tightest limit. */
export function spentShare({ model, milliseconds }: ViewState): number | undefined {
  const { spent, problem, rounds } = model.record;
  const { nfe, verifierCalls, seconds } = problem.budget;
  const calls = Object.values(spent.verifierCalls).reduce((sum, count) => sum + count, 0);
  const shares: number[] = [];
  if (nfe) shares.push(spent.cold.nfe / nfe);
  if (verifierCalls) shares.push(calls / verifierCalls);
  if (problem.budget.rounds) shares.push(rounds.length / problem.budget.rounds);
  if (seconds && milliseconds !== undefined) shares.push(milliseconds / 1000 / seconds);
  if (shares.length === 0 && model.totalRounds) shares.push(rounds.length / model.totalRounds);
  return shares.length ? Math.min(1, Math.max(...shares)) : undefined;
}

export function countText(model: RunModel): string {
  const { record, failed } = model;
  const parts = [plural(candidateCount(model), "candidate")];
  if (record.rounds.length) parts.push(plural(record.rounds.length, "round"));
  if (failed) parts.push(`${whole(failed)} failed`);
  return parts.join(" · ");
}

export function costText(model: RunModel): string {
  return `Cost of one sample ×${ratio(model.record.spent.cold.nfe / model.sampleNfe)}.`;
}

export function lineageNfe(model: RunModel, candidate: CandidateRecord): number {
  return lineageOf(model, candidate.id).reduce(
    (sum, id) => sum + (model.byId.get(id)?.cost.cold.nfe ?? 0),
    0,
  );
}

/** What was left out or odd in the record, as sentences. */
export function oddSentences({ model, odd }: ViewState): string[] {
  const sentences: string[] = [];
  if (odd.candidates)
    sentences.push(`${plural(odd.candidates, "entry", "entries")} of the record could not be read.`);
  if (odd.scores)
    sentences.push(`${plural(odd.scores, "score")} of the record ${are(odd.scores)} not a number.`);
  if (odd.pictures)
    sentences.push(
      `${plural(odd.pictures, "set")} of thumbnails ${are(odd.pictures)} no PNG of a usable size and not shown.`,
    );
  if (model.orphans) {
    const names = model.orphans === 1 ? "names" : "name";
    sentences.push(
      `${plural(model.orphans, "candidate")} ${names} a parent that is not an earlier candidate of this record.`,
    );
  }
  return sentences;
}

export function statusText({ status, failure }: CandidateRecord): string {
  return status === "failed"
    ? `failed${failure ? `: ${cut(failure)}` : ""}`
    : status === "live"
      ? "not decided yet"
      : status;
}

/** One candidate in one line: for the tree's items and the tooltip's first reading. */
export function candidateText(model: RunModel, candidate: CandidateRecord): string {
  const score = scoreOf(candidate, model.searched);
  const best = candidate === model.best ? "best so far, " : "";
  const value = score === undefined ? "no score" : `${cut(model.searched.name)} ${formatScore(score)}`;
  return `${cut(candidate.id)}, ${best}${value}, ${statusText(candidate)}, round ${candidate.round}`;
}

export function scoreOf(candidate: CandidateRecord, verifier: VerifierRecord): number | undefined {
  return candidate.scores[verifier.name];
}

/** Three significant digits where two decimals would hide the difference. */
export function formatScore(score: number): string {
  const size = Math.abs(score);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return signed(score.toExponential(1));
  return signed(score.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3));
}

export function formatGain(gain: number): string {
  return gain > 0 ? `+${formatScore(gain)}` : formatScore(gain);
}

function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
}

const english = new Intl.NumberFormat("en-US");
export const whole = (count: number): string => english.format(Math.round(count));
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${whole(count)} ${count === 1 ? one : many}`;
export const cut = (words: string): string => (words.length > 80 ? `${words.slice(0, 79)}…` : words);
const are = (count: number): string => (count === 1 ? "is" : "are");
const ratio = (times: number): string => (times >= 10 ? whole(times) : String(Math.round(times * 10) / 10));
const signed = (digits: string): string => digits.replace("-", "−");
