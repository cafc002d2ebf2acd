import type { CandidateId } from "../../src/search/record.js";
import { nodesOf } from "./hierarchy.js";
import type { RunModel } from "./model.js";

const known = new WeakMap<RunModel, ReadonlySet<CandidateId>>();

/** Candidates of dropped subtrees: dropped themselves, and nothing that came of them lives or leads to the best. */
export function droppedSubtrees(model: RunModel): ReadonlySet<CandidateId> {
  let dropped = known.get(model);
  if (!dropped) known.set(model, (dropped = find(model)));
  return dropped;
}

function find(model: RunModel): ReadonlySet<CandidateId> {
  const dropped = new Set<CandidateId>();
  const [any] = nodesOf(model).values();
  // Children before their parents.
  any
    ?.ancestors()
    .at(-1)!
    .eachAfter(({ data, children = [] }) => {
      if (data?.status !== "dropped" || model.bestLineage.has(data.id)) return;
      if (children.every((child) => child.data && dropped.has(child.data.id))) dropped.add(data.id);
    });
  return dropped;
}
