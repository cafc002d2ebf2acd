/** What diffusers' `set_timesteps` takes beside the number of steps. */
export interface ScheduleOptions {
  /** Resolution-dependent shift of flow matching. */
  readonly mu?: number;
  /** Explicit noise levels: for flow matching without the final one, for EulerDiscrete with it. */
  readonly sigmas?: readonly number[];
}

/** What diffusers' `step` takes beside the model's output. */
export interface StepOptions {
  /** DDIM and TCD: 0 is deterministic. Absent: 0 for DDIM, 0.3 for TCD, as in diffusers. */
  readonly eta?: number;
  /** DDIM: derive the noise from the clipped prediction. */
  readonly useClippedModelOutput?: boolean;
  /** Stochastic churn of Karras et al. 2022 (arXiv 2206.00364), algorithm 2. */
  readonly sChurn?: number;
  readonly sTmin?: number;
  readonly sTmax?: number;
  readonly sNoise?: number;
  /** Images in the sample, for what is done to each by itself (dynamic thresholding, learned variances). Default 1. */
  readonly batch?: number;
}

export type DiffusersSchedulerConfig = { _class_name: string; [field: string]: unknown };

/** The noise levels of one trajectory. */
export interface Schedule {
  /** One model call each, in order; what the model is told. */
  readonly timesteps: Float64Array;
  /** Noise levels in the scheduler's own unit, the final one included. */
  readonly sigmas?: Float64Array;
  /** The factor of the starting noise for this schedule. */
  readonly initNoiseSigma: number;
}

/** A schedule that has noise levels. */
export type LevelledSchedule = Schedule & { readonly sigmas: Float64Array };

/** Where a trajectory stands. Multistep history is part of it: nothing is remembered anywhere else. */
export interface State<H = unknown> {
  /** Position in `timesteps` of the next model call. */
  readonly index: number;
  readonly sample: Float32Array;
  readonly history: H;
}

/** Where a trajectory stands between two steps: states can be taken out there, and taken on from there. */
export interface Stand {
  /** Position in `timesteps`; the last stand is behind them. */
  readonly index: number;
  /** A state is x = signal x0 + noise z times `scale` there. The last stand counts as clean. */
  readonly signal: number;
  readonly noise: number;
  readonly scale: number;
}

/** In which scale a scheduler keeps its states: x0 + sigma z, unit variance, or (1 - sigma) x0 + sigma z. */
export type StateScale = "exploding" | "preserving" | "flow";

/** What one class of diffusers does, with history `H`. Every function is pure. */
export interface Sampler<H, S extends Schedule = Schedule> {
  schedule(steps: number, options: ScheduleOptions): S;
  readonly begin: H;
  /** diffusers' `scale_model_input`; absent: the sample itself. */
  input?(schedule: S, state: State<H>): Float32Array;
  /** Whether the step at this state adds noise; absent: never. */
  noisy?(schedule: S, state: State<H>, options: StepOptions): boolean;
  /** `noise` is there when `noisy` says so. */
  step(
    schedule: S,
    state: State<H>,
    output: Float32Array,
    options: StepOptions,
    noise: Float32Array,
  ): State<H>;
  /** Factors of sample and noise at a timestep; `schedule`, when known, knows it best. */
  mix(timestep: number, schedule: S | undefined): readonly [signal: number, noise: number];
  /** Names of the schedule options that change something. */
  readonly schedules?: readonly (keyof ScheduleOptions)[];
  /** Names of the step options that change something. */
  readonly takes?: readonly (keyof StepOptions)[];
  /** Whether the levels go from an image to noise, as `invert_sigmas` has them. Default false: none is above the one before it. */
  readonly rises?: boolean;
  /** Default "preserving". */
  readonly scale?: StateScale;
  /** Standard deviation of the data, by which an "exploding" state is scaled: sigma_data of EDM. Default 1. */
  readonly deviation?: number;
  /** Positions at which a step begins; absent: all of them. */
  stops?(schedule: S): number[];
  /** The rest of a schedule from the position of a stop, for a state without history; absent: what is left of each list. */
  tail?(schedule: S, index: number): S;
  /** 2 where the model gives a learned variance beside its prediction. */
  readonly outputs?: 1 | 2;
  /** `init_noise_sigma` as diffusers has it before `set_timesteps`. */
  readonly initNoiseSigma: number;
}

export interface LoopOptions extends ScheduleOptions, StepOptions {
  /** The noise of the i-th stochastic step. */
  readonly noise?: (step: number) => Float32Array;
  /** Position in `timesteps` to start at, for images that are only partly noised. */
  readonly start?: number;
}

export type Model = (x: Float32Array, timestep: number) => Float32Array | Promise<Float32Array>;

/** A diffusers scheduler of one configuration, as functions without hidden state. */
export interface Scheduler {
  readonly name: string;
  timesteps(steps: number, options?: ScheduleOptions): Float64Array;
  /** Noise levels in the scheduler's own unit, the final one included; undefined for schedulers without. */
  sigmas(steps: number, options?: ScheduleOptions): Float64Array | undefined;
  /** As diffusers has it before `set_timesteps`: for the whole table. `schedule(steps).initNoiseSigma` is the one of a schedule. */
  readonly initNoiseSigma: number;
  readonly scale: StateScale;
  /** From the start to the end. */
  stands(schedule: Schedule): Stand[];
  /** The schedule that a state takes that begins at a stand: its multistep history starts anew. */
  tail(schedule: Schedule, index: number): Schedule;
  /** Values that the model gives for each of the sample's: 2 where it has learned a variance beside the prediction. */
  readonly outputs: 1 | 2;
  schedule(steps: number, options?: ScheduleOptions): Schedule;
  /** `steps` and options: those of the schedule that the timestep comes from, where rounded timesteps do not say it all. */
  addNoise(
    sample: Float32Array,
    noise: Float32Array,
    timestep: number,
    of?: ScheduleOptions & { steps: number },
  ): Float32Array;
  begin(sample: Float32Array, index?: number): State;
  /** What the model sees at this state. */
  scaleModelInput(schedule: Schedule, state: State): Float32Array;
  /** Whether `step` needs noise at this state. */
  isStochastic(schedule: Schedule, state: State, options?: StepOptions): boolean;
  step(
    schedule: Schedule,
    state: State,
    output: Float32Array,
    options?: StepOptions & { noise?: Float32Array },
  ): State;
  /** The full loop from `sample`, already multiplied by `initNoiseSigma`. */
  loop(model: Model, sample: Float32Array, steps: number, options?: LoopOptions): Promise<Float32Array>;
}
