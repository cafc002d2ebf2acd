import { messageOf, phraseOf } from "../../check.js";
import type { Condition } from "../../condition.js";
import type { Candidate } from "../../run/candidate.js";
import type { SearchRun } from "../../run/searchRun.js";
import type { Session } from "../../session.js";
import { EnsembleVerifier, leavesOf } from "../../verifiers/ensemble.js";
import { ResidentVerifier, seesLatent } from "../../verifiers/residentVerifier.js";
import { Unavailable } from "../../verifiers/unavailable.js";
import type { Verifier } from "../../verifiers/verifier.js";
import type { Feature } from "../diversity.js";
import type { SecondEvaluations } from "./secondEvaluations.js";

/** What a comparison keeps of one run. */
export interface Outcome {
  /** The winner's, by verifier. */
  readonly scores: Readonly<Record<string, number>>;
  /** The searched score of the same winner from a second evaluation. */
  readonly fresh?: number;
  readonly feature?: Feature;
  /** Scores of the clean candidates among which it chose. */
  readonly pool: readonly Readonly<Record<string, number>>[];
  /** With an empty cache. */
  readonly nfe: number;
  /** Of the searched verifier, cached ones included. */
  readonly calls: number;
  /** What was really computed, and the time in which it ran. */
  readonly paid: { readonly nfe: number; readonly milliseconds: number };
  readonly failure?: string;
}

export const NO_OUTCOME: Omit<Outcome, "failure"> = {
  scores: {},
  pool: [],
  nfe: 0,
  calls: 0,
  paid: { nfe: 0, milliseconds: 0 },
};

export interface Measuring {
  readonly session: Session;
  readonly searched: Verifier;
  /** Those that look on. */
  readonly heldOut: readonly Verifier[];
  /** Whether it chose among candidates: a score that was not chosen by has no luck to take out. */
  readonly selects: boolean;
  readonly condition: Condition | undefined;
  /** The verifier in whose network winners are compared; absent: their pixels, or states where nothing is decoded. */
  readonly network: string | undefined;
  readonly again: SecondEvaluations;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads off a run that has ended. A search without a winner is a failure of that run, with its reason. Throws `Unavailable` when a judge does not
 * answer that is asked for a second evaluation: it is no fault of the winner.
 */
export async function outcomeOf(run: SearchRun, measuring: Measuring): Promise<Outcome> {
  const { best, ledger, milliseconds } = run;
  const { searched } = measuring;
  const record = run.record();
  const spent = {
    nfe: ledger.cold.nfe,
    // An ensemble's members are asked each, all as often.
    calls: Math.max(
      ...[searched, ...leavesOf(searched)].map(({ name }) => record.spent.verifierCalls[name] ?? 0),
    ),
    paid: { nfe: ledger.nfe, milliseconds },
  };
  if (!best || best.level !== 0 || best.scores[searched.name] === undefined) {
    const why =
      run.notices[0] ?? `${phraseOf(run.reason ?? "it ended")}: there is no clean candidate with a score.`;
    return { ...NO_OUTCOME, ...spent, failure: why };
  }
  const fresh = await freshScore(best, measuring);
  const feature = await featureOf(best, measuring);
  const late = await lateScores(best, measuring);
  const missing = run.notices.find((notice) => /failed on/.test(notice)) ?? late.failure;
  return {
    ...spent,
    scores: { ...best.scores, ...late.scores },
    ...(fresh === undefined ? {} : { fresh }),
    ...(feature === undefined ? {} : { feature }),
    pool: run.candidates
      .filter(({ level, scores }) => level === 0 && scores[searched.name] !== undefined)
      .map(({ scores }) => ({ ...scores })),
    ...(missing === undefined ? {} : { failure: missing }),
  };
}

/** Of those that look on and had not yet scored the winner when its search ran out of time: judging it is no part of the search. */
async function lateScores(
  best: Candidate,
  { session, heldOut, condition, signal }: Measuring,
): Promise<{ readonly scores: Readonly<Record<string, number>>; readonly failure?: string }> {
  const scores: Record<string, number> = {};
  const open = heldOut.filter(({ name }) => best.scores[name] === undefined && best.failure === undefined);
  for (const verifier of open) {
    // The number of an ensemble is a place among others.
    if (verifier instanceof EnsembleVerifier) continue;
    const { name } = verifier;
    try {
      const found = seesLatent(verifier)
        ? await verifier.scoreLatents?.([await best.latent()], condition)
        : (await session.score([await best.image()], [verifier], condition))[name];
      const score = finiteOf(found?.[0]);
      if (score === undefined) return { scores, failure: `${name} gave the winner no score` };
      scores[name] = score;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof Unavailable) throw error;
      return { scores, failure: `${name} gave the winner no score: ${messageOf(error)}` };
    }
  }
  return { scores };
}

/** Undefined where a verifier cannot judge one image by itself: then there is no second opinion of it, and the report says so. */
async function freshScore(
  best: Candidate,
  { session, searched, selects, condition, again, signal }: Measuring,
): Promise<number | undefined> {
  // The number of an ensemble is a place among others.
  if (!selects || searched instanceof EnsembleVerifier) return undefined;
  try {
    if (!seesLatent(searched)) {
      return await again.get(searched, await best.image(), condition, async (image) => {
        const scores = await session.score([image], [searched], condition);
        return finiteOf(scores[searched.name]?.[0]);
      });
    }
    // A resident verifier of states is reached through a search alone.
    if (searched instanceof ResidentVerifier) return undefined;
    return finiteOf((await searched.scoreLatents!([await best.latent()], condition))[0]);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Unavailable) throw error;
    return undefined;
  }
}

async function featureOf(best: Candidate, { session, network }: Measuring): Promise<Feature | undefined> {
  if (!best.decoded) return (await best.latent()).data;
  const image = await best.image();
  if (network === undefined) return Float32Array.from(image.data, (value) => value / 255);
  return (await session.features([image], network))?.vectors[0];
}

const finiteOf = (score: number | undefined): number | undefined =>
  Number.isFinite(score) ? score : undefined;

export function failed(error: unknown): Outcome {
  return { ...NO_OUTCOME, failure: messageOf(error) };
}
