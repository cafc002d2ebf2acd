/**
 * What a cell imports from "dnb". This is the contract between the notebook's author and the kernel; names and meanings stand,
 * details may grow. Every tensor-like value says its shape and unit. Names are the field's own.
 */
declare module "dnb" {
  // ------------------------------------------------------------------------------------------------ session

  /**
   * Load a sampler and its verifiers, or return the one already resident for the same model, device and options.
   * `model`: the name of an embedded model ("emoji", "fashion"), a folder (ours with `model.json`, or a diffusers/optimum ONNX
   * export with `model_index.json`), or an analytic model made with `gaussianMixture`. Default: the `dnb.model` setting.
   */
  export function openSession(model?: string | AnalyticModel, options?: SessionOptions): Promise<Session>;

  export interface SessionOptions {
    /**
     * "auto" takes the best that really loads; one asked for by name that does not is an error. "auto" passes over a GPU that is computed on the processor,
     * and a device that leaves most of the denoiser to it: of the operators, or for "coreml" and "dml", which run many as one, of the time of a call.
     */
    device?: "auto" | "cpu" | "webgpu" | "cuda" | "dml" | "coreml";
    /** Samples per model call; "auto" is 16, and less for the larger pictures of a diffusers folder: 4 for 256 x 256, 1 from 512 x 512. */
    batch?: number | "auto";
    /**
     * Threads of one model call. "auto" measures when the model is first loaded on a machine, in up to a second, and is remembered. By default what
     * was measured before, by "auto" or by `dnb doctor`, else 1; of a diffusers folder what one product of matrices is fastest with, measured
     * once. Results do not depend on it.
     */
    threads?: number | "auto";
    /** Pixels, of a diffusers folder; by default what its configuration says. */
    width?: number;
    height?: number;
    /**
     * Of a PixArt folder, true by default as in diffusers' clean_caption: prompts lose markup, addresses, file names, article numbers and most
     * punctuation. False: lower case and trimmed, which is also what diffusers does where BeautifulSoup or ftfy are not installed.
     */
    cleanCaption?: boolean;
    /**
     * Of a PixArt folder, true by default as in diffusers' use_resolution_binning: it samples at the size of its table with the nearest aspect ratio,
     * and pictures are resized and cropped to the size asked for.
     */
    resolutionBinning?: boolean;
  }

  export interface Session {
    readonly model: ModelCard;
    /** Where the model really runs, graph by graph, by a profiled call of each when it was loaded. */
    readonly device: DeviceReport;
    readonly verifiers: { readonly [name: string]: Verifier };
    /** Plain sampling, one image per seed. */
    sample(request: SampleRequest): Promise<Samples>;
    /** A search, not yet started. */
    search(algorithm: Algorithm, problem: Problem): SearchRun;
    /** What a search is going to cost with an empty cache: `exact`, or no more than that. */
    quote(algorithm: Algorithm, problem: Problem): Quote;
    /**
     * Makes a search of a record again, with every tensor computed anew, as far as it went; a fork with the run that it left. `algorithm` and
     * `verifiers`: those that were written in cells, where only the record is given.
     */
    verify(
      of: SearchRun | SearchRecord,
      options?: { algorithm?: Algorithm | readonly Algorithm[]; verifiers?: readonly Verifier[] },
    ): Promise<Verification>;
    /** Scores of any images (from samples, a run or a file), one array per verifier. */
    score(
      images: Images,
      verifiers: VerifierRef[],
      condition?: Condition,
    ): Promise<{ [verifier: string]: number[] }>;
    /** Compute spent since the session opened. */
    readonly ledger: Ledger;
    dispose(): Promise<void>;
  }

  /**
   * A class label, a text prompt, or both with a style, as the model's card lists them; `negative`, with a guidance other than 1: what the picture
   * should not show. Words that the embedded model does not know are named, and an emoji stands for its own words. Prompts of a diffusers folder go in as its pipeline has
   * them; PixArt's cleaned (`cleanCaption` of openSession).
   */
  export type Condition = string | { label?: string; prompt?: string; negative?: string; style?: string };

