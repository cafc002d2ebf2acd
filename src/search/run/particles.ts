import type { CandidateId, ParticleRecord } from "../record.js";
import { effectiveSampleSize, logMeanExp, logSumExp } from "../resampling/weights.js";

/** What the weights of a population say; undefined when all are zero. `ancestors`: of each particle. */
export function particleRecord(
  ancestors: readonly CandidateId[],
  logWeights: readonly number[],
  resampled: boolean,
): ParticleRecord | undefined {
  if (logSumExp(logWeights) === -Infinity) return undefined;
  const alive = ancestors.filter((_, i) => logWeights[i]! > -Infinity);
  return {
    count: ancestors.length,
    ess: effectiveSampleSize(logWeights),
    ancestors: new Set(alive).size,
    logZ: logMeanExp(logWeights),
    resampled,
  };
}
