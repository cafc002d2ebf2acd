import { InputError } from "../inputError.js";
import { listed } from "../check.js";
import { midRanks } from "./ensembleRanks.js";

/** One verifier of an ensemble with its scores: the same candidate at the same index of each. What failed is `undefined` or not finite. */
export interface MemberScores {
  readonly name: string;
  readonly direction: "higher" | "lower";
  readonly scores: readonly (number | undefined)[];
}

/** Which of the two rules, and which scores are better by it. */
export type EnsembleRule = "rank" | "z-score";
export const ENSEMBLE_DIRECTION: Readonly<Record<EnsembleRule, "higher" | "lower">> = {
  rank: "lower",
  "z-score": "higher",
};

/**
 * Mean mid-rank of each candidate among these candidates, 1 = best: the unweighted ensemble of Ma et al. 2025, with weights if given. Ranks
 * are relative to the pool, so a score from one pool means nothing in another. It sees only orders: no verifier can outshout the others, and
 * none gains by changing its scale. A candidate that any member failed on has no score, and takes no place in any member's ranks.
 */
export function rankScores(
  members: readonly MemberScores[],
  weights?: readonly number[],
): (number | undefined)[] {
  const complete = completeOnly(members);
  const shares = sharesOf(members, weights);
  const ranks = complete.map(({ scores, direction }) => midRanks(scores, direction));
  return weighted(ranks, shares);
}

/** As `rankScores`, each candidate within its own pool, e.g. its round; `pools` has a pool's name for each candidate. */
export function rankScoresInPools(
  members: readonly MemberScores[],
  pools: readonly (string | number)[],
  weights?: readonly number[],
): (number | undefined)[] {
  const scores: (number | undefined)[] = pools.map(() => undefined);
  for (const pool of new Set(pools)) {
    const inside = pools.flatMap((one, i) => (one === pool ? [i] : []));
    const part = members.map((member) => ({ ...member, scores: inside.map((i) => member.scores[i]) }));
    rankScores(part, weights).forEach((score, i) => (scores[inside[i]!] = score));
  }
  return scores;
}

/** Mean and deviation of one member over the pool that was frozen, e.g. the first round. */
export interface FrozenMember {
  readonly name: string;
  readonly mean: number;
  readonly deviation: number;
}

/** What z-scores are measured by; later candidates never change it. Deviation with n - 1. */
export function freezePool(members: readonly MemberScores[]): FrozenMember[] {
  return completeOnly(members).map(({ name, scores }) => {
    const values = scores.filter((score) => score !== undefined);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / (values.length - 1));
    if (!(deviation > 0)) {
      throw new InputError(
        values.length < 2
          ? `A z-score ensemble freezes its pool from at least 2 scored candidates, but verifier ${name} has ${values.length}. Take a larger first round, or the rule "rank".`
          : `Verifier ${name} gives all ${values.length} candidates of the frozen pool the same score, so it has no z-score. Take the rule "rank", or leave it out.`,
      );
    }
    return { name, mean, deviation };
  });
}

/**
 * Mean z-score of each candidate against a frozen pool, higher = better whatever the members' directions: comparable between rounds, unlike
 * ranks, but a member with one outlying score can decide alone. A candidate that any member failed on has no score.
 */
export function zScores(
  members: readonly MemberScores[],
  pool: readonly FrozenMember[],
  weights?: readonly number[],
): (number | undefined)[] {
  const shares = sharesOf(members, weights);
  const standard = completeOnly(members).map(({ name, direction, scores }) => {
    const frozen = pool.find((one) => one.name === name);
    if (!frozen) {
      throw new InputError(
        `The frozen pool has no verifier ${name}. ${listed(
          "It has",
          pool.map((one) => one.name),
        )}.`,
      );
    }
    const sign = direction === "higher" ? 1 : -1;
    return scores.map((score) =>
      score === undefined ? undefined : (sign * (score - frozen.mean)) / frozen.deviation,
    );
  });
  return weighted(standard, shares);
}

/** The members without the candidates that any of them failed on. */
function completeOnly(members: readonly MemberScores[]): MemberScores[] {
  const count = members[0]?.scores.length ?? 0;
  for (const { name, scores } of members) {
    if (scores.length !== count) {
      throw new InputError(
        `Verifiers of an ensemble score the same candidates, but ${members[0]!.name} has ${count} scores and ${name} has ${scores.length}.`,
      );
    }
  }
  const complete = Array.from({ length: count }, (_, i) =>
    members.every(({ scores }) => Number.isFinite(scores[i])),
  );
  return members.map((member) => ({
    ...member,
    scores: member.scores.map((score, i) => (complete[i] ? score : undefined)),
  }));
}

/** The weights by their sum. */
function sharesOf(members: readonly MemberScores[], weights?: readonly number[]): number[] {
  if (members.length === 0) throw new InputError("An ensemble needs at least one verifier.");
  const given = weights ?? members.map(() => 1);
  if (given.length !== members.length) {
    throw new InputError(
      `An ensemble of ${members.length} verifiers needs ${members.length} weights, but got ${given.length}.`,
    );
  }
  const sum = given.reduce((total, weight) => total + weight, 0);
  if (!given.every((weight) => Number.isFinite(weight) && weight >= 0) || !(sum > 0)) {
    throw new InputError(
      `Weights of an ensemble are numbers from 0 up, not all 0, but are ${given.join(", ")}. A verifier whose low scores are good says so by its direction.`,
    );
  }
  return given.map((weight) => weight / sum);
}

function weighted(
  columns: readonly (readonly (number | undefined)[])[],
  shares: readonly number[],
): (number | undefined)[] {
  return columns[0]!.map((_, i) => {
    const row = columns.map((column) => column[i]);
    return row.every((value) => value !== undefined)
      ? row.reduce<number>((sum, value, member) => sum + shares[member]! * value, 0)
      : undefined;
  });
}
