import type { EnsembleVerifier } from "../verifiers/ensemble.js";
import {
  freezePool,
  rankScoresInPools,
  zScores,
  type FrozenMember,
  type MemberScores,
} from "../verifiers/ensembleScores.js";
import type { CandidateTree } from "./candidateTree.js";
import type { Node } from "./node.js";

/**
 * The scores that a run's ensembles give, from those of their members: derived, so that a replay or a fork derives the same. Ranks are written anew
 * for all of a pool as it grows; a z-score stays what it was, because its pool is frozen when two candidates can first be compared.
 */
export class Ensembles {
  readonly #tree: CandidateTree;
  /** The round in which a candidate was last scored. */
  readonly #rounds = new Map<Node, number>();
  readonly #frozen = new Map<string, FrozenMember[]>();
  /** Mean ranks among all of the run, of an ensemble whose pool is the round. */
  readonly #standings = new Map<string, ReadonlyMap<Node, number>>();

  constructor(tree: CandidateTree) {
    this.#tree = tree;
  }

  /** The members have scored these in this round. Gives all whose score is now another. */
  combine(ensemble: EnsembleVerifier, scored: readonly Node[], round: number): readonly Node[] {
    for (const node of scored) this.#rounds.set(node, round);
    const nodes = this.#tree.entered.filter((node) => complete(ensemble, node));
    const members = ensemble.members.map(({ name, direction }): MemberScores => ({
      name,
      direction,
      scores: nodes.map((node) => node.scores[name]),
    }));
    const { rule, weights } = ensemble.spec;
    const scores =
      rule === "rank"
        ? this.#ranks(ensemble, nodes, members, round)
        : this.#standard(ensemble.name, members, weights);
    const changed: Node[] = [];
    nodes.forEach((node, i) => {
      const score = scores[i];
      if (score === undefined || node.scores[ensemble.name] === score) return;
      node.score(ensemble.name, score, node.scoredAt!);
      this.#tree.touch(node);
      changed.push(node);
    });
    return changed;
  }

  /** What compares candidates of different rounds, higher is better; undefined where the score itself does. */
  standing(verifier: string, node: Node): number | undefined {
    const rank = this.#standings.get(verifier)?.get(node);
    return rank === undefined ? undefined : -rank;
  }

  #ranks(
    { name, spec: { pool, weights } }: EnsembleVerifier,
    nodes: readonly Node[],
    members: readonly MemberScores[],
    round: number,
  ): readonly (number | undefined)[] {
    // Previews and clean images are not ranked against each other.
    const levels = nodes.map(({ scoredAt }) => `${scoredAt}`);
    const overall = rankScoresInPools(members, levels, weights);
    if (pool === "run") return overall;
    this.#standings.set(
      name,
      new Map(nodes.flatMap((node, i) => (overall[i] === undefined ? [] : [[node, overall[i]]]))),
    );
    // Rounds that are over keep their ranks.
    const isNow = nodes.map((node) => this.#rounds.get(node) === round);
    const now = members.map((member) => ({
      ...member,
      scores: member.scores.map((score, i) => (isNow[i] ? score : undefined)),
    }));
    return rankScoresInPools(now, levels, weights);
  }

  /** Until there is a pool to freeze, a lone candidate stands at its own mean: 0. */
  #standard(
    name: string,
    members: readonly MemberScores[],
    weights?: readonly number[],
  ): readonly (number | undefined)[] {
    const count = members[0]!.scores.length;
    if (!this.#frozen.has(name)) {
      if (count < 2) return members[0]!.scores.map(() => 0);
      this.#frozen.set(name, freezePool(members));
    }
    return zScores(members, this.#frozen.get(name)!, weights);
  }
}

function complete(ensemble: EnsembleVerifier, node: Node): boolean {
  return node.status !== "failed" && ensemble.members.every(({ name }) => Object.hasOwn(node.scores, name));
}
