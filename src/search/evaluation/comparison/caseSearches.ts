import type { Problem } from "../../problem.js";
import type { Session } from "../../session.js";
import { EnsembleVerifier } from "../../verifiers/ensemble.js";
import { ResidentVerifier } from "../../verifiers/residentVerifier.js";
import { Unavailable } from "../../verifiers/unavailable.js";
import type { Verifier, VerifierRef } from "../../verifiers/verifier.js";
import { stepsFor, type Arm, type Plan } from "./arms.js";
import { overlap, type Case } from "./cases.js";
import { failed, outcomeOf, type Outcome } from "./outcome.js";
import type { SecondEvaluations } from "./secondEvaluations.js";

export type Place = readonly [caseIndex: number, seedIndex: number];

/** The searches of a comparison, each by its arm, case and seed. */
export class CaseSearches {
  readonly #session: Session;
  readonly #cases: readonly Case[];
  readonly #network: string | undefined;
  readonly #again: SecondEvaluations;
  readonly #signal: AbortSignal | undefined;
  readonly #steps = new Map<string, number>();

  constructor(
    session: Session,
    cases: readonly Case[],
    network: string | undefined,
    again: SecondEvaluations,
    signal?: AbortSignal,
  ) {
    this.#session = session;
    this.#cases = cases;
    this.#network = network;
    this.#again = again;
    this.#signal = signal;
  }

  /** One search from beginning to end. What fails in it is its own failure, and no end of the comparison. */
  async run(arm: Arm, plan: Plan, place: Place, session = this.#session): Promise<Outcome> {
    const signal = this.#signal;
    const { searches } = this.#cases[place[0]]!;
    // Nothing is selected in a neutral arm: any verifier will do whose score is more than a place among others.
    const searched =
      searches.find((search) =>
        arm.searched
          ? search.searched.name === arm.searched.name
          : !(search.searched instanceof EnsembleVerifier),
      ) ?? searches[0]!;
    const problem = {
      ...this.problem(place, searched.searched.name, arm.searched === undefined),
      budget: plan.budget,
      ...(plan.steps === undefined ? {} : { steps: plan.steps }),
    };
    try {
      const run = session.search(plan.algorithm, problem);
      // Batches that have ended are in the cache; what is under way, a request to a judge too, need not be waited for.
      const halt = (): void => run.stop();
      signal?.addEventListener("abort", halt);
      await run.run().finally(() => signal?.removeEventListener("abort", halt));
      signal?.throwIfAborted();
      if (run.state === "paused") throw new Paused(arm.name, run.reason ?? run.notices.at(-1));
      return await outcomeOf(run, {
        session,
        searched: searched.searched,
        heldOut: this.#witnesses(place, searched, arm.searched === undefined),
        selects: arm.searched !== undefined,
        condition: problem.condition,
        network: this.#network,
        again: this.#again,
        signal,
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof Paused) throw error;
      if (error instanceof Unavailable)
        throw new Paused(arm.name, `A winner could not be evaluated after its search: ${error.message}`);
      return failed(error);
    }
  }

  /** As the search by `searched` asks it; a `neutral` arm selects by nothing and records every verifier of the case. */
  problem([caseIndex, seedIndex]: Place, searched: string, neutral: boolean): Problem {
    const { problem, seeds, searches } = this.#cases[caseIndex]!;
    const search = searches.find((one) => one.searched.name === searched)!;
    const heldOut = this.#witnesses([caseIndex, seedIndex], search, neutral);
    return {
      ...problem,
      seed: seeds[seedIndex]!,
      verifier: ref(search.searched),
      heldOut: heldOut.map((verifier) => ref(verifier)),
      budget: {},
    };
  }

  #witnesses([caseIndex]: Place, search: Case["searches"][number], neutral: boolean): readonly Verifier[] {
    if (!neutral) return search.heldOut;
    const all = this.#cases[caseIndex]!.searches.flatMap((one) => [one.searched, ...one.heldOut]);
    const others = all.filter((verifier) => !overlap(verifier, search.searched));
    return [...new Map(others.map((verifier) => [verifier.name, verifier])).values()];
  }

  /** The most denoising steps of one trajectory of a case that `nfe` pays for. */
  stepsFor(caseIndex: number, nfe: number): number {
    const key = `${caseIndex}/${nfe}`;
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const { searched } = this.#cases[caseIndex]!.searches[0]!;
    const steps = stepsFor(this.#session, this.problem([caseIndex, 0], searched.name, true), nfe);
    this.#steps.set(key, steps);
    return steps;
  }
}

/** A session beside the first has resident verifiers of its own: they go by name. */
function ref(verifier: Verifier): VerifierRef {
  if (verifier instanceof EnsembleVerifier)
    return new EnsembleVerifier({
      ...verifier.spec,
      members: verifier.members.map((member) => ref(member)),
    });
  return verifier instanceof ResidentVerifier ? verifier.name : verifier;
}

/** A run that waits for something outside: going on without it would be wrong, and what is done is kept. */
class Paused extends Error {
  override readonly name = "ComparisonPaused";

  constructor(arm: string, reason: string | undefined) {
    super(
      `The comparison stopped at ${arm}${reason ? `: ${reason}` : ""} Run it again to go on: what is done is kept.`,
    );
  }
}
