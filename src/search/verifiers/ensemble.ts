import { oneOf, plainObject, shown } from "../check.js";
import type { Condition } from "../condition.js";
import { address } from "../engine/tensorId.js";
import { imagesOf, type Images } from "../images.js";
import { InputError } from "../inputError.js";
import {
  ENSEMBLE_DIRECTION,
  freezePool,
  rankScores,
  zScores,
  type EnsembleRule,
  type MemberScores,
} from "./ensembleScores.js";
import { resolveVerifier } from "./resolveVerifier.js";
import type { Verifier, VerifierRef } from "./verifier.js";

/** Which candidates a rank is among: those scored in the same round, or all of the run. */
export type EnsemblePool = "round" | "run";

export interface EnsembleOptions {
  /** In tables and records; by default "ensemble". */
  readonly name?: string;
  /** Default "rank". */
  readonly rule?: EnsembleRule;
  /** Of the rule "rank"; default "run". */
  readonly pool?: EnsemblePool;
  /** One for each member, from 0 up; default equal. */
  readonly weights?: readonly number[];
}

/** What an ensemble is made of; the members of one that has not met its session may be names. */
export interface EnsembleSpec<V> {
  readonly name: string;
  readonly members: readonly V[];
  readonly rule: EnsembleRule;
  readonly pool: EnsemblePool;
  readonly weights?: readonly number[];
}

/**
 * Several verifiers as one (Ma et al. 2025, section 4). Rule "rank": the mean of each candidate's mid-ranks in a declared pool, 1 = best, so lower
 * is better; with the pool "run" a candidate's rank is among all candidates of the run at its noise level and changes as more come, with "round"
 * among those of its own round, and the run's best is then chosen by ranks among all. Rule "z-score": the mean of (score - mean) / deviation, by the
 * first candidates that were scored together, higher is better; numbers of different rounds can be compared, which methods do that weigh scores
 * (Feynman-Kac, soft values, trees) or keep them over rounds (evolution, rollover). Members are scored and billed each under its own name, and
 * their scores stay in the record. A candidate that a member fails on has no score.
 */
export function ensemble(verifiers: readonly VerifierRef[], options: EnsembleOptions = {}): EnsembleVerifier {
  if (!Array.isArray(verifiers) || verifiers.length === 0) {
    throw new InputError(`An ensemble needs an array of at least one verifier, but got ${shown(verifiers)}.`);
  }
  const given = plainObject(options, "Options of an ensemble", ["name", "rule", "pool", "weights"]);
  const name = given["name"] ?? "ensemble";
  if (typeof name !== "string" || name === "") {
    throw new InputError(`The name of an ensemble is ${shown(name)}, but must be a text that is not empty.`);
  }
  const weights = given["weights"];
  if (weights !== undefined && !Array.isArray(weights)) {
    throw new InputError(
      `weights is ${shown(weights)}, but must be an array of numbers, one for each member.`,
    );
  }
  const rule = oneOf(given["rule"] ?? "rank", "rule", ["rank", "z-score"]);
  const pool = oneOf(given["pool"] ?? "run", "pool", ["round", "run"]);
  const members = verifiers as readonly VerifierRef[];
  // Says at once what is wrong with the weights.
  rankScores(
    members.map(() => ({ name: "", direction: "higher", scores: [] })),
    weights as number[] | undefined,
  );
  return new EnsembleVerifier({
    name,
    members,
    rule,
    pool,
    ...(weights ? { weights: weights as number[] } : {}),
  });
}

/** An ensemble as a verifier. A search scores its members and combines them by itself. */
export class EnsembleVerifier implements Verifier {
  readonly name: string;
  readonly direction: "higher" | "lower";
  readonly spec: EnsembleSpec<VerifierRef>;

  constructor(spec: EnsembleSpec<VerifierRef>) {
    this.spec = spec;
    this.name = spec.name;
    this.direction = ENSEMBLE_DIRECTION[spec.rule];
  }

  get needsCondition(): boolean {
    return this.spec.members.some((member) => typeof member !== "string" && member.needsCondition);
  }

