import type { CandidateId } from "../record.js";

/**
 * What an algorithm may ask for, as plain data: it can be recorded and replayed, and holds no tensor, clock or random number.
 * Made by the members of `Ops`; each is answered with the handles of the candidates that it leaves alive.
 */
export type Op =
  | NoiseOp
  | AroundOp
  | DenoiseOp
  | ScoreOp
  | KeepOp
  | { readonly kind: "endRound" }
  | { readonly kind: "finish"; readonly reason?: string };

export interface NoiseOp {
  readonly kind: "noise";
  readonly count: number;
  /** A pivot exists before the round that searches around it: "r0-c0" before the first. */
  readonly role: "candidate" | "pivot";
}

export interface AroundOp {
  readonly kind: "around";
  readonly pivot: CandidateId;
  readonly count: number;
  /** Cosine, -1..1. */
  readonly similarity: number;
}

export interface DenoiseOp {
  readonly kind: "denoise";
  readonly candidates: readonly CandidateId[];
  /** Level in [0, 1), below that of every candidate. */
  readonly to: number;
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

/** The starting noise of a lineage, by the candidate that has it. */
export interface Noise {
  readonly candidate: CandidateId;
}

/** What an algorithm knows of a candidate: plain data. */
export interface Handle {
  readonly id: CandidateId;
  /** 1 = pure noise, 0 = clean. */
  readonly level: number;
  readonly noise: Noise;
  /** Of the searched verifier, turned so that higher is better; absent before `score`. */
  readonly score?: number;
}

export const opKinds: readonly Op["kind"][] = [
  "noise",
  "around",
  "denoise",
  "score",
  "keep",
  "endRound",
  "finish",
];
