import { stratify, type HierarchyNode } from "d3-hierarchy";
import type { CandidateId, CandidateRecord } from "../../src/search/record.js";

/** A candidate in the tree of first parents; undefined stands for the root above all that have none. */
export type CandidateNode = HierarchyNode<CandidateRecord | undefined>;

const made = new WeakMap<object, ReadonlyMap<CandidateId, CandidateNode>>();

/** Of a model, made when it is first asked for: a tree of nodes that know each other has no place in a state that is compared. */
export function nodesOf(model: {
  readonly byId: ReadonlyMap<CandidateId, CandidateRecord>;
  readonly parents: ReadonlyMap<CandidateId, readonly CandidateId[]>;
}): ReadonlyMap<CandidateId, CandidateNode> {
  const known = made.get(model.parents);
  if (known) return known;
  const nodes = hierarchyOf(model.byId.values(), model.parents);
  made.set(model.parents, nodes);
  return nodes;
}

/** `parents` may only name candidates of the list that come before their children, so that there is no cycle. */
function hierarchyOf(
  candidates: Iterable<CandidateRecord>,
  parents: ReadonlyMap<CandidateId, readonly CandidateId[]>,
): ReadonlyMap<CandidateId, CandidateNode> {
  const nodes = new Map<CandidateId, CandidateNode>();
  const root = stratify<CandidateRecord | undefined>()
    // A prefix keeps every id apart from the root's.
    .id((candidate) => (candidate ? `c${candidate.id}` : "root"))
    .parentId((candidate) => {
      if (!candidate) return undefined;
      const parent = parents.get(candidate.id)?.[0];
      return parent === undefined ? "root" : `c${parent}`;
    })([undefined, ...candidates]);
  root.each((node) => node.data && nodes.set(node.data.id, node));
  return nodes;
}
