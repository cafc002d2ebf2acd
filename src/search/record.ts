/**
 * The serialisable truth of one search, from which every view is drawn. It holds no clock and no randomness: the same search gives
 * the same bytes in another process. Time spent is reported beside it while the run is alive (`RunStatus`), never in it.
 */
export interface SearchRecord {
  /** Of this description of a search; a reader shows a higher one as text. */
  readonly version: 1;
  /** Stable for the same search at the same place in a notebook: a hash of what was asked, with "-2" and so on for repetitions. */
  readonly id: string;
  /** The algorithm and the options that it was made with. */
  readonly algorithm: {
    /** Of a method of `dnb`, or its author's own. */
    readonly name: string;
    /** Those that were given, and the defaults of the others. */
    readonly options: Readonly<Record<string, unknown>>;
  };
  /** The model that sampled. */
  readonly model: {
    /** That of its card. */
    readonly name: string;
    /** That of its card. */
    readonly version: string;
    /** Of its files. */
    readonly sha256: string;
    /** Channels, height and width of its pictures. */
    readonly image: readonly [number, number, number];
  };
  /** What was asked for. */
  readonly problem: ProblemRecord;
  /** Who scored: the one that drove the search first, then those that only watched. */
  readonly verifiers: readonly VerifierRecord[];
  /** Noise levels of one full trajectory, descending from 1 (pure noise) to 0 (clean); length steps + 1. */
  readonly levels: readonly number[];
  /** How far the run is. */
  readonly state: RunState;
  /** Why the run ended, as a sentence: the budget, the algorithm's own end, Stop, or an error. */
  readonly reason?: string;
  /** From the first. */
  readonly rounds: readonly RoundRecord[];
  /** In the order of creation. */
  readonly candidates: readonly CandidateRecord[];
  /** The candidate with the best score of the verifier that drove the search; absent while there is none. */
  readonly best?: CandidateId;
  /** What the whole search costs. */
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
  /** Name of the verifier that asks. */
  readonly verifier: string;
  /** Of `human(text)`. */
  readonly text?: string;
  /** In which it asks, from 1. */
  readonly round: number;
  /** The new ones, and with them the best of those judged before, to be measured by. */
  readonly candidates: readonly CandidateId[];
}

/** What a person answered: data, from which the run gets the same scores again. */
export interface PickRecord {
  /** Name of the verifier that asked. */
  readonly verifier: string;
  /** In which it asked, from 1. */
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
  /** Id of the other run. */
  readonly run: string;
  /** Of the other run: from it this one goes on. */
  readonly candidate: CandidateId;
  /** Operations that the other run had carried out when it was forked. */
  readonly operations: number;
  /** Of the other run. */
  readonly algorithm: SearchRecord["algorithm"];
  /** Of the other run. */
  readonly problem: ProblemRecord;
  /** Set when the other run was a fork itself. */
  readonly fork?: ForkRecord;
}

/** "r3-c1": the second candidate (from 0) that round 3 (from 1) created; "r0-c0" for what exists before the first round. */
export type CandidateId = string;

export type RunState = "ready" | "running" | "paused" | "waiting" | "finished" | "stopped" | "failed";

export interface ProblemRecord {
  /** What the picture is to show: a label or a prompt, or several by their names; absent without one. */
  readonly condition?: string | Readonly<Record<string, string>>;
  /** All randomness follows from it. */
  readonly seed: number;
  /** Its name; of a configuration its class. */
  readonly solver: string;
  /** A configuration that was given as the solver. */
  readonly scheduler?: {
    /** The scheduler's name in diffusers; beside it the fields of its configuration. */
    readonly _class_name: string;
    readonly [field: string]: unknown;
  };
  /** Of one full trajectory. */
  readonly steps: number;
  /** Strength of classifier-free guidance; 1 is none. */
  readonly guidance: number;
  /** How far the standard deviation of what guidance gives goes back to that of the conditional pass, 0 to 1; absent without. */
  readonly guidanceRescale?: number;
  /** Of a model that embeds its guidance: the scale of guidance away from the negative prompt; absent without. */
  readonly trueGuidance?: number;
  /** Stochasticity of the steps: 0, as the solver is, to 1. */
  readonly eta: number;
  /** Stochastic churn (Karras et al., 2022, algorithm 2); absent without. */
  readonly churn?: {
    /** How much, over all steps. */
    readonly sChurn?: number;
    /** The least sigma at which noise is added. */
    readonly sTmin?: number;
    /** The largest. */
    readonly sTmax?: number;
    /** Standard deviation of the added noise. */
    readonly sNoise?: number;
  };
  /** Name of the verifier that drives the search. */
  readonly verifier: string;
  /** Names of the verifiers that only watch. */
  readonly heldOut: readonly string[];
  /** What the search may spend; it ends at the first that is used up. */
  readonly budget: {
    /** Denoiser evaluations. */
    readonly nfe?: number;
    /** Pictures that are scored. */
    readonly verifierCalls?: number;
    /** Of computing. */
    readonly seconds?: number;
    /** Of the algorithm. */
    readonly rounds?: number;
  };
  /** Whose numbers the starting noises are; an object where a tool's convention or a GPU was named. */
  readonly noise:
    | "dnb"
    | "torch-cpu"
    | "torch-cuda"
    | {
        /** Whose generator. */
        readonly kind: "torch-cpu" | "torch-cuda";
        /** Of the tool whose pictures are made again: how it seeds a batch. */
        readonly convention?: string;
        /** On which "torch-cuda" drew: what its numbers depend on. */
        readonly gpu?: unknown;
      };
}

