import { plainObject, shown } from "./check.js";
import { InputError } from "./inputError.js";
import { parseBudget, type Budget } from "./engine/budget.js";
import type { EngineModel } from "./engine/engine.js";
import { noiseOption } from "./random/noiseChoice.js";
import type { ProblemRecord, VerifierRecord } from "./record.js";
import {
  parseSampling,
  parseSeed,
  SAMPLING_KEYS,
  trajectoryCost,
  type Sampling,
  type SamplingOptions,
} from "./sampling.js";
import { EnsembleVerifier, identitiesOf, leavesOf } from "./verifiers/ensemble.js";
import { needsConditionMessage } from "./verifiers/needsConditionMessage.js";
import { ResidentVerifier } from "./verifiers/residentVerifier.js";
import { resolveVerifier } from "./verifiers/resolveVerifier.js";
import type { Verifier, VerifierRef } from "./verifiers/verifier.js";

/** What is searched for, and at which cost at most. */
export interface Problem extends SamplingOptions {
  /** Default 0. */
  readonly seed?: number;
  /** Drives selection. */
  readonly verifier: VerifierRef;
  /** Recorded beside it, never used for selection. */
  readonly heldOut?: readonly VerifierRef[];
  readonly budget: Budget;
}

/** A problem, checked and complete. */
export interface ResolvedProblem {
  readonly sampling: Sampling;
  readonly budget: Budget;
  readonly searched: Verifier;
  readonly heldOut: readonly Verifier[];
  readonly record: ProblemRecord;
  readonly verifiers: readonly VerifierRecord[];
}

/** Checks everything that can be known before anything runs; `ends`: whether the algorithm needs no budget. */
export function parseProblem(
  value: unknown,
  model: EngineModel,
  verifiers: Readonly<Record<string, Verifier>>,
  algorithm: { readonly name: string; readonly ends: boolean },
): ResolvedProblem {
  const given = plainObject(value, "problem", [...SAMPLING_KEYS, "seed", "verifier", "heldOut", "budget"]);
  const sampling = parseSampling(given, model);
  const { convention } = sampling.noise;
  if (convention === "whole-batch" || convention === "comfyui") {
    throw new InputError(
      `noise.convention "${convention}" draws all images of a batch in one piece, but a search does not know how many it will make. Take "diffusers".`,
    );
  }
  const seed = parseSeed(given["seed"] ?? 0, "seed");
  const searched = resolveVerifier(given["verifier"], "verifier", verifiers);
  const list: unknown = given["heldOut"] ?? [];
  if (!Array.isArray(list))
    throw new InputError(`heldOut is ${shown(list)}, but must be an array of verifiers.`);
  const heldOut = list.map((ref: unknown, i) => resolveVerifier(ref, `heldOut[${i}]`, verifiers));
  checkVerifiers(searched, heldOut, sampling);
  const budget = parseBudget(given["budget"] ?? {});
  checkBudget(budget, sampling, algorithm);
  const record: ProblemRecord = {
    ...(sampling.condition ? { condition: sampling.condition.name } : {}),
    seed,
    solver: sampling.name,
    ...(sampling.config ? { scheduler: sampling.config } : {}),
    steps: sampling.steps,
    ...sampling.asked,
    eta: sampling.eta,
    ...(sampling.churn ? { churn: sampling.churn } : {}),
    verifier: searched.name,
    heldOut: heldOut.map(({ name }) => name),
    budget,
    noise: noiseOption(sampling.noise),
  };
  const recorded = [
    verifierRecord(searched, "searched"),
    ...heldOut.map((verifier) => verifierRecord(verifier, "held-out")),
  ];
  return { sampling, budget, searched, heldOut, record, verifiers: recorded };
}

function verifierRecord(verifier: Verifier, role: VerifierRecord["role"]): VerifierRecord {
  const { name, direction, sha256 } = verifier;
  const about = { name, role, direction, ...(sha256 === undefined ? {} : { sha256 }) };
  if (!(verifier instanceof EnsembleVerifier)) return about;
  const { rule, pool, weights } = verifier.spec;
  const members = verifier.members.map((member) => ({
    name: member.name,
    direction: member.direction,
    ...(member.sha256 === undefined ? {} : { sha256: member.sha256 }),
  }));
  return {
    ...about,
    ensemble: { rule, ...(rule === "rank" ? { pool } : {}), ...(weights ? { weights } : {}), members },
  };
}

function checkVerifiers(searched: Verifier, heldOut: readonly Verifier[], sampling: Sampling): void {
  const decides = identitiesOf(searched);
  const seen = new Set<string>();
  for (const verifier of heldOut) {
    const both = [...leavesOf(verifier), verifier].find((one) =>
      [...identitiesOf(one)].some((id) => decides.has(id)),
    );
    if (both) {
      const other = decides.has(`name ${both.name}`) ? "" : ", by another name";
      throw new InputError(
        `Verifier ${both.name} is searched and held out at once${other}: what drives selection cannot judge it. Hold out another one.`,
      );
    }
    if (seen.has(verifier.name)) throw new InputError(`Verifier ${verifier.name} is held out twice.`);
    seen.add(verifier.name);
  }
  for (const verifier of [searched, ...heldOut].flatMap(leavesOf)) {
    if (verifier.needsCondition && !sampling.condition) {
      throw new InputError(needsConditionMessage(verifier.name));
    }
    if (verifier.previewLevel !== undefined && sampling.levels.length < 4) {
      throw new InputError(
        `Verifier ${verifier.name} compares an image with its preview at noise level ${verifier.previewLevel.toFixed(3)}, but ${sampling.steps} ${sampling.steps === 1 ? "step has" : "steps have"} no level for it: the prediction at the last one is the image itself. Take at least 3 steps.`,
      );
    }
    // Both say before anything runs that they do not know this condition.
    if (verifier instanceof ResidentVerifier) verifier.check(sampling.condition?.condition);
    else verifier.encode?.(sampling.condition?.name);
  }
}

function checkBudget(budget: Budget, sampling: Sampling, algorithm: { name: string; ends: boolean }): void {
  const { nfe } = budget;
  const cost = trajectoryCost(sampling);
  if (nfe !== undefined && nfe < cost) {
    throw new InputError(
      `The budget of ${nfe} NFE does not pay for one candidate: ${sampling.steps} ${sampling.methodAt(sampling.eta).bridge === undefined ? sampling.name : "stochastic"} steps cost ${cost} NFE. Raise budget.nfe or take fewer steps.`,
    );
  }
  if (Object.keys(budget).length === 0 && !algorithm.ends) {
    throw new InputError(
      `Nothing would end this search: ${algorithm.name} goes on until a budget is used up. Give at least one of budget: nfe, verifierCalls, seconds, rounds.`,
    );
  }
}
