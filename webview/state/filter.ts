import type { CandidateRecord, CandidateStatus } from "../../src/search/record.js";
import { isBetter, ranking, type RunModel } from "./model.js";

/** What a reader wants to see of a run; nothing set = all of it. What does not pass stays in its place, faint. */
export interface Filter {
  /** Part of an id. */
  readonly words: string;
  readonly status: CandidateStatus | "all";
  /** At least as good as this searched score. */
  readonly score: number | undefined;
  readonly round: number | undefined;
  /** Dropped subtrees are folded into a glyph in each round: the tree alone takes notice. */
  readonly folded: boolean;
  /** Noise levels, high to low: a candidate passes that was anywhere in between. */
  readonly band: readonly [high: number, low: number] | undefined;
}

export const everything: Filter = {
  words: "",
  status: "all",
  score: undefined,
  round: undefined,
  folded: false,
  band: undefined,
};

export type Sight = (candidate: CandidateRecord) => boolean;

export const all: Sight = () => true;

/** "0.6 to 0.4", "0.6-0.4" or "0.5": noise levels as a reader writes them; undefined for anything else. */
export function parseBand(text: string): Filter["band"] {
  const numbers = text.match(/\d*[.,]?\d+/g)?.map((digits) => Number(digits.replace(",", "."))) ?? [];
  const isBand = /^\s*\d*[.,]?\d+(?:\s*(?:-|–|to)\s*\d*[.,]?\d+)?\s*$/.test(text);
  if (!isBand || numbers.some((level) => level > 1)) return undefined;
  return [Math.max(...numbers), Math.min(...numbers)];
}

/** `cursor`: of the noise level, those that passed it. */
export function sightOf(model: RunModel, filter: Filter, cursor: number | undefined): Sight {
  const { words, status, score, round, band } = filter;
  const tests: Sight[] = [];
  const wanted = words.trim().toLowerCase();
  if (wanted !== "") tests.push(({ id }) => id.toLowerCase().includes(wanted));
  if (status !== "all") tests.push((candidate) => candidate.status === status);
  if (round !== undefined) tests.push((candidate) => candidate.round === round);
  if (score !== undefined) {
    const { searched } = model;
    tests.push(({ scores }) => {
      const own = scores[searched.name];
      return own !== undefined && !isBetter(searched, score, own);
    });
  }
  if (band) tests.push((candidate) => overlaps(candidate, ...band));
  if (cursor !== undefined) tests.push((candidate) => overlaps(candidate, cursor, cursor));
  return tests.length === 0 ? all : (candidate) => tests.every((test) => test(candidate));
}

/** Of those that pass, the best by the searched verifier, best first. */
export function sightedRanking(
  { model, sight }: { readonly model: RunModel; readonly sight: Sight },
  most: number,
): CandidateRecord[] {
  if (sight === all) return ranking(model, most);
  return ranking(
    { ...model, record: { ...model.record, candidates: model.record.candidates.filter(sight) } },
    most,
  );
}

/** Whom a reader looked for: the one of that very id, else the best of those that pass, else the first; nobody without a filter. */
export function found({
  model,
  sight,
  filter,
}: {
  readonly model: RunModel;
  readonly sight: Sight;
  readonly filter: Filter;
}): CandidateRecord | undefined {
  if (sight === all) return undefined;
  return (
    model.byId.get(filter.words.trim()) ??
    sightedRanking({ model, sight }, 1)[0] ??
    model.record.candidates.find(sight)
  );
}

function overlaps({ from, level }: CandidateRecord, high: number, low: number): boolean {
  return from >= low - 1e-9 && level <= high + 1e-9;
}