  export interface SamplingOptions {
    /**
     * A diffusers scheduler_config.json object, or a name. For a model that predicts noise, v or the sample: euler, euler-karras,
     * euler-ancestral, heun, ddim, ddpm, pndm, lms, lms-karras, kdpm2, kdpm2-ancestral, dpmpp-2m, dpmpp-2m-karras, dpmpp-2m-sde,
     * dpmpp-2m-sde-karras, dpmpp-3m, dpm-singlestep, dpmpp-sde, unipc, unipc-karras, deis, lcm, tcd. For a flow model: euler, heun, flow-euler,
     * flow-heun, dpmpp-2m, dpmpp-2m-sde, dpmpp-3m, dpm-singlestep, dpmpp-sde, unipc, deis. For one with EDM's preconditioning (Playground 2.5):
     * euler, dpmpp-2m, dpmpp-2m-sde, dpmpp-3m.
     *
     * A name sets its own fields. Of the model's own scheduler all fields stay that its class has, as in
     * `Class.from_config(pipe.scheduler.config)` of diffusers: those of training (num_train_timesteps, betas, rescale_betas_zero_snr, the
     * prediction), timestep_spacing and steps_offset, Karras' and other spacing of levels, sigma_min and sigma_max, final_sigmas_type, clipping and
     * thresholding. Three differences: a name with "dpm" or "deis" says its algorithm, and with "dpm" its order; the shift of a flow model is carried between `shift` and
     * `flow_shift`; "ddim" and "ddpm" clip only where the model's scheduler says so, because a latent has no range. For other fields give the
     * configuration as the object.
     */
    solver?: string | DiffusersSchedulerConfig;
    /** Denoising steps of one full trajectory. */
    steps?: number;
    /**
     * Classifier-free guidance scale; 1 = off. A diffusers folder takes 0 to 1 for off too, as its pipelines do (turbo models, FLUX schnell). Of a model
     * that embeds it (FLUX dev): what its network is told.
     */
    guidance?: number;
    /**
     * From 0 (default) to 1: how far the standard deviation of what guidance gives goes back to that of the conditional pass (diffusers'
     * guidance_rescale). Needs guidance.
     */
    guidanceRescale?: number;
    /**
     * Of a model that embeds its guidance scale: the scale of guidance away from the negative prompt, by a second pass of the network
     * (diffusers' true_cfg_scale). Default 1, which makes one pass; a negative prompt needs another.
     */
    trueGuidance?: number;
    /** DDIM and TCD: their own. Of the others, 0 = as the solver is; up to 1 = steps that draw from the posterior, with eta^2 of its variance. */
    eta?: number;
    /** Stochastic churn of Euler and Heun (Karras et al. 2022, algorithm 2). */
    churn?: { sChurn?: number; sTmin?: number; sTmax?: number; sNoise?: number };
    /**
     * Draw the noise as PyTorch does for the seed, on its CPU or CUDA generator; stochastic solvers go on drawing from it, as in diffusers.
     * Default: the kernel's own keyed noise. A search takes its k-th noise (from 0) of the seed + k, and keyed noise for what it adds.
     */
    noise?: Noise;
  }

  export type Noise =
    | "dnb"
    | "torch-cpu"
    | "torch-cuda"
    | {
        kind: "torch-cpu" | "torch-cuda";
        /**
         * "diffusers" (default) and "a1111": a generator for each image's seed. "whole-batch" and "comfyui": all images in one draw of one
         * generator, that of the first seed; not for a search. "comfyui" draws it on the CPU; for stochastic steps it begins another generator: of the
         * same seed for "torch-cuda", of the next one for "torch-cpu" (its ancestral samplers; its SDE samplers have a Brownian tree, which is not here).
         */
        convention?: "diffusers" | "whole-batch" | "a1111" | "comfyui";
        /** Of "torch-cuda": more values than one GPU has threads depend on which it is, e.g. "RTX 4090". */
        gpu?: string | { multiprocessors: number; threadsPerMultiprocessor: number };
      };

  export interface SampleRequest extends SamplingOptions {
    condition?: Condition;
    /** Up to 2^64 - 1, as bigints beyond 2^53. */
    seeds: (number | bigint)[];
  }

  // ------------------------------------------------------------------------------------------------ search

  export interface Problem extends SamplingOptions {
    condition?: Condition;
    seed?: number;
    /** Drives selection. */
    verifier: VerifierRef;
    /** Recorded beside it, never used for selection. */
    heldOut?: VerifierRef[];
    budget: Budget;
  }

  /** A search stops before it would pass any of the limits given. */
  export interface Budget {
    nfe?: number;
    verifierCalls?: number;
    seconds?: number;
    rounds?: number;
  }

  export interface Ledger {
    /** Guided denoiser evaluations, per sample. */
    nfe: number;
    /** Raw network passes, per sample: 2 x nfe under guidance. */
    forwards: number;
    decodes: number;
    verifierCalls: { [verifier: string]: number };
    milliseconds: number;
    /** What a run without the cache would have paid. */
    cold: { nfe: number; forwards: number; decodes: number };
  }

  export interface Quote {
    readonly nfe: number;
    readonly forwards: number;
    readonly decodes: number;
    /** Of each verifier. */
    readonly verifierCalls: number;
    readonly rounds: number;
    readonly exact: boolean;
  }

  export interface Verification {
    /** The largest absolute difference of a score of each candidate. */
    readonly candidates: readonly { readonly id: string; readonly difference: number }[];
    /** The largest of these; 0 is the same to the last bit. */
    readonly most: number;
    /** What differs otherwise, as sentences. */
    readonly mismatches: readonly string[];
  }

  /** A record as it was after each of its rounds, round 0 first; needs no model. */
  export function replayRecord(record: SearchRecord): Iterable<SearchRecord>;
  /** A record as it was when round `round` had ended, 0 before the first; needs no model. */
  export function recordAt(record: SearchRecord, round: number): SearchRecord;

