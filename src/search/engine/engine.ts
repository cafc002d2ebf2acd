import type { Tensor } from "../tensor.js";
import type { DiffusersSchedulerConfig } from "../schedulers/scheduler.js";
import type { CudaDevice, CudaDeviceName } from "../random/torchCudaGenerator.js";
import type { Prediction } from "../schedules/cleanSample.js";
import type { SolverSpec } from "../solvers/solverSpec.js";
import type { LatentSpace } from "./latentRgb.js";
import type { DeviceReport } from "./deviceReport.js";
import type { ScorerHost } from "./sharedScorers.js";

export type { DeviceReport };

/**
 * The effects of a search: the only place where tensors and models live. A search names tensors by what made them (`TensorId` is the
 * content address of the computation), so asking twice for the same thing is a cache hit, whoever asks.
 * Implementations: `localEngine` beside an ONNX or analytic denoiser; `RemoteEngine` in the kernel's cells, over a MessagePort.
 */
export interface Engine {
  readonly model: EngineModel;
  /** Where the denoiser really runs. */
  readonly device: DeviceReport;
  /** Whose shared verifiers this engine can score by; absent: none. */
  readonly host?: ScorerHost;
  /** Of one whose tensors are all computed anew: what their names have that no others have. Scores from outside of it are then made anew too. */
  readonly salt?: string;
  noise(jobs: readonly NoiseJob[]): Promise<void>;
  /** Each job ends by itself: one that was aborted says so and what it had paid by then. */
  denoise(jobs: readonly DenoiseJob[], signal?: AbortSignal): Promise<JobResult[]>;
  /** Latents to 8-bit pixels. */
  decode(jobs: readonly DecodeJob[], signal?: AbortSignal): Promise<JobResult[]>;
  /** `images`: pixels made elsewhere, for this call alone; a job names them as it names those of the engine. */
  score(
    jobs: readonly ScoreJob[],
    signal?: AbortSignal,
    images?: readonly NamedImage[],
  ): Promise<ScoreResult[]>;
  /** Feature vectors of images in the network of a verifier that has `featureLayer`; same order, all of one length. */
  features(verifier: string, images: readonly TensorId[]): Promise<readonly Float32Array[]>;
  /** What the user has to know of how the model takes a condition, a sentence each. */
  remarks(condition: EngineCondition): Promise<readonly string[]>;
  /** Float32 state, shape [C, H, W]. */
  read(id: TensorId): Promise<Tensor>;
  image(id: TensorId): Promise<ImageData8>;
  /** Brings pixels made elsewhere in, to be scored. */
  put(images: readonly NamedImage[]): Promise<void>;
  dispose(): Promise<void>;
}

/** What a search has to know of the model that the engine runs. */
export interface EngineModel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly image: readonly [channels: number, height: number, width: number];
  readonly latent: readonly [channels: number, height: number, width: number];
  readonly licence: string;
  /** Of the denoiser. */
  readonly parameters: number;
  /** What the network gives: dx/ds of the flow path, or one of the three of a variance-preserving diffusion. */
  readonly prediction: Prediction;
  /** The classes that it takes; absent: none. */
  readonly labels?: readonly string[];
  /** Names of styles that a condition may add to its label or prompt. */
  readonly styles?: readonly string[];
  /** Whether it takes prompts. */
  readonly textConditioned: boolean;
  /** Whether the guidance scale is an input of its network: it comes in the condition then, and an evaluation is one pass. */
  readonly embedsGuidance?: true;
  /** Whether a guidance scale below 1 is none, as in the pipelines of diffusers; else it is one between the two passes. */
  readonly guidesFromOne?: true;
  /** Its own diffusers configuration, with the betas that it was trained with; a model that is not of flow needs one. */
  readonly scheduler?: DiffusersSchedulerConfig;
  /** Of its states, where it is one that is known: previews need no decoder then. */
  readonly latentSpace?: LatentSpace;
  /** What its pipeline in diffusers gives `set_timesteps` beside the number of steps. */
  readonly schedule?: ModelSchedule;
  readonly defaults: {
    readonly solver: string | DiffusersSchedulerConfig;
    readonly steps: number;
    readonly guidance: number;
  };
  readonly verifiers: readonly EngineVerifier[];
}

export interface ModelSchedule {
  /** The levels 1, 1 - 1/N, ..., 1/N, before any shift (FLUX). */
  readonly even?: true;
  /** Image tokens, which a dynamic shift goes by; by default a quarter of the latent's positions. */
  readonly tokens?: number;
  /** The shift at most, where the scheduler's configuration does not say (1.15). */
  readonly maxShift?: number;
}

export interface EngineVerifier {
  readonly name: string;
  /** What it looks at; absent = "pixels". */
  readonly sees?: "pixels" | "latent";
  readonly direction: "higher" | "lower";
  readonly needsCondition: boolean;
  /** What of the condition it scores against, where not just any will do; "preview": it compares, and has no score of an image alone. */
  readonly wants?: "label" | "style" | "preview";
  readonly sha256: string;
  /** Which layer of its network gives features of images, e.g. "logits"; absent: it gives none. */
  readonly featureLayer?: string;
}

