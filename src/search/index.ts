/** What the rest of the project may use of the search. The models' side, with onnxruntime-node, is `onnx/openModel.js`. */
export { Session, type ModelCard, type SampleRequest } from "./session.js";
export { systemClock, type Clock, type Environment, type People } from "./environment.js";
export { SearchRun, type ForkChanges } from "./run/searchRun.js";
export { Candidate } from "./run/candidate.js";
export type { Pick } from "./run/pickDesk.js";
export type { Round, RunChange } from "./run/round.js";
export { drawAtlas, drawWhole } from "./run/atlas.js";
export { DeltaSource, type EncodePng } from "./run/deltaSource.js";
export { runNames } from "./run/runId.js";
export { algorithms } from "./algorithms/byName.js";
export { recordAt, replayRecord } from "./replay/recordAt.js";
export type { Verification } from "./replay/compareRecords.js";
export type { VerifyOptions } from "./replay/verifyRecord.js";
export { Samples } from "./samples.js";
export { Image, imageFrom } from "./image.js";
export { encodePng } from "./png.js";
export { InputError } from "./inputError.js";
export type { Condition } from "./condition.js";
export type { Images } from "./images.js";
export type { Problem } from "./problem.js";
export type { SamplingOptions } from "./sampling.js";
export type { NoiseConvention, NoiseKind, NoiseOption } from "./random/noiseChoice.js";
export type { Tensor } from "./tensor.js";
export type { Budget } from "./engine/budget.js";
export type { Ledger } from "./engine/ledger.js";
export type { Handle, Noise, Op } from "./engine/op.js";
export type { Handles, Ops, Step } from "./engine/ops.js";
export { effectiveSampleSize, logMeanExp, logSumExp } from "./resampling/weights.js";
export type { ResamplingScheme } from "./resampling/schemes.js";
export type * from "./engine/engine.js";
export { openCache, type CacheOptions } from "./cache/openCache.js";
export type { DiskCache } from "./cache/diskCache.js";
export { LocalEngine, type EngineStorage, type LocalEngineParts } from "./engine/localEngine.js";
export type { Decoder } from "./engine/decoder.js";
export type { Denoiser } from "./engine/denoiser.js";
export type { Scorer } from "./engine/scorer.js";
export {
  gaussianMixture,
  isAnalyticModel,
  type AnalyticModel,
  type GaussianMixtureOptions,
} from "./analytic/gaussianMixture.js";
export { linearReward } from "./analytic/linearReward.js";
export type { Mixture } from "./analytic/mixture.js";
export type { TiltedTarget } from "./analytic/tiltedTarget.js";
export { analyticEngine, type AnalyticOptions } from "./analytic/analyticEngine.js";
export type { Algorithm } from "./algorithms/algorithm.js";
export { defineAlgorithm } from "./algorithms/defineAlgorithm.js";
export type { Formula, FormulaResult, Quote, QuoteTerms } from "./algorithms/quote.js";
export { successiveHalving, type SuccessiveHalvingOptions } from "./algorithms/successiveHalving.js";
export { beamSearch, type BeamSearchOptions } from "./algorithms/beamSearch.js";
export { softValueDecoding, type SoftValueDecodingOptions } from "./algorithms/softValueDecoding.js";
export {
  rolloverBudgetForcing,
  type RolloverBudgetForcingOptions,
} from "./algorithms/rolloverBudgetForcing.js";
export { treeSearch, type TreeSearchOptions } from "./algorithms/treeSearch.js";
export { evolutionarySearch, type EvolutionaryOptions } from "./algorithms/evolutionarySearch.js";
export { breadthFirstSearch, type BreadthFirstOptions } from "./algorithms/breadthFirstSearch.js";
export { depthFirstSearch, type DepthFirstOptions } from "./algorithms/depthFirstSearch.js";
export { epsilonGreedy, type EpsilonGreedyOptions } from "./algorithms/epsilonGreedy.js";
export { feynmanKac, type FeynmanKacOptions } from "./algorithms/feynmanKac.js";
export { searchOverPaths, type SearchOverPathsOptions } from "./algorithms/searchOverPaths.js";
export { randomSearch, type RandomSearchOptions } from "./algorithms/randomSearch.js";
export { zeroOrderSearch, type ZeroOrderOptions } from "./algorithms/zeroOrderSearch.js";
export { selfSupervised, type SelfSupervisedOptions } from "./verifiers/selfSupervised.js";
export { oracle, type OracleOptions } from "./verifiers/oracle/oracle.js";
export { human } from "./verifiers/human.js";
export { verifier, type ScoreFunction } from "./verifiers/functionVerifier.js";
export { endpoint, type KeyRing } from "./verifiers/endpoint/endpoint.js";
export type { EndpointOptions } from "./verifiers/endpoint/endpointOptions.js";
export { scoreEach } from "./engine/scoreEach.js";
export type { ScorerHost, SharedScorers, SharedVerifierCard } from "./engine/sharedScorers.js";
export { SharedVerifier } from "./verifiers/sharedVerifier.js";
export { ensemble, type EnsembleOptions } from "./verifiers/ensemble.js";
export type { Verifier, VerifierRef } from "./verifiers/verifier.js";
export type * from "./record.js";
export { compare, type CompareRequest, type RunnerOptions } from "./evaluation/compare.js";
export type { ComparisonProgress } from "./evaluation/comparison/progress.js";
export { frechetOfImages, imageDistances, type ImageDistances } from "./evaluation/imageDistances.js";
export { Report } from "./evaluation/report.js";
export type * from "./reportRecord.js";
export { schedulerFromConfig, schedulerNames, type DiffusersSchedulerConfig } from "./schedulers/index.js";
export { torchRandn } from "./random/torchRandn.js";
