import { shown } from "../../check.js";
import { InputError } from "../../inputError.js";
import { parseSeed } from "../../sampling.js";
import { identitiesOf, leavesOf } from "../../verifiers/ensemble.js";
import { HumanVerifier } from "../../verifiers/human.js";
import { resolveVerifier } from "../../verifiers/resolveVerifier.js";
import type { Verifier } from "../../verifiers/verifier.js";
import type { Comparison, ProblemGiven } from "./request.js";

/** One problem with its seeds: what is resampled as a whole. */
export interface Case {
  /** Without seed, verifiers and budget. */
  readonly problem: Omit<ProblemGiven, "seed" | "verifier" | "heldOut" | "budget">;
  readonly seeds: readonly number[];
  /** Which verifiers drive a search of it, each with those that are held out from that search. */
  readonly searches: readonly { readonly searched: Verifier; readonly heldOut: readonly Verifier[] }[];
}

interface Draft {
  readonly problem: Case["problem"];
  readonly seeds: Set<number>;
  readonly searches: Map<string, { readonly searched: Verifier; readonly heldOut: Map<string, Verifier> }>;
}

/** Problems that differ in their seed or verifiers alone are one case: seeds of one prompt are no independent prompts. */
export function casesOf({ session, problems, seeds, verifiers }: Comparison): readonly Case[] {
  const drafts = new Map<string, Draft>();
  const directions = new Map<string, Verifier["direction"]>();
  problems.forEach((given, i) => {
    const { seed, verifier, heldOut = [], budget: _budget, ...problem } = given;
    const key = JSON.stringify(Object.entries(problem).sort(([a], [b]) => (a < b ? -1 : 1)));
    const draft: Draft = drafts.get(key) ?? { problem, seeds: new Set(), searches: new Map() };
    drafts.set(key, draft);
    if (!Array.isArray(heldOut))
      throw new InputError(
        `problems[${i}]: heldOut is ${shown(heldOut)}, but must be an array of verifiers.`,
      );
    for (const one of seeds ?? [parseSeed(seed ?? 0, `problems[${i}].seed`)]) draft.seeds.add(one);
    const resolve = (ref: unknown, what: string): Verifier =>
      resolveVerifier(ref, `problems[${i}].${what}`, session.verifiers);
    const own = heldOut.map((ref, j) => resolve(ref, `heldOut[${j}]`));
    const first = verifier === undefined && verifiers ? undefined : resolve(verifier, "verifier");
    if (first && own.some((one) => overlap(one, first)))
      throw new InputError(
        `problems[${i}]: verifier ${first.name} is searched and held out at once: what drives selection cannot judge it. Hold out another one.`,
      );
    for (const one of own)
      if (verifiers?.every((searched) => overlap(one, searched)))
        throw new InputError(
          `problems[${i}]: ${one.name} is held out and drives every search: what drives selection cannot judge it. Hold out another one.`,
        );
    const all = [...(verifiers ?? []), ...(first ? [first] : []), ...own];
    for (const one of all)
      if (leavesOf(one).some((leaf) => leaf instanceof HumanVerifier))
        throw new InputError(
          `problems[${i}]: ${one.name} is a person, or asks one, whose picks order the candidates of one run and say nothing between runs. Search with human() outside of compare.`,
        );
    for (const searched of verifiers ?? [first!]) {
      const others = verifiers ? all.filter((other) => !overlap(other, searched)) : own;
      const search = draft.searches.get(searched.name) ?? { searched, heldOut: new Map<string, Verifier>() };
      draft.searches.set(searched.name, search);
      for (const other of [searched, ...others]) {
        const known = other === searched ? search.searched : (search.heldOut.get(other.name) ?? other);
        const direction = directions.get(other.name) ?? other.direction;
        if (!isSame(known, other) || direction !== other.direction)
          throw new InputError(
            `problems[${i}]: its verifier ${other.name} is another one than that of this name before it, and one row of the report would be of both. Give one of them another name.`,
          );
        directions.set(other.name, direction);
        if (other !== searched) search.heldOut.set(other.name, other);
      }
    }
  });
  return [...drafts.values()].map(({ problem, seeds: own, searches }) => ({
    problem,
    seeds: [...own],
    searches: [...searches.values()].map(({ searched, heldOut }) => ({
      searched,
      heldOut: [...heldOut.values()],
    })),
  }));
}

/** Whether two of one name score alike, as far as can be told: functions of the same text do. */
function isSame(a: Verifier, b: Verifier): boolean {
  return a.fingerprint === b.fingerprint && a.sha256 === b.sha256 && a.endpoint === b.endpoint;
}

/** Whether two have a verifier in common: what drives a search, alone or in an ensemble, cannot judge it. */
export function overlap(a: Verifier, b: Verifier): boolean {
  const of = identitiesOf(a);
  return [...identitiesOf(b)].some((one) => of.has(one));
}
