import type { ChoosingOp, ResampleOp, TournamentOp } from "../engine/op.js";
import type { CandidateId } from "../record.js";
import { resampleCounts, uniformsNeeded } from "../resampling/schemes.js";
import { logMeanExp } from "../resampling/weights.js";
import type { CandidateTree } from "./candidateTree.js";
import type { Making } from "./making.js";
import type { Node } from "./node.js";

/** Which candidates a selection chose, in order; one that was chosen twice is there twice. */
export type Choice = readonly CandidateId[];

/** The selections. What is chosen is data: a replay or a fork puts its own choice in the place of the one that would be made. */
export class Choosing {
  readonly #tree: CandidateTree;
  readonly #making: Making;

  constructor(tree: CandidateTree, making: Making) {
    this.#tree = tree;
    this.#making = making;
  }

  /** What the operation chooses by itself. */
  decide(op: ChoosingOp): Choice {
    const { candidates } = op;
    switch (op.kind) {
      case "keep":
        return this.#ranked(candidates)
          .slice(0, op.best)
          .map(({ id }) => id);
      case "threshold":
        return candidates.filter((id) => (this.#score(id) ?? -Infinity) >= op.atLeast);
      case "drop":
        return [];
      case "resample":
        return this.#resampled(op);
      case "tournament":
        return this.#winners(op);
    }
  }

  /** Carries a choice out: who stays, who is dropped, which copies are made. */
  apply(op: ChoosingOp, chosen: Choice, rounds: number): Node[] {
    const picked = chosen.map((id) => this.#tree.find(id));
    if (op.kind === "tournament") return picked;
    const stays = new Set(picked);
    for (const id of op.candidates) {
      const node = this.#tree.find(id);
      if (node.status !== "failed") this.#tree.mark(node, stays.has(node) ? "kept" : "dropped");
    }
    return op.kind === "resample" ? this.#copied(op, picked, rounds) : picked;
  }

  /** The best that have a score, best first; of equals the earlier in the list. */
  #ranked(candidates: readonly CandidateId[]): Node[] {
    const scored = candidates.flatMap((id, place) => {
      const score = this.#score(id);
      return score === undefined ? [] : [{ node: this.#tree.find(id), score, place }];
    });
    return scored.sort((a, b) => b.score - a.score || a.place - b.place).map(({ node }) => node);
  }

  #resampled({ candidates, logWeights, count, scheme }: ResampleOp): Choice {
    if (candidates.length === 0 || count === 0) return [];
    const uniforms = this.#making.chance("resample", uniformsNeeded(candidates.length, count));
    const counts = resampleCounts(scheme, logWeights, count, uniforms);
    return candidates.flatMap((id, i) => Array.from({ length: counts[i]! }, () => id));
  }

  /** A candidate goes on as itself the first time, as a copy each further time; all with the mean weight. */
  #copied(op: ResampleOp, picked: readonly Node[], rounds: number): Node[] {
    if (picked.length === 0) return [];
    const mean = logMeanExp(op.logWeights);
    for (const id of op.candidates) this.#tree.find(id).logWeight = -Infinity;
    const seen = new Set<Node>();
    return picked.map((node) => {
      const particle = seen.has(node) ? this.#making.copy(node, rounds) : node;
      seen.add(node);
      particle.logWeight = mean;
      this.#tree.enter(particle);
      this.#tree.touch(particle);
      return particle;
    });
  }

  #winners({ candidates, count, size }: TournamentOp): Choice {
    if (candidates.length === 0) return [];
    const drawn = Math.min(size, candidates.length);
    const uniforms = this.#making.chance("tournament", count * drawn);
    const best = new Map(this.#ranked(candidates).map(({ id }, rank) => [id, rank]));
    const rank = (id: CandidateId): number => best.get(id) ?? Infinity;
    return Array.from({ length: count }, (_, t) => {
      const urn = [...candidates];
      let winner: CandidateId | undefined;
      for (let i = 0; i < drawn; i++) {
        const at = i + Math.floor(uniforms[t * drawn + i]! * (urn.length - i));
        [urn[i], urn[at]] = [urn[at]!, urn[i]!];
        if (winner === undefined || rank(urn[i]!) < rank(winner)) winner = urn[i]!;
      }
      return winner!;
    });
  }

  #score(id: CandidateId): number | undefined {
    return this.#tree.scoreOf(this.#tree.find(id));
  }
}
