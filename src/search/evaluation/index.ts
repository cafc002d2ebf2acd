export { compare } from "./compare.js";
export type { ComparisonProgress } from "./comparison/progress.js";
export type { AlgorithmChoice, CompareRequest } from "./comparison/request.js";
export type { RunnerOptions } from "./comparison/runner.js";
export { type Distance, diversityGains, type Feature, meanPairwiseDistance } from "./diversity.js";
export {
  estimate,
  type Estimate,
  type EstimateOptions,
  LEAST_PROBLEMS,
  LEAST_RESAMPLES,
} from "./estimate.js";
export { type Features, type Gaussian, gaussianOf } from "./features.js";
export { diversityLoss, type Flag, FLAG_RULES, hacking, saturation } from "./flags.js";
export { frechetDistance, type FrechetDistance, gaussianDistance } from "./frechet.js";
export { holm } from "./holm.js";
export { inceptionScore } from "./inceptionScore.js";
export { kernelDistance, type KernelDistance, type KernelDistanceOptions } from "./kernelDistance.js";
export { expectedMaximum, expectedWinner } from "./orderStatistics.js";
export { Report } from "./report.js";
export { slopePerDoubling } from "./slope.js";
export { spearman } from "./spearman.js";
export { gains, mean, present, type Values } from "./values.js";
export {
  freshEvaluation,
  type FreshEvaluation,
  type Pool,
  selectionGap,
  type SelectionGap,
  winner,
} from "./winner.js";
export { wins, type Wins } from "./wins.js";
