import type { CandidateRecord, CandidateStatus } from "../../src/search/record.js";
import { count, isDictionary, list, number, oneOf, string, unit, type Dictionary } from "./fields.js";
import type { Oddities } from "./oddities.js";
import { parseCost, parseScores } from "./parseCost.js";
import { RecordError } from "./recordError.js";

/** More than this in one saved output is not a search that anyone ran. */
const MOST_CANDIDATES = 500_000;
const STATUSES: readonly CandidateStatus[] = ["live", "dropped", "kept", "final", "failed"];

export function parseCandidates(value: unknown, odd: Oddities): CandidateRecord[] {
  const entries = list(value);
  // A table that could not be read is left in its place.
  if (isDictionary(value)) odd.candidates++;
  if (entries.length > MOST_CANDIDATES)
    throw new RecordError("record.candidates", `at most ${MOST_CANDIDATES} entries`);
  const byId = new Map<string, CandidateRecord>();
  for (const entry of entries) {
    if (!isDictionary(entry) || typeof entry["id"] !== "string" || byId.has(entry["id"])) odd.candidates++;
    else byId.set(entry["id"], parseCandidate(entry, entry["id"], odd));
  }
  return [...byId.values()];
}

function parseCandidate(entry: Dictionary, id: string, odd: Oddities): CandidateRecord {
  const at = isDictionary(entry["at"]) ? entry["at"] : undefined;
  const weight = number(entry["logWeight"]);
  const earlier = list(entry["earlier"]).flatMap((before) => {
    const level = isDictionary(before) ? number(before["level"]) : undefined;
    return level === undefined ? [] : [{ level, scores: parseScores((before as Dictionary)["scores"], odd) }];
  });
  return {
    id,
    parents: list(entry["parents"]).filter((parent): parent is string => typeof parent === "string"),
    round: Math.min(1e6, Math.max(0, Math.trunc(number(entry["round"]) ?? 0))),
    op: string(entry["op"]),
    from: unit(entry["from"], 1),
    level: unit(entry["level"], 0),
    status: oneOf(STATUSES, entry["status"], "live"),
    scores: parseScores(entry["scores"], odd),
    ...(earlier.length > 0 ? { earlier } : {}),
    ...(typeof entry["failure"] === "string" ? { failure: entry["failure"] } : {}),
    ...(weight === undefined ? {} : { logWeight: weight }),
    key: string(entry["key"]),
    cost: parseCost(entry["cost"]),
    ...(at
      ? {
          at: {
            nfe: count(at["nfe"]),
            forwards: count(at["forwards"]),
            verifierCalls: count(at["verifierCalls"]),
          },
        }
      : {}),
  };
}
