/**
 * The serialisable truth of one search, from which every view is drawn. It holds no clock and no randomness: the same search gives
 * the same bytes in another process. Time spent is reported beside it while the run is alive (`RunStatus`), never in it.
 */
export interface SearchRecord {
  readonly version: 1;
  /** Stable for the same search at the same place in a notebook: a hash of what was asked, with "-2" and so on for repetitions. */
  readonly id: string;
  readonly algorithm: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly sha256: string;
    readonly image: readonly [number, number, number];
  };
  readonly problem: ProblemRecord;
  readonly verifiers: readonly VerifierRecord[];
  /** Noise levels of one full trajectory, descending from 1 (pure noise) to 0 (clean); length steps + 1. */
  readonly levels: readonly number[];
  readonly state: RunState;
  /** Why the run ended, as a sentence: the budget, the algorithm's own end, Stop, or an error. */
  readonly reason?: string;
  readonly rounds: readonly RoundRecord[];
  /** In the order of creation. */
  readonly candidates: readonly CandidateRecord[];
  readonly best?: CandidateId;
  readonly spent: Cost;
  /** Set when it was forked off another run. */
  readonly fork?: ForkRecord;
  /** What a researcher has to know of this run beside its numbers, e.g. "verifier sharpness failed on 2 of 16 candidates: …". */
  readonly notices: readonly string[];
  /** What a person has answered, in order; absent without a person. */
  readonly picks?: readonly PickRecord[];
  /** What the run is waiting for a person to answer. */
  readonly question?: QuestionRecord;
}

/** Candidates that a person is to judge. The order is drawn from the run's seed, so that it says nothing. */
export interface QuestionRecord {
  /** From 1, counting the questions of the run. */
  readonly number: number;
  readonly verifier: string;
  /** Of `human(text)`. */
  readonly text?: string;
  readonly round: number;
  /** The new ones, and with them the best of those judged before, to be measured by. */
  readonly candidates: readonly CandidateId[];
}

/** What a person answered: data, from which the run gets the same scores again. */
export interface PickRecord {
  readonly verifier: string;
  readonly round: number;
  /** In the order in which they were shown. */
  readonly candidates: readonly CandidateId[];
  /** Groups of equals, best first; who is in no group comes after all of them. One group of one is "this one". */
  readonly order: readonly (readonly CandidateId[])[];
  /** Taken out of the search. */
  readonly dropped: readonly CandidateId[];
}

/** Where a run leaves another one, and all that it takes to make its beginning again. */
export interface ForkRecord {
  readonly run: string;
  readonly candidate: CandidateId;
  /** Operations that the other run had carried out when it was forked. */
  readonly operations: number;
  /** Of the other run. */
  readonly algorithm: SearchRecord["algorithm"];
  readonly problem: ProblemRecord;
  /** Set when the other run was a fork itself. */
  readonly fork?: ForkRecord;
}

/** "r3-c1": the second candidate (from 0) that round 3 (from 1) created; "r0-c0" for what exists before the first round. */
export type CandidateId = string;

export type RunState = "ready" | "running" | "paused" | "waiting" | "finished" | "stopped" | "failed";

export interface ProblemRecord {
  readonly condition?: string | Readonly<Record<string, string>>;
  readonly seed: number;
  /** Its name; of a configuration its class. */
  readonly solver: string;
  /** A configuration that was given as the solver. */
  readonly scheduler?: { readonly _class_name: string; readonly [field: string]: unknown };
  readonly steps: number;
  readonly guidance: number;
  readonly guidanceRescale?: number;
  readonly trueGuidance?: number;
  readonly eta: number;
  readonly churn?: {
    readonly sChurn?: number;
    readonly sTmin?: number;
    readonly sTmax?: number;
    readonly sNoise?: number;
  };
  readonly verifier: string;
  readonly heldOut: readonly string[];
  readonly budget: {
    readonly nfe?: number;
    readonly verifierCalls?: number;
    readonly seconds?: number;
    readonly rounds?: number;
  };
  /** Whose numbers the starting noises are; an object where a tool's convention or a GPU was named. */
  readonly noise:
    | "dnb"
    | "torch-cpu"
    | "torch-cuda"
    | { readonly kind: "torch-cpu" | "torch-cuda"; readonly convention?: string; readonly gpu?: unknown };
}

export interface VerifierRecord {
  readonly name: string;
  readonly role: "searched" | "held-out";
  readonly direction: "higher" | "lower";
  /** Of the model file; absent for a function written in a cell. */
  readonly sha256?: string;
  /** Of an ensemble: how its score follows from those of its members, which candidates have beside it under the members' names. */
  readonly ensemble?: {
    readonly rule: "rank" | "z-score";
    readonly pool?: "round" | "run";
    readonly weights?: readonly number[];
    readonly members: readonly {
      readonly name: string;
      readonly direction: "higher" | "lower";
      readonly sha256?: string;
    }[];
  };
}

