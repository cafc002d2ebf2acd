import type { VerifierRecord } from "../../src/search/record.js";
import { isBetter, type RunModel } from "./model.js";
import { cut, formatScore, plural, scoreOf } from "./words.js";

/** By which a single run's warning is raised, for those who ask. */
export const HACKING_RULE =
  "Raised where the best candidate's held-out score is worse than the mean of the first candidates' by more than their standard deviation, while its searched score is better than theirs. First: of the first round at the same noise level, and of as many more as make four. One run cannot tell this from bad luck; compare() can, over several problems and seeds.";

/** A held-out verifier by which the best candidate is worse than what the search began with. */
export interface Fall {
  readonly verifier: VerifierRecord;
  /** Mean of the first candidates' held-out scores. */
  readonly from: number;
  /** The best candidate's. */
  readonly to: number;
  /** Standard deviation of the first candidates' held-out scores. */
  readonly spread: number;
  /** How many these are. */
  readonly count: number;
  /** What a score has to be worse than. */
  readonly limit: number;
  /** The same two of the searched verifier. */
  readonly searched: { readonly from: number; readonly to: number };
}

/** Fewer candidates say too little about their own spread. */
const LEAST = 4;

/** By `HACKING_RULE`, one for each held-out verifier that it holds for: what the sentence says and the triangle in the traces marks. */
export function fallsOf(model: RunModel): readonly Fall[] {
  let falls = known.get(model.record);
  if (!falls) known.set(model.record, (falls = model.heldOut.flatMap((verifier) => fallOf(model, verifier))));
  return falls;
}

const known = new WeakMap<RunModel["record"], readonly Fall[]>();

function fallOf(model: RunModel, verifier: VerifierRecord): Fall[] {
  const { best, searched } = model;
  if (!best) return [];
  const [won, to] = [scoreOf(best, searched), scoreOf(best, verifier)];
  const first = firstScores(model, best.level, verifier);
  if (won === undefined || to === undefined || first.length < LEAST) return [];
  const before = meanOf(first.map((pair) => pair.searched));
  if (!isBetter(searched, won, before)) return [];
  const from = meanOf(first.map((pair) => pair.heldOut));
  const squares = first.reduce((sum, { heldOut }) => sum + (heldOut - from) ** 2, 0);
  const spread = Math.sqrt(squares / (first.length - 1));
  const limit = verifier.direction === "higher" ? from - spread : from + spread;
  // What the reader would see as the same number is no fall.
  if (!isBetter(verifier, limit, to) || formatScore(from) === formatScore(to)) return [];
  return [{ verifier, from, to, spread, count: first.length, limit, searched: { from: before, to: won } }];
}

/** Of the candidates that both have scored, at one level: previews and finished images are scored otherwise. */
function firstScores(
  { groups, searched }: RunModel,
  level: number,
  verifier: VerifierRecord,
): readonly { readonly searched: number; readonly heldOut: number }[] {
  const found: { searched: number; heldOut: number }[] = [];
  for (const { candidates } of groups) {
    if (found.length >= LEAST) break;
    for (const candidate of candidates) {
      const [own, other] = [scoreOf(candidate, searched), scoreOf(candidate, verifier)];
      if (candidate.level === level && own !== undefined && other !== undefined)
        found.push({ searched: own, heldOut: other });
    }
  }
  return found;
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The same in words. */
export function hackingSentences(model: RunModel): string[] {
  return fallsOf(model).map(
    ({ verifier, from, to, spread, count, searched }) =>
      `${cut(verifier.name)}, held out, got worse, from ${formatScore(from)}, the mean of the first ${plural(count, "candidate")} ` +
      `(s.d. ${formatScore(spread)}), to ${formatScore(to)}, while ${cut(model.searched.name)} got better, ` +
      `from ${formatScore(searched.from)} to ${formatScore(searched.to)}: the search may be fooling its verifier.`,
  );
}