  /** Shown by a cell, a run is a live view with Step, Run, Pause, Stop, Fork and Pick. */
  export interface SearchRun extends AsyncIterable<Round> {
    readonly id: string;
    readonly state: "ready" | "running" | "paused" | "waiting" | "finished" | "stopped" | "failed";
    /** The best of those that were scored clean; of a method that resamples also one that was passed over, whose status then is "dropped". */
    readonly best: Candidate | undefined;
    readonly rounds: readonly Round[];
    readonly candidates: readonly Candidate[];
    readonly ledger: Ledger;
    /** Why it ended, as a sentence. */
    readonly reason: string | undefined;
    /** What a researcher has to know beside the numbers. */
    readonly notices: readonly string[];
    /** Makes `rounds` (1) more rounds and gives the last one; rejects when there is no further one. */
    step(rounds?: number): Promise<Round>;
    run(): Promise<SearchRun>;
    pause(): void;
    stop(): void;
    /** A new run that shares everything up to `from`, then goes its own way with the changes given. Costs nothing until it steps. */
    fork(from: Candidate | string, changes?: Partial<Problem> & { algorithm?: Algorithm }): SearchRun;
    candidate(id: string): Candidate;
    /** The serialisable truth of the run; every view is drawn from it. */
    record(): SearchRecord;
  }

  export interface Round {
    readonly index: number;
    readonly candidates: readonly Candidate[];
    readonly best: Candidate;
    readonly ledger: Ledger;
  }

  export interface Candidate {
    readonly id: string;
    readonly parents: readonly string[];
    readonly round: number;
    /** 1 = pure noise, 0 = clean. */
    readonly level: number;
    readonly status: "live" | "dropped" | "kept" | "final" | "failed";
    readonly scores: { readonly [verifier: string]: number };
    /** Log weight, for the particle methods. */
    readonly logWeight?: number;
    readonly cost: Ledger;
    image(): Promise<Image>;
    /**
     * A glance at the x0-prediction where it stands, by the quickest decoder that the model has: TAESD, or linear colours at the latent's size.
     * What it costs is billed to the session.
     */
    preview(): Promise<Image>;
    /** State at `level`, shape [C, H, W], float32. */
    latent(): Promise<Tensor>;
    /** The starting noise of this lineage, shape [C, H, W], float32. */
    noise(): Promise<Tensor>;
  }

  // The paper's three.
  /** i.i.d. noises, each denoised and scored: best-of-N; scales with `candidates` or until the budget. */
  export function randomSearch(options?: { candidates?: number; perRound?: number }): Algorithm;
  /** `neighbours` noises at cosine `similarity` to the pivot, norm kept; the best becomes the pivot. */
  export function zeroOrderSearch(options?: {
    neighbours?: number;
    similarity?: number;
    elitist?: "never" | "keep" | "restart";
  }): Algorithm;
  /** `paths` lineages from level `start`; each round `width` renoisings by `forward`, denoised by `backward` > `forward`, keep `paths`. */
  export function searchOverPaths(options?: {
    paths?: number;
    width?: number;
    start?: number;
    forward?: number;
    backward?: number;
  }): Algorithm;
  // What came after. `temperature` T everywhere: the target is p(x0) exp(r(x0) / T), r the searched verifier.
  export function successiveHalving(options?: {
    candidates?: number;
    keep?: number;
    at?: number[];
  }): Algorithm;
  export function feynmanKac(options?: {
    particles?: number;
    temperature?: number;
    potential?: "difference" | "max" | "sum";
    resampleAt?: number[] | "adaptive";
    resampling?: "multinomial" | "systematic" | "residual" | "ssp";
  }): Algorithm;
  export function beamSearch(options?: {
    beams?: number;
    branches?: number;
    lookahead?: number;
    every?: number;
  }): Algorithm;
  export function softValueDecoding(options?: {
    /** Independent of each other. Each has a law between the model's and the tilted target, nearer to that with more children; weighted by `logWeight` they are exact. */
    particles?: number;
    children?: number;
    temperature?: number;
    choose?: "sample" | "argmax";
  }): Algorithm;
  export function rolloverBudgetForcing(options?: { initial?: number }): Algorithm;
  export function treeSearch(options?: {
    temperature?: number;
    greedy?: boolean;
    maxChildren?: number;
    /** Paths of a round, which share the calls of the model. Default 32, of a greedy search 16; 1 is the paper's. */
    paths?: number;
  }): Algorithm;
  export function evolutionarySearch(options?: {
    schedule?: number[];
    population?: number[];
    elites?: number;
    mutation?: number;
  }): Algorithm;
  export function breadthFirstSearch(options?: {
    particles?: number;
    temperature?: number;
    prune?: boolean;
  }): Algorithm;
  /** Below `threshold` it jumps back by `backtrack` steps, at most `jumps` times; then it accepts the best that it saw. */
  export function depthFirstSearch(options?: {
    threshold?: number;
    backtrack?: number;
    jumps?: number;
  }): Algorithm;
  export function epsilonGreedy(options?: {
    epsilon?: number;
    iterations?: number;
    neighbours?: number;
    radius?: number;
  }): Algorithm;
  /** Your own, in a cell: a generator over `ops`. It gets steps, forks, ledger, tree and traces like the built-in ones. */
  export function defineAlgorithm<O extends object = object>(
    name: string,
    body: (ops: Ops, options: O) => Generator<Op, void, any>,
    traits?: {
      /** Checks what a user gave and fills in the defaults. */
      parse?: (given: Readonly<Record<string, unknown>>) => O;
      /** Whether it ends by itself; without it, only a budget or Stop ends it. */
      ends?: (options: O) => boolean;
      /** What it costs with an empty cache, for `session.quote`; `exact: false` for an upper bound. */
      quote?: (
        options: O,
        terms: {
          readonly levels: readonly number[];
          readonly steps: number;
          /** NFE of one full trajectory. */
          readonly trajectory: number;
          readonly budget: Budget;
          /** NFE along the schedule from one level down to another. */
          readonly evaluations: (from: number, to: number, eta?: number) => number;
          /** NFE of so many equal steps. */
          readonly equal: (from: number, to: number, steps: number) => number;
          /** Rounds that the budget pays for. */
          readonly affordable: (nfe: number, perRound: number) => number;
        },
      ) => { nfe: number; scored: number; rounds: number; exact?: boolean };
    },
  ): (options?: Partial<O>) => Algorithm;