/**
 * Compute of one candidate, round or run. Whole numbers, all of them. In a record it is what the search costs with an empty cache, so that
 * the same search has the same bytes whatever ran before; what was really paid is in the ledgers of a run that is alive.
 */
export interface Cost {
  /** Guided denoiser evaluations, per sample. */
  readonly nfe: number;
  /** Raw network passes, per sample: 2 x nfe under guidance. */
  readonly forwards: number;
  readonly decodes: number;
  readonly verifierCalls: Readonly<Record<string, number>>;
  /** What a run with an empty cache pays; in a record the same as the above. */
  readonly cold: { readonly nfe: number; readonly forwards: number; readonly decodes: number };
}

/**
 * "final": the result of the search, its best. One that a resampling passed over stays "dropped": a sampling method gives a sample of its
 * target, to which that one does not belong.
 */
export type CandidateStatus = "live" | "dropped" | "kept" | "final" | "failed";

/**
 * A node of the candidate tree: one lineage segment that starts as a state at level `from` and has been denoised to `level`.
 * Advancing along the noise level moves `level`; branching (around, renoise, children, resampling) makes new candidates.
 */
export interface CandidateRecord {
  readonly id: CandidateId;
  readonly parents: readonly CandidateId[];
  readonly round: number;
  /** The operation that created it: "noise", "around", "perturb", "renoise", "denoise" (children) or "resample" (a copy). */
  readonly op: string;
  readonly from: number;
  readonly level: number;
  readonly status: CandidateStatus;
  /** Latest scores, by verifier; a failed verifier is absent here and named in `failure`. */
  readonly scores: Readonly<Record<string, number>>;
  /** Scores at earlier levels, e.g. of previews, oldest first. */
  readonly earlier?: readonly { readonly level: number; readonly scores: Readonly<Record<string, number>> }[];
  readonly failure?: string;
  readonly logWeight?: number;
  /** Key of its randomness: enough, with the run's seed, to draw the same again. A copy has that of its parent. */
  readonly key: string;
  readonly cost: Cost;
  /**
   * Total of the run when its latest score was settled: its place on the compute axis. Counted as a run without the cache would have
   * paid, so that the picture is the same whatever ran before.
   */
  readonly at?: { readonly nfe: number; readonly forwards: number; readonly verifierCalls: number };
}

export interface RoundRecord {
  /** From 1. */
  readonly index: number;
  /** Scored in this round, in order. */
  readonly candidates: readonly CandidateId[];
  /** Best of the whole run when the round ended; absent while no candidate has a score. */
  readonly best?: CandidateId;
  /** What this round costs: the rounds add up to the run. */
  readonly spent: Cost;
  /** The latest weights of the round, for the particle methods. */
  readonly particles?: ParticleRecord;
}

export interface ParticleRecord {
  readonly count: number;
  /** Effective sample size 1 / sum w^2 of the normalised weights, 1..count. */
  readonly ess: number;
  /** How many different first candidates the particles of a weight above zero come from. */
  readonly ancestors: number;
  /** Log of the mean weight: the estimate of log Z. */
  readonly logZ: number;
  /** Whether they were resampled by these weights. */
  readonly resampled: boolean;
}

/** Thumbnails of candidates, row by row in one PNG: tile i belongs to `ids[i]`. */
export interface AtlasChunk {
  readonly ids: readonly CandidateId[];
  readonly tile: readonly [width: number, height: number];
  readonly columns: number;
  /** base64 */
  readonly png: string;
}

/** What a cell's output stores (MIME `application/vnd.dnb.search+json`). */
export interface SearchOutput {
  readonly record: SearchRecord;
  readonly atlas: readonly AtlasChunk[];
}

/** Beside the record while the run lives in a kernel; never stored. */
export interface RunStatus {
  readonly milliseconds: number;
  readonly live: true;
  /** Milliseconds of computing when each round had ended: in a snapshot of all rounds, in a delta of those that it carries. */
  readonly ends?: readonly number[];
}

/**
 * What changed since delta `sequence - 1`. Candidates and rounds are whole and replace those of the same id or index; new ones go to the end.
 * `head` carries the scalars that may have changed. A view that misses a sequence number asks for a snapshot.
 */
export interface SearchDelta {
  readonly run: string;
  readonly sequence: number;
  readonly head: Pick<SearchRecord, "state" | "reason" | "best" | "spent" | "notices" | "picks" | "question">;
  readonly candidates: readonly CandidateRecord[];
  readonly rounds: readonly RoundRecord[];
  readonly atlas: readonly AtlasChunk[];
  readonly status: RunStatus;
}
