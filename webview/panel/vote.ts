import type { SearchAction } from "../../src/kernel/protocol.js";
import type { QuestionRecord } from "../../src/search/record.js";

/** What a person has marked so far: places in the ballot, from 0. */
export interface Vote {
  /** Best first. */
  readonly ranks: readonly number[];
  readonly dropped: readonly number[];
}

export const emptyVote: Vote = { ranks: [], dropped: [] };

/** Marks one, or takes the same mark back. Nobody is ranked and dropped at once. */
export function castVote({ ranks, dropped }: Vote, kind: "rank" | "drop", at: number): Vote {
  const marked = kind === "rank" ? ranks : dropped;
  const others = (list: readonly number[]): number[] => list.filter((other) => other !== at);
  const next = marked.includes(at) ? others(marked) : [...marked, at];
  return kind === "rank"
    ? { ranks: next, dropped: others(dropped) }
    : { ranks: others(ranks), dropped: next };
}

/** What Enter on a picture answers with: what was ranked; where nothing was, that picture too, unless it was dropped. */
export function enteredVote(vote: Vote, at: number): Vote {
  return vote.ranks.length > 0 || vote.dropped.includes(at) ? vote : castVote(vote, "rank", at);
}

export function pickOf(
  { ranks, dropped }: Vote,
  { number, candidates }: QuestionRecord,
): Extract<SearchAction, { kind: "pick" }> {
  const order = ranks.map((at) => [candidates[at]!]);
  return { kind: "pick", question: number, order, dropped: dropped.map((at) => candidates[at]!) };
}

/** A mark as a sign, and as it is read out. */
export function wordsFor(
  { ranks, dropped }: Vote,
  at: number,
): { readonly kind: "ranked" | "dropped" | undefined; readonly short: string; readonly long: string } {
  const place = ranks.indexOf(at);
  if (place >= 0) {
    return { kind: "ranked", short: ranks.length === 1 ? "✓" : String(place + 1), long: `rank ${place + 1}` };
  }
  return dropped.includes(at)
    ? { kind: "dropped", short: "✕", long: "dropped" }
    : { kind: undefined, short: "", long: "" };
}

/** What the button will do, in words. */
export function voteText({ ranks, dropped }: Vote, count: number): string {
  const away = dropped.length === 0 ? "" : `drop ${dropped.length === count ? "all" : dropped.length}`;
  if (ranks.length === 0) return away === "" ? "Pick" : `D${away.slice(1)}`;
  const picked = ranks.length === 1 ? `Pick ${ranks[0]! + 1}` : "Send ranking";
  return away === "" ? picked : `${picked}, ${away}`;
}