  // ------------------------------------------------------------------------------------------------ verifiers

  export type VerifierRef = string | Verifier;
  export interface Verifier {
    readonly name: string;
    readonly direction: "higher" | "lower";
    readonly needsCondition: boolean;
    score(images: Images, condition?: Condition): Promise<number[]>;
  }
  /** A function of the images, e.g. `verifier("red", ({ rgb }) => mean(rgb[0]) - mean(rgb[1]))`; `rgb` is three planes, values 0..1. */
  export function verifier(
    name: string,
    score: (image: Image, condition?: Condition) => number | Promise<number>,
    options?: Partial<Verifier>,
  ): Verifier;
  /** Mean mid-rank of several verifiers in a declared pool, or mean z-score against a frozen one. */
  export function ensemble(
    verifiers: VerifierRef[],
    options?: {
      /** In tables and records; "ensemble" by default. */
      name?: string;
      rule?: "rank" | "z-score";
      /** Of the rule "rank": ranks among all candidates of the run (default), or of the round. */
      pool?: "round" | "run";
      weights?: number[];
    },
  ): Verifier;
  /**
   * A judge behind an HTTP address, local or remote: POST of `{ version: 1, verifier, condition, images: [PNG in base64] }`, answered by
   * `{ scores: [number] }`. When it does not answer in spite of the repetitions, the search pauses with the reason; run again, it asks again.
   * What it has answered is remembered until the kernel ends, by its address, its name and that of its key: a cell that is run again goes on where it
   * stopped. A judge that has changed needs another name. What a round has to score is sent together: `parallel` and `batch` are of use in rounds that are larger, e.g. `randomSearch({ perRound: 64 })`. There
   * the first batches of the model are on their way to the judge while the next ones are sampled.
   */
  export function endpoint(
    url: string,
    options?: {
      name?: string;
      direction?: "higher" | "lower";
      needsCondition?: boolean;
      /** Seconds of one request (30). */
      timeout?: number;
      /** Repetitions of a request that failed (3), after `backoff` seconds (0.5), twice as long each time. */
      retries?: number;
      backoff?: number;
      /** Requests under way at once (2), and images in one request (8). */
      parallel?: number;
      batch?: number;
      /** The name under which the key is kept: in VS Code's secret storage or as an environment variable. Never the key itself. */
      key?: string;
      /** What a search does with candidates that got no score: pause to ask again (default), or go on without them. */
      unanswered?: "pause" | "fail";
    },
  ): Verifier;
  /**
   * A verifier of a folder, loaded once and resident like a model: ours with `verifier.json`, or an export of CLIP (model.onnx, or vision_model.onnx
   * and text_model.onnx, with preprocessor_config.json and the tokenizer's files). Of CLIP, `kind` says what is made of it; prompts are the condition,
   * a class's name where the model has classes.
   */
  export function openVerifier(
    folder: string,
    options?: {
      kind?: "clipscore" | "cosine" | "zero-shot" | "aesthetic" | "pickscore" | "hpsv2";
      name?: string;
      direction?: "higher" | "lower";
      /** What a cosine is multiplied by: 2.5 for CLIPScore, 100 for PickScore and zero-shot, else 1. */
      scale?: number;
      /** Put before each prompt; "A photo depicts " for CLIPScore. */
      prefix?: string;
      /** Of a zero-shot classifier: its classes, and texts with {} for the class. */
      labels?: string[];
      templates?: string[];
      output?: "probability" | "logit";
      /** Of "aesthetic": a JSON or ONNX file in the folder. */
      head?: string;
      /** Another name for verifier.json. */
      card?: string;
      threads?: number;
      /** As of a session, whose setting it has by default: tried graph by graph, and what the device does not run goes to the processor. */
      device?: "auto" | "cpu" | "webgpu" | "cuda" | "dml" | "coreml";
    },
  ): Promise<Verifier & { readonly device: DeviceReport }>;
  /**
   * A verifier without labels: cosine of the features of a clean image and of the x0-prediction that its own trajectory had at a noise level (Ma et al.
   * 2025). Costs no evaluation of the model; for algorithms that score clean images.
   */
  export function selfSupervised(options?: {
    /** In tables and records; "self-supervised" by default. */
    name?: string;
    /** Whose network gives the features: by default the session's first verifier that has one. */
    features?: VerifierRef;
    /** Noise level of the preview, between 0 and 1 (0.286): the nearest of the schedule is taken. */
    level?: number;
  }): Verifier;
  /**
   * The metric of a population as a verifier, used greedily (Ma et al. 2025): the score of a candidate is the Fréchet distance (lower is better) or the
   * inception score (higher) of the images kept so far and the candidate. It optimises the number that a report would hold out: it shows what is
   * possible and proves nothing. A search judges by the population as it was when the search was made.
   */
  export function oracle(options: {
    score: "frechet" | "inception";
    /** In tables and records; "oracle-frechet" or "oracle-inception" by default. */
    name?: string;
    /** Of "frechet": more images than the network has features. */
    reference?: readonly Image[] | { readonly images: readonly Image[] };
    /** Whose network gives the features: by default the session's first verifier that has one. */
    features?: VerifierRef;
  }): Verifier & { readonly population: Population };
  /** The images that a greedy search over a population has kept so far. */
  export interface Population {
    readonly size: number;
    readonly images: readonly Image[];
    /** Keeps the best of a search, or samples, or an array of images. Gives how many there are now. */
    add(of: SearchRun | readonly Image[] | { readonly images: readonly Image[] }): Promise<number>;
  }
  /** Wait for a person to pick in the view; the picks are stored in the notebook and replayed from there. */
  export function human(question?: string): Verifier;

