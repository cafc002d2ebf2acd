import type { SearchDelta, SearchRecord } from "../record.js";
import type { Board } from "./board.js";
import type { SearchRunParts } from "./searchRun.js";

/** Fields always in the same order: the same search gives the same bytes. */
export function recordOf(
  { id, engine, algorithm, problem, origin }: SearchRunParts,
  { log, tree }: Board,
  { state, reason, best, spent, notices, picks, question }: SearchDelta["head"],
): SearchRecord {
  const { name, version, sha256, image } = engine.model;
  return {
    version: 1,
    id,
    algorithm: { name: algorithm.name, options: algorithm.options },
    model: { name, version, sha256, image },
    problem: problem.record,
    verifiers: problem.verifiers,
    levels: problem.sampling.levels,
    state,
    ...(reason === undefined ? {} : { reason }),
    rounds: [...log.records],
    candidates: tree.entered.map((node) => node.record()),
    ...(best === undefined ? {} : { best }),
    spent,
    ...(origin ? { fork: origin.record } : {}),
    notices,
    ...(picks ? { picks } : {}),
    ...(question ? { question } : {}),
  };
}