export interface VerifierRecord {
  /** Under which candidates have its scores. */
  readonly name: string;
  /** Whether it drives the search or only watches. */
  readonly role: "searched" | "held-out";
  /** Which scores are better. */
  readonly direction: "higher" | "lower";
  /** Of the model file; absent for a function written in a cell. */
  readonly sha256?: string;
  /** Of an ensemble: how its score follows from those of its members, which candidates have beside it under the members' names. */
  readonly ensemble?: {
    /** The mean of the middle ranks in a pool, or of the z-scores against a frozen one. */
    readonly rule: "rank" | "z-score";
    /** Of "rank": among the candidates of the round, or among all of the run. */
    readonly pool?: "round" | "run";
    /** Of the members, in their order; absent where none were given. */
    readonly weights?: readonly number[];
    /** In the order in which they were given. */
    readonly members: readonly {
      /** Under which candidates have its scores. */
      readonly name: string;
      /** Which of its scores are better. */
      readonly direction: "higher" | "lower";
      /** Of the model file; absent for a function written in a cell. */
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
  /** Latents that were made into pictures. */
  readonly decodes: number;
  /** Pictures that were scored, by verifier. */
  readonly verifierCalls: Readonly<Record<string, number>>;
  /** What a run with an empty cache pays; in a record the same as the above. */
  readonly cold: {
    /** As above. */
    readonly nfe: number;
    /** As above. */
    readonly forwards: number;
    /** As above. */
    readonly decodes: number;
  };
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
  /** Unique in the run. */
  readonly id: CandidateId;
  /** Candidates that it was made from; none for fresh noise. */
  readonly parents: readonly CandidateId[];
  /** That made it, from 1; 0 for what exists before the first. */
  readonly round: number;
  /** The operation that created it: "noise", "around", "perturb", "renoise", "denoise" (children) or "resample" (a copy). */
  readonly op: string;
  /** Noise level at which it began, 1 (pure noise) to 0 (clean). */
  readonly from: number;
  /** Noise level that it has reached. */
  readonly level: number;
  /** What became of it. */
  readonly status: CandidateStatus;
  /** Latest scores, by verifier; a failed verifier is absent here and named in `failure`. */
  readonly scores: Readonly<Record<string, number>>;
  /** Scores at earlier levels, e.g. of previews, oldest first. */
  readonly earlier?: readonly {
    /** Noise level of the picture that was scored. */
    readonly level: number;
    /** By verifier. */
    readonly scores: Readonly<Record<string, number>>;
  }[];
  /** Why it has no picture or no score, as a sentence; absent for one that is well. */
  readonly failure?: string;
  /** Log of its weight among the particles of its round; absent for methods without weights. */
  readonly logWeight?: number;
  /** Key of its randomness: enough, with the run's seed, to draw the same again. A copy has that of its parent. */
  readonly key: string;
  /** What making and scoring it costs. */
  readonly cost: Cost;
  /**
   * Total of the run when its latest score was settled: its place on the compute axis. Counted as a run without the cache would have
   * paid, so that the picture is the same whatever ran before.
   */
  readonly at?: {
    /** Denoiser evaluations until then. */
    readonly nfe: number;
    /** Network passes until then. */
    readonly forwards: number;
    /** Pictures that were scored until then. */
    readonly verifierCalls: number;
  };
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
  /** How many there are. */
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
  /** Whose pictures these are, in the order of the tiles. */
  readonly ids: readonly CandidateId[];
  /** Width and height of one thumbnail in pixels. */
  readonly tile: readonly [width: number, height: number];
  /** Tiles in a row. */
  readonly columns: number;
  /** base64 of the PNG. */
  readonly png: string;
}

/** What a cell's output stores (MIME `application/vnd.dnb.search+json`). */
export interface SearchOutput {
  /** All numbers of the search. */
  readonly record: SearchRecord;
  /** Its thumbnails and the best picture at full size; of one that is there twice the larger counts, of equals the later. */
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