  // ------------------------------------------------------------------------------------------------ evaluation

  /**
   * Several algorithms and verifiers on several problems at equal compute, with held-out verifiers and paired bootstrap intervals. Added by
   * itself: one sample, more steps alone, best-of-N at equal compute and best-of-N at as many verifier calls. Shows its progress; Interrupt
   * ends it, and the same again goes on where it stopped.
   */
  export function compare(request: {
    session: Session;
    /** A function of the budget for a method whose size follows it; undefined where the budget is too small. */
    algorithms: {
      [name: string]: Algorithm | ((budget: number, unit: "nfe" | "seconds") => Algorithm | undefined);
    };
    /** Their budgets are replaced. Those that differ in the seed alone count as one problem with several seeds. */
    problems: (Omit<Problem, "budget"> & { budget?: Budget })[];
    /** In NFE. */
    budgets?: number[];
    /** In seconds of wall time, beside that at equal NFE; every run is computed anew. */
    seconds?: number[];
    /** Each problem with each of these; default: with its own. */
    seeds?: number[];
    /** Every algorithm searches by each of these in turn, the others held out; default: by the problem's own. */
    verifiers?: VerifierRef[];
    /** What gains are measured against: "one sample" (default), "more steps", "best of N", or an algorithm's name. */
    baseline?: string;
    /** At least 1,000. */
    resamples?: number;
  }): Promise<Report>;
  /** Shown by a cell: a table with intervals and flags, and the scaling curves. */
  export interface Report {
    readonly rows: readonly ReportRow[];
    readonly notes: readonly string[];
    toCSV(): string;
    toJSON(): unknown;
  }
  /** One algorithm at one budget by one verifier. What is not known, e.g. an interval of too few seeds, is absent. */
  export interface ReportRow {
    algorithm: string;
    budget: number;
    unit: "nfe" | "seconds";
    verifier: string;
    role: "searched" | "held-out";
    mean?: number;
    low?: number;
    high?: number;
    /** Over the baseline, positive where better. Of the searched verifier by the second evaluation of the winners, where there is one. */
    gain?: number;
    gainLow?: number;
    gainHigh?: number;
    /** Corrected by Holm for all rows of this verifier. */
    pValue?: number;
    /** Why there is no interval, or what it does not cover. */
    note?: string;
    winRate?: number;
    /** Problems better, the same and worse than the baseline. */
    better: number;
    same: number;
    worse: number;
    failures: number;
    /** The winners' searched score by a second evaluation, its interval, and by how much the first exaggerates. */
    fresh?: number;
    freshLow?: number;
    freshHigh?: number;
    optimism?: number;
    optimismLow?: number;
    optimismHigh?: number;
    diversity?: number;
    /** How far the searched score of the winner runs ahead of this held-out one, in standard deviations. */
    gap?: number;
    gapLow?: number;
    gapHigh?: number;
    /** Rank correlation with the searched verifier among the candidates of a run. */
    agreement?: number;
    /** Rise per doubling of the budget. */
    slope?: number;
    nfe?: number;
    calls?: number;
    seconds?: number;
    /** "hacking" once for each held-out verifier that falls. */
    flags: ("hacking" | "diversity-loss" | "saturation")[];
    /** One sentence for each flag, in their order. */
    why: string[];
  }
  /**
   * Fréchet distance between two sets in the session's feature network (the first verifier that has one, or `features`); needs at least as many
   * images as is stated in its error, which gives the kernel distance of these instead. The cell is told of how many images it is.
   */
  export function frechetDistance(a: Images, b: Images, features?: VerifierRef): Promise<number>;
  /** Fréchet distance, where there are enough images, and kernel distance (KID), with the number of images and the network. */
  export function imageDistances(
    a: Images,
    b: Images,
    features?: VerifierRef,
  ): Promise<{
    frechet?: number;
    /** Why there is none. */
    refused?: string;
    kernel: number;
    images: readonly [number, number];
    dimension: number;
    network: string;
  }>;

