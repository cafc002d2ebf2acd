import type { CandidateRecord, RoundRecord, SearchDelta, SearchRecord } from "../../src/search/record.js";
import type { Oddities } from "./oddities.js";
import { parseRounds } from "./parse.js";
import { parseCandidates } from "./parseCandidates.js";
import { parseCost } from "./parseCost.js";
import { parsePeople } from "./parsePeople.js";

/** The record after a delta; what cannot be read of it is counted in `odd`. */
export function withDelta(old: SearchRecord, delta: SearchDelta, odd: Oddities): SearchRecord {
  const { reason: _reason, best: _best, picks: _picks, question: _question, ...rest } = old;
  const { head } = delta;
  return {
    ...rest,
    state: head.state,
    ...(head.reason === undefined ? {} : { reason: head.reason }),
    ...(head.best === undefined ? {} : { best: head.best }),
    notices: head.notices,
    ...parsePeople(head),
    spent: parseCost(head.spent),
    candidates: merge<CandidateRecord>(
      old.candidates,
      parseCandidates(delta.candidates, odd),
      ({ id }) => id,
    ),
    rounds: merge<RoundRecord>(old.rounds, parseRounds(delta.rounds), ({ index }) => index),
  };
}

function merge<T>(old: readonly T[], changed: readonly T[], key: (entry: T) => unknown): readonly T[] {
  if (changed.length === 0) return old;
  const byKey = new Map(changed.map((entry) => [key(entry), entry]));
  const merged = old.map((entry) => {
    const replacement = byKey.get(key(entry));
    byKey.delete(key(entry));
    return replacement ?? entry;
  });
  merged.push(...byKey.values());
  return merged;
}