/** What an image should show, parsed: plain data that a model takes. `label`: a class index, `style`: an index into the model's styles. */
export interface EngineCondition {
  readonly label?: number;
  readonly prompt?: string;
  /** Stands for the unconditional pass under guidance. */
  readonly negative?: string;
  readonly style?: number;
  /** The guidance scale, of a model that embeds it. */
  readonly guidance?: number;
}

/** sha256 (hex) of the computation: model, operation, parameters, parents. */
export type TensorId = string;

/** Makes a state from chance, and mostly another state. Costs nothing. */
export type NoiseJob =
  | { readonly id: TensorId; readonly how: "prior"; readonly key: NoiseKey }
  /** Same norm as `pivot`, cosine `similarity` to it, in the random direction of `key`. */
  | {
      readonly id: TensorId;
      readonly how: "around";
      readonly key: NoiseKey;
      readonly pivot: TensorId;
      readonly similarity: number;
    }
  /** pivot + U(0, radius sqrt(d)) in the random direction of `key`. */
  | {
      readonly id: TensorId;
      readonly how: "within";
      readonly key: NoiseKey;
      readonly pivot: TensorId;
      readonly radius: number;
    }
  /** keep * pivot + add * z: perturbed, or renoised by the exact forward kernel. */
  | {
      readonly id: TensorId;
      readonly how: "mix";
      readonly key: NoiseKey;
      readonly pivot: TensorId;
      readonly keep: number;
      readonly add: number;
    };

/**
 * Counter-based: the same key gives the same normals in any order, batch and process. With `torch` the numbers are those of a PyTorch generator
 * instead: its first draw is the starting noise, and the n-th stochastic step has the draw after that.
 */
export interface NoiseKey {
  /** Beyond 2^53 its decimal digits. */
  readonly seed: number | string;
  /** Purpose and node path: "noise/3" is the fourth prior noise of a run, "around/r1-c0" the direction that made r1-c0. */
  readonly path: string;
  readonly torch?: TorchNoise;
}

/** A generator seeded with the key's seed. */
export interface TorchNoise {
  readonly device: "cpu" | "cuda";
  /** Of "cuda": where there are more values than one GPU has threads, they depend on which it is. */
  readonly gpu?: CudaDevice | CudaDeviceName;
  /** Where all images of a request are one draw: how many, and which of them this is. Absent: a generator for this image alone. */
  readonly images?: number;
  readonly image?: number;
  /** Its first draw is that of the first step, and not a starting noise. */
  readonly isForSteps?: true;
}

export interface DenoiseJob {
  readonly id: TensorId;
  readonly from: TensorId;
  readonly solver: SolverSpec;
  /** Descending, at least two: where the state is and the levels it is taken through. */
  readonly levels: readonly number[];
  /** Absent = unconditional. */
  readonly condition?: EngineCondition;
  readonly guidance: number;
  /** Above 0, up to 1: what guidance gives goes through `rescaleGuidance`. */
  readonly rescale?: number;
  /** The chance on the way: of a solver that adds noise itself, or of the posterior bridge. */
  readonly stochastic?: StochasticSteps;
  /** Keep the evaluation at `from`: others are going to start there. */
  readonly keepsEvaluation?: boolean;
  /** Keep x0-predictions of the way, which costs nothing: they are made of evaluations that it has anyway. */
  readonly keeps?: readonly KeptPrediction[];
}

/** The x0-prediction where a job passes `level`, one of its levels but the last, as a state under a name of its own. */
export interface KeptPrediction {
  readonly id: TensorId;
  readonly level: number;
}

export interface StochasticSteps {
  /**
   * Above 0, up to 1: each step draws from the posterior bridge, and the solver has no say. At 1 a model with an exact posterior uses it,
   * unless `noise` is given. Absent: the solver's own noise.
   */
  readonly eta?: number;
  /** Each step draws from streams of its own of this key. */
  readonly key: NoiseKey;
  /** This tensor is the z of the first step. */
  readonly noise?: TensorId;
}

export interface DecodeJob {
  readonly id: TensorId;
  readonly from: TensorId;
  /** To look at, not to judge: by the engine's preview decoder, or the linear colours of the latent space, if it has one of them. */
  readonly quick?: true;
}

export interface ScoreJob {
  readonly verifier: string;
  /** A decoded image, or the state itself for a verifier that scores latents. */
  readonly image: TensorId;
  /** For a verifier that compares: the decoded preview. */
  readonly reference?: TensorId;
  readonly condition?: EngineCondition;
}

export interface JobResult {
  readonly nfe: number;
  readonly forwards: number;
  readonly decodes: number;
  /** True when the result came from the cache; then the three above say what it would have cost and nothing was spent. */
  readonly cached: boolean;
  readonly outcome: "done" | "aborted" | "failed";
  readonly failure?: string;
}

export type ScoreResult =
  | { readonly outcome: "scored"; readonly score: number; readonly cached: boolean }
  | { readonly outcome: "failed"; readonly failure: string; readonly cached: boolean }
  | { readonly outcome: "aborted" };

export interface NamedImage {
  readonly id: TensorId;
  readonly image: ImageData8;
}

/** 8 bit, row by row, channels interleaved. */
export interface ImageData8 {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}
