import type { PickRecord, QuestionRecord, SearchRecord } from "../../src/search/record.js";
import { count, isDictionary, list, names, string, type Dictionary } from "./fields.js";

/** What a person was asked and has answered, of a record or a delta's head. */
export function parsePeople(record: {
  readonly question?: unknown;
  readonly picks?: unknown;
}): Pick<SearchRecord, "question" | "picks"> {
  const picks = list(record.picks).filter(isDictionary).map(parsePick);
  const question = isDictionary(record.question) ? parseQuestion(record.question) : undefined;
  return { ...(picks.length > 0 ? { picks } : {}), ...(question ? { question } : {}) };
}

function parsePick(pick: Dictionary): PickRecord {
  return {
    verifier: string(pick["verifier"]),
    round: count(pick["round"]),
    candidates: names(pick["candidates"]),
    order: list(pick["order"]).map(names),
    dropped: names(pick["dropped"]),
  };
}

function parseQuestion(question: Dictionary): QuestionRecord | undefined {
  const candidates = names(question["candidates"]);
  const asked = question["text"];
  if (candidates.length === 0) return undefined;
  return {
    number: count(question["number"]),
    verifier: string(question["verifier"]),
    ...(typeof asked === "string" ? { text: asked } : {}),
    round: count(question["round"]),
    candidates,
  };
}
