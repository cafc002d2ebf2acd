import type { CandidateId } from "../record.js";
import type { ResamplingScheme } from "../resampling/schemes.js";

/**
 * What an algorithm may ask for, as plain data: it can be recorded and replayed, and holds no tensor, clock or random number.
 * Made by the members of `Ops`; each is answered with the handles of the candidates that it leaves alive.
 */
export type Op = MakingOp | PaidOp | ChoosingOp | PlainOp;

/** Makes candidates out of chance alone; free, and drawn when something is first paid for them. */
export type MakingOp = NoiseOp | AroundOp | PerturbOp | RenoiseOp;

/** Needs the engine or a verifier: reserved, executed, settled. */
export type PaidOp = DenoiseOp | PreviewOp | DecodeOp | ScoreOp;

/** Decides which candidates go on. Its outcome is in the tape of the run, so that a fork can put another in its place. */
export type ChoosingOp = KeepOp | ThresholdOp | DropOp | ResampleOp | TournamentOp;

export type PlainOp =
  | {
      readonly kind: "weigh";
      readonly candidates: readonly CandidateId[];
      readonly logWeights: readonly number[];
    }
  /** Answered with `count` numbers in [0, 1) instead of handles. */
  | { readonly kind: "random"; readonly count: number }
  | { readonly kind: "endRound" }
  | { readonly kind: "finish"; readonly reason?: string };

export interface NoiseOp {
  readonly kind: "noise";
  readonly count: number;
  /** A pivot exists before the round that searches around it: "r0-c0" before the first. */
  readonly role: "candidate" | "pivot";
}

/** One of the two distances is given. */
export interface AroundOp {
  readonly kind: "around";
  readonly pivot: CandidateId;
  readonly count: number;
  /** Cosine, -1..1; the norm is kept. */
  readonly similarity?: number;
  /** Farthest distance from the pivot in units of sqrt(dimension). */
  readonly radius?: number;
}

export interface PerturbOp {
  readonly kind: "perturb";
  readonly candidates: readonly CandidateId[];
  /** New candidates for each. */
  readonly copies: number;
  /** x' = keep * x + add * z at the same level. */
  readonly keep: number;
  readonly add: number;
}

export interface RenoiseOp {
  readonly kind: "renoise";
  readonly candidates: readonly CandidateId[];
  /** Level in (0, 1], above that of every candidate. */
  readonly to: number;
  readonly copies: number;
}

export interface DenoiseOp {
  readonly kind: "denoise";
  readonly candidates: readonly CandidateId[];
  /** Level in [0, 1), below that of every candidate. */
  readonly to: number;
  /** 0 = ODE, 1 = ancestral. */
  readonly eta: number;
  /** New candidates for each; absent, the candidates themselves are taken down. */
  readonly children?: number;
  /** Equal steps instead of the levels of the schedule. */
  readonly steps?: number;
  /** Candidates whose starting noises are the chance of the step, one child for each. */
  readonly noises?: readonly CandidateId[];
  /** A promise: the next operation scores all that arrive. Verifiers that live apart from the model may begin with the first of them. */
  readonly score?: true;
}

export interface PreviewOp {
  readonly kind: "preview";
  readonly candidates: readonly CandidateId[];
  /** Deterministic steps to level 0; 1 is the x0-prediction itself. */
  readonly lookahead: number;
}

export interface DecodeOp {
  readonly kind: "decode";
  readonly candidates: readonly CandidateId[];
}

export interface ScoreOp {
  readonly kind: "score";
  readonly candidates: readonly CandidateId[];
}

export interface KeepOp {
  readonly kind: "keep";
  readonly candidates: readonly CandidateId[];
  /** How many of the best stay; the others are dropped. */
  readonly best: number;
}

export interface ThresholdOp {
  readonly kind: "threshold";
  readonly candidates: readonly CandidateId[];
  /** In the sense of `Handle.score`: higher is better. */
  readonly atLeast: number;
}

export interface DropOp {
  readonly kind: "drop";
  readonly candidates: readonly CandidateId[];
}

export interface ResampleOp {
  readonly kind: "resample";
  readonly candidates: readonly CandidateId[];
  /** One for each candidate. */
  readonly logWeights: readonly number[];
  readonly count: number;
  readonly scheme: ResamplingScheme;
}

export interface TournamentOp {
  readonly kind: "tournament";
  readonly candidates: readonly CandidateId[];
  /** Winners wanted: the same candidate may win more than once. */
  readonly count: number;
  /** Candidates drawn for each, without replacement. */
  readonly size: number;
}

/** The starting noise of a lineage, by a candidate that has it. */
export interface Noise {
  readonly candidate: CandidateId;
}

/** What an algorithm knows of a candidate: plain data, as it was when the operation was answered. */
export interface Handle {
  readonly id: CandidateId;
  /** 1 = pure noise, 0 = clean. */
  readonly level: number;
  readonly noise: Noise;
  /** The candidate that it was copied, renoised or denoised from, or the pivot; absent for a fresh noise. */
  readonly parent?: CandidateId;
  /** The first of its lineage. */
  readonly ancestor: CandidateId;
  /** Latest, of the searched verifier, turned so that higher is better; absent before `score`. Copies inherit it. */
  readonly score?: number;
  /** Set by `weigh` and `resample`; copies and children inherit it. */
  readonly logWeight?: number;
}

const PAID: readonly Op["kind"][] = ["denoise", "preview", "decode", "score"];
const CHOOSING: readonly Op["kind"][] = ["keep", "threshold", "drop", "resample", "tournament"];

export const opKinds: readonly Op["kind"][] = [
  ...(["noise", "around", "perturb", "renoise"] as const),
  ...PAID,
  ...CHOOSING,
  ...(["weigh", "random", "endRound", "finish"] as const),
];

export function isPaid(op: Op): op is PaidOp {
  return PAID.includes(op.kind);
}

export function isChoosing(op: Op): op is ChoosingOp {
  return CHOOSING.includes(op.kind);
}