  // ------------------------------------------------------------------------------------------------ known truth

  /**
   * A diffusion whose score, posterior and reward-tilted target are known exactly: to learn with and to test against. Flow-matching levels; `means[k]` has the
   * dimension d, `variances[k]` is isotropic; the state is a tensor of shape [d, 1, 1]. `eta: 1` draws from the exact reverse kernel between any two levels.
   */
  export function gaussianMixture(parameters: {
    weights: number[];
    means: number[][];
    variances: number[];
  }): AnalyticModel;
  /** r(x0) = x0 . direction (direction: all ones by default), a verifier whose tilted target is known exactly. */
  export function linearReward(direction?: number[]): Verifier;

  // ------------------------------------------------------------------------------------------------ conventions of the field

  /** What a diffusers scheduler of this configuration does, as functions without hidden state. */
  export function schedulerFromConfig(config: DiffusersSchedulerConfig): {
    timesteps(steps: number, schedule?: ScheduleOptions): Float64Array;
    /** Noise levels in the scheduler's own unit, the final one included; undefined for schedulers without. */
    sigmas(steps: number, schedule?: ScheduleOptions): Float64Array | undefined;
    /** Before `set_timesteps`: for the whole table. With timestep_spacing "leading", or where the ends are moved, take that of `schedule(steps)`. */
    readonly initNoiseSigma: number;
    schedule(
      steps: number,
      options?: ScheduleOptions,
    ): { readonly initNoiseSigma: number; readonly timesteps: Float64Array; readonly sigmas?: Float64Array };
    addNoise(sample: Float32Array, noise: Float32Array, timestep: number): Float32Array;
    /**
     * The full loop from `sample`, already multiplied by `schedule(steps).initNoiseSigma`. `model` gets the scaled input and the timestep; the state stays unscaled.
     * `noise(i)` is the noise of the i-th stochastic step; `eta` for DDIM and TCD; `sChurn`.. for Euler and Heun as in Karras et al.
     */
    loop(
      model: (x: Float32Array, timestep: number) => Float32Array | Promise<Float32Array>,
      sample: Float32Array,
      steps: number,
      options?: ScheduleOptions & {
        eta?: number;
        sChurn?: number;
        sTmin?: number;
        sTmax?: number;
        sNoise?: number;
        noise?: (step: number) => Float32Array;
        /** Position in the timesteps to start at, for images that are only partly noised. */
        start?: number;
        /** Images in `sample`, where each is looked at by itself (dynamic thresholding, learned variances). Default 1. */
        batch?: number;
        /** DDIM: derive the noise from the clipped prediction. */
        useClippedModelOutput?: boolean;
      },
    ): Promise<Float32Array>;
  };
  /** What diffusers' `set_timesteps` takes beside the number of steps: resolution-dependent shift and explicit sigmas (flow matching). */
  export interface ScheduleOptions {
    mu?: number;
    sigmas?: number[];
  }
  /** The scheduler_config.json of diffusers: `_class_name` and its fields, with diffusers' defaults for what is absent. */
  export type DiffusersSchedulerConfig = { _class_name: string; [field: string]: unknown };
  /** Exactly `torch.manual_seed(seed); torch.randn(shape)` (float32) of PyTorch's CPU or CUDA generator. */
  export function torchRandn(
    seed: number | bigint,
    shape: number[],
    device?: "cpu" | "cuda",
    /** Of the CUDA generator: the GPU whose grid is meant, by name or by its figures. */
    gpu?: string | { multiprocessors: number; threadsPerMultiprocessor: number },
  ): Float32Array;

  // ------------------------------------------------------------------------------------------------ notebook

  /**
   * Show a value here and now; the last expression of a cell is shown by itself. The handle replaces what it showed. Arrays of objects are
   * tables; what has `data` and `shape` is a tensor with its range and a picture; a value with a method `[Symbol.for("dnb.display")]` that
   * gives text, bytes or JSON by MIME type is shown by that.
   */
  export function display(value: unknown, options?: { id?: string }): { update(value: unknown): void };
  /**
   * Asks the person before the notebook: in a box at the top of VS Code, or for a line of standard input in `dnb run`. Null when it was
   * dismissed or the input has ended. `secret`: not shown while it is typed.
   */
  export function input(
    prompt?: string,
    options?: { value?: string; secret?: boolean },
  ): Promise<string | null>;
  /** Aborted by Interrupt. */
  export const signal: AbortSignal;
  /** A progress bar in the cell and in the terminal; ends by itself with its scope. */
  export function progress<T>(
    items: Iterable<T> | AsyncIterable<T>,
    options?: { label?: string; total?: number },
  ): AsyncIterable<T>;