  get fingerprint(): string {
    const { members, rule, pool, weights } = this.spec;
    const prints = members.map((one) =>
      typeof one === "string" ? one : [one.name, one.direction, one.sha256 ?? one.fingerprint ?? null],
    );
    return address(["ensemble", rule, pool, weights ?? null, prints]);
  }

  /** Its members, each of which is a verifier by now. */
  get members(): readonly Verifier[] {
    return this.spec.members.map((member, i) => {
      if (typeof member !== "string") return member;
      throw new InputError(
        `Member ${i} of ${this.name} is the name ${shown(member)}, which only a session knows: score with session.score(images, [ensemble]).`,
      );
    });
  }

  /** With the verifiers that its names mean in a session. */
  resolved(verifiers: Readonly<Record<string, Verifier>>): EnsembleVerifier {
    const members = this.spec.members.map((ref, i) =>
      resolveVerifier(ref, `${this.name}: member ${i}`, verifiers),
    );
    const seen = new Set<string>([this.name]);
    const owners = new Map<unknown, string>();
    for (const member of members) {
      if (member instanceof EnsembleVerifier) {
        throw new InputError(
          `${this.name} has the ensemble ${member.name} as a member. Name its members instead.`,
        );
      }
      if (seen.has(member.name)) {
        throw new InputError(
          member.name === this.name
            ? `${this.name} has a member of its own name. Give the ensemble another: ensemble([…], { name: "…" }).`
            : `${this.name} has the member ${member.name} twice. Give it a weight of 2 instead.`,
        );
      }
      seen.add(member.name);
      for (const identity of identitiesOf(member)) {
        const other = owners.get(identity);
        if (other !== undefined) {
          throw new InputError(
            `${this.name} has the members ${other} and ${member.name}, which are one verifier by two names: the same function, network or address. Give one of them a weight of 2 instead.`,
          );
        }
        owners.set(identity, member.name);
      }
    }
    return new EnsembleVerifier({ ...this.spec, members });
  }

  /** The pool is the images given. */
  async score(images: Images, condition?: Condition): Promise<number[]> {
    const pictures = await imagesOf(images);
    const members: MemberScores[] = [];
    for (const { name, direction, score } of this.members.map((one) => bound(one))) {
      members.push({ name, direction, scores: await score(pictures, condition) });
    }
    const { rule, weights } = this.spec;
    const scores =
      rule === "rank" ? rankScores(members, weights) : zScores(members, freezePool(members), weights);
    return scores.map((score, i) => {
      if (score !== undefined) return score;
      throw new InputError(`A member of ${this.name} has no score for image ${i}.`);
    });
  }
}

function bound(verifier: Verifier): Pick<Verifier, "name" | "direction" | "score"> {
  const { name, direction } = verifier;
  return { name, direction, score: (images, condition) => verifier.score(images, condition) };
}

/** The verifiers that are really asked: members of an ensemble, or it itself. */
export function leavesOf(verifier: Verifier): readonly Verifier[] {
  return verifier instanceof EnsembleVerifier ? verifier.members : [verifier];
}

/**
 * What two verifiers must not have in common for one to judge the other: names, and the networks, addresses and functions behind them. Functions
 * are told apart as objects: two of the same text may look at different variables.
 */
export function identitiesOf(verifier: Verifier): ReadonlySet<unknown> {
  const found = new Set<unknown>();
  for (const one of [verifier, ...leavesOf(verifier)]) {
    const { name, sha256, endpoint, scoredBy } = one;
    found.add(`name ${name}`);
    if (sha256 !== undefined) found.add(`sha256 ${sha256}`);
    if (endpoint !== undefined) found.add(`endpoint ${endpoint}`);
    if (scoredBy !== undefined) found.add(scoredBy);
    // A verifier written as an object; a method of a class is shared by all of it.
    if (Object.hasOwn(one, "score")) found.add(Object.getOwnPropertyDescriptor(one, "score")!.value);
  }
  return found;
}