  /** A chart of your own data (line, scatter, histogram, bars, heat map) as Observable Plot options; shown as SVG that follows the theme. */
  export function plot(options: object): Plot;
  export interface Plot {
    toSVG(): string;
  }

  // ------------------------------------------------------------------------------------------------ data

  export interface Tensor {
    readonly data: Float32Array;
    readonly shape: readonly number[];
  }
  /** 8-bit sRGB or grey. `rgb`: planes as float32 in 0..1. */
  export interface Image {
    readonly width: number;
    readonly height: number;
    readonly channels: 1 | 3;
    readonly data: Uint8Array;
    readonly rgb: readonly Float32Array[];
    toPNG(): Uint8Array;
    /** Resampling equal to Pillow's byte for byte, `reducing_gap` off. */
    resize(
      width: number,
      height: number,
      filter?: "box" | "bilinear" | "hamming" | "bicubic" | "lanczos",
    ): Image;
  }
  /** An image of `data`, row by row, channels interleaved (1 or 3), 8 bit. */
  export function imageFrom(data: Uint8Array, width: number, height: number, channels?: 1 | 3): Image;
  /**
   * A PNG, JPEG or WebP file, alpha flattened on white. Errors name the file and what was found in it. A JPEG with halved colour differs from Pillow's
   * pixels by up to 24 of 255 at edges of colour.
   */
  export function loadImage(path: string): Promise<Image>;
  export type Images = readonly Image[] | Samples | SearchRun;
  export interface Samples extends AsyncIterable<Image> {
    readonly seeds: readonly (number | bigint)[];
    readonly images: readonly Image[];
  }
  export interface ModelCard {
    name: string;
    version: string;
    licence: string;
    sha256: string;
    parameters: number;
    image: [channels: number, height: number, width: number];
    prediction: "flow" | "epsilon" | "v" | "sample";
    labels?: string[];
    styles?: string[];
    textConditioned: boolean;
    defaults: SamplingOptions;
    verifiers: string[];
  }
  /** What a model really runs on, found by profiled calls when it was loaded: not what was asked for. Of its denoiser, but for `parts` and `tried`. */
  export interface DeviceReport {
    /** "cpu", "webgpu", "cuda", "dml" or "coreml"; "analytic" for a model in closed form. */
    provider: string;
    /** The processor or graphics adapter by its name; absent where several come into question. */
    adapter?: string;
    memoryBytes?: number;
    driver?: string;
    precision?: "float32" | "float16";
    /** Operators of the denoiser that the provider does not have and the CPU ran. */
    fallbackOperators: string[];
    /** Where the denoiser's operators ran, and their time in that call in milliseconds. */
    providers?: { provider: string; nodes: number; milliseconds: number }[];
    /**
     * The graphs beside the denoiser (text encoders, decoders, verifiers) where the device is not the processor: on which device each runs, and
     * of one that is not the processor where its operators ran and those that the CPU ran.
     */
    parts?: {
      part: string;
      provider: string;
      providers?: { provider: string; nodes: number; milliseconds: number }[];
      fallbackOperators?: string[];
    }[];
    /** Devices that "auto" passed over, and other parts that the device did not load or run and the CPU runs; why, and what to do about it. */
    tried?: { device: string; reason: string; advice: string }[];
    /** Samples per model call, and threads of one call. */
    batch: number;
    threads: number;
  }
  export interface Algorithm {
    readonly name: string;
    readonly options: unknown;
  }
  export interface AnalyticModel {
    readonly kind: "gaussian-mixture";
    /** p(x0) exp(r(x0) / T) / Z with r = x0 . direction (default: all ones) and T = temperature (default 1): a mixture again, with its mean and log Z. */
    target(request?: { direction?: number[]; temperature?: number }): {
      readonly weights: readonly number[];
      readonly means: readonly (readonly number[])[];
      readonly variances: readonly number[];
      readonly mean: readonly number[];
      readonly logZ: number;
    };
  }
  /** Plain JSON. */
  export interface SearchRecord {
    readonly version: 1;
    readonly id: string;
    readonly algorithm: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
    readonly levels: readonly number[];
    readonly state: SearchRun["state"];
    readonly reason?: string;
    readonly best?: string;
    readonly rounds: readonly {
      readonly index: number;
      readonly candidates: readonly string[];
      readonly best?: string;
      /** Of the particle methods: effective sample size, and log Z as the log of the mean weight. */
      readonly particles?: {
        readonly count: number;
        readonly ess: number;
        readonly ancestors: number;
        readonly logZ: number;
        readonly resampled: boolean;
      };
    }[];
    readonly candidates: readonly {
      readonly id: string;
      readonly parents: readonly string[];
      readonly round: number;
      readonly level: number;
      readonly status: Candidate["status"];
      readonly scores: Readonly<Record<string, number>>;
      readonly logWeight?: number;
    }[];
    readonly notices: readonly string[];
    readonly fork?: { readonly run: string; readonly candidate: string };
  }
  export interface Op {
    readonly kind: string;
  }
  /** A candidate as an algorithm sees it: plain data, as it was when the operation was answered. */
  export interface Handle {
    readonly id: string;
    /** 1 = pure noise, 0 = clean. */
    readonly level: number;
    readonly noise: { readonly candidate: string };
    readonly parent?: string;
    /** The first of its lineage. */
    readonly ancestor: string;
    /** Latest, of the searched verifier, turned so that higher is better. */
    readonly score?: number;
    readonly logWeight?: number;
  }
  export type Handles = readonly Handle[];
  /** A step of an algorithm: delegate to it with `yield*`. */
  export type OpStep<T> = Generator<Op, T, Handles>;
  /**
   * The vocabulary of algorithms; each member is delegated to with `yield*`. A candidate that failed, or that the budget no longer pays for, is
   * missing from the answer. When not even one is affordable the run ends, and the generator is closed where it stands.
   */
  export interface Ops {
    readonly problem: {
      readonly seed: number;
      readonly solver: string;
      readonly steps: number;
      readonly guidance: number;
      readonly eta: number;
      readonly verifier: string;
      readonly heldOut: readonly string[];
      readonly budget: Readonly<Budget>;
    };
    /** Noise levels of one full trajectory, descending from 1 to 0. */
    readonly levels: readonly number[];
    /** The problem's eta, or 1 where the problem asks for the ODE. */
    readonly eta: number;
    /** One standard-normal noise as a pivot, which is no candidate; or `count` new candidates at level 1. */
    noise(): OpStep<Handle>;
    noise(request: { readonly count: number }): OpStep<Handles>;
    /** New candidates near a noise: with its norm and the cosine `similarity` to it, or at a distance from U(0, radius sqrt(d)). */
    around(
      pivot: Handle | Handle["noise"],
      request: { readonly count: number } & ({ readonly similarity: number } | { readonly radius: number }),
    ): OpStep<Handles>;
    /** New candidates keep x + add z where each stands, `copies` (1) of each. */
    perturb(
      candidates: Handles,
      request: { readonly keep: number; readonly add: number; readonly copies?: number },
    ): OpStep<Handles>;
    /** New candidates at the higher level `to` by the exact forward kernel. */
    renoise(candidates: Handles, request: { readonly to: number; readonly copies?: number }): OpStep<Handles>;
    /**
     * Down to level `to` (0), through the schedule or in `steps` equal steps, by the ODE (`eta` 0) or stochastically; `children` makes new
     * candidates of each; `noises` are the z of a single stochastic step, one child for each. `score`: the same as to `score` those that arrive,
     * but a function or an endpoint looks at the first batch while the next one is still sampled.
     */
    denoise(
      candidates: Handles,
      request?: {
        readonly to?: number;
        readonly eta?: number;
        readonly children?: number;
        readonly steps?: number;
        readonly noises?: Handles;
        readonly score?: boolean;
      },
    ): OpStep<Handles>;
    /** Predicts the clean sample without moving: the x0-prediction, or `lookahead` Euler steps. Its first evaluation is shared with the next step. */
    preview(candidates: Handles, request?: { readonly lookahead?: number }): OpStep<Handles>;
    /** To pixels; `score` does it by itself. */
    decode(candidates: Handles): OpStep<Handles>;
    /** By every verifier of the problem, of clean candidates or of previews. */
    score(candidates: Handles): OpStep<Handles>;
    /** The best, best first; the others are dropped. */
    keep(candidates: Handles, request: { readonly best: number }): OpStep<Handles>;
    /** Those with at least this score; the others are dropped. */
    threshold(candidates: Handles, request: { readonly atLeast: number }): OpStep<Handles>;
    drop(candidates: Handles): OpStep<void>;
    /** Sets log weights; -Infinity is a weight of zero. */
    weigh(candidates: Handles, logWeights: readonly number[]): OpStep<Handles>;
    /** Draws `count` by weight ("systematic"); all then have the log of the mean weight. */
    resample(
      candidates: Handles,
      request?: {
        readonly count?: number;
        readonly scheme?: "multinomial" | "systematic" | "residual" | "ssp";
        readonly logWeights?: readonly number[];
      },
    ): OpStep<Handles>;
    /** Winners by score of `count` tournaments over `size` candidates each; they may repeat, and none is dropped. */
    tournament(
      candidates: Handles,
      request: { readonly count: number; readonly size: number },
    ): OpStep<Handles>;
    /** In [0, 1), by the run's seed. */
    random(): OpStep<number>;
    random(request: { readonly count: number }): OpStep<readonly number[]>;
    /** What one Step does ends here. */
    endRound(): OpStep<void>;
    /** The same as to return, with the reason that the record gives. */
    finish(reason?: string): OpStep<void>;
  }
}
