import { InputError } from "../inputError.js";
import { phraseOf } from "../check.js";
import type { Tensor } from "../tensor.js";
import { batches } from "./batches.js";
import type { Decoder } from "./decoder.js";
import type { Denoiser } from "./denoiser.js";
import type {
  DecodeJob,
  DenoiseJob,
  DeviceReport,
  Engine,
  EngineCondition,
  EngineModel,
  ImageData8,
  JobResult,
  NamedImage,
  NoiseJob,
  ScoreJob,
  ScoreResult,
  TensorId,
} from "./engine.js";
import { draw } from "./drawing.js";
import { latentRgb } from "./latentRgb.js";
import { comparedBy, featureCosine } from "./featureCosine.js";
import { Origins } from "./origins.js";
import { toPixels } from "./pixels.js";
import { scoreEach } from "./scoreEach.js";
import type { Scorer } from "./scorer.js";
import type { SharedScorers } from "./sharedScorers.js";
import { address } from "./tensorId.js";
import { TensorStore, type TensorStoreParts } from "./tensorStore.js";
import { Trajectories } from "./trajectories.js";

export interface LocalEngineParts {
  readonly model: EngineModel;
  readonly device: DeviceReport;
  readonly denoiser: Denoiser;
  readonly scorers: readonly Scorer[];
  /** Of a model of latents; without it a state is an image in [-1, 1]. */
  readonly decoder?: Decoder;
  /** A small one that is good enough to look at, e.g. TAESD. */
  readonly previewDecoder?: Decoder;
  /** Lets messages in (an abort, a question) between two batches. */
  readonly breathe?: () => Promise<void>;
  /** Where results are kept beside the memory. */
  readonly storage?: EngineStorage;
}

export interface EngineStorage extends Omit<TensorStoreParts, "prefix"> {
  /** Told in a sentence what the cache had lost and was computed again. */
  readonly report?: (sentence: string) => void;
}

/**
 * The engine in the thread of its model. Jobs of one call are packed into batches of `device.batch`; what a job results in does not depend
 * on the packing. A job whose result is in the store costs nothing and says so. Its own count of what ran is what it reports: a batch that
 * is aborted half way reports the evaluations that it had had.
 */
export class LocalEngine implements Engine {
  readonly model: EngineModel;
  readonly device: DeviceReport;
  /** Verifiers that were opened by themselves in this thread. */
  shared: SharedScorers | undefined;
  readonly #parts: LocalEngineParts;
  readonly #store: TensorStore;
  readonly #origins: Origins;
  readonly #trajectories: Trajectories;
  readonly #breathe: () => Promise<void>;
  readonly #colours: Decoder | undefined;

  constructor(parts: LocalEngineParts) {
    const { model, device, denoiser, storage = {} } = parts;
    this.model = model;
    this.device = device;
    this.#parts = parts;
    this.#colours = model.latentSpace && latentRgb(model.latentSpace, model.latent[0]);
    const breathe = parts.breathe ?? breather();
    this.#breathe = breathe;
    const { batch } = device;
    const redraw = (id: TensorId): Tensor | undefined => {
      const job = this.#origins.noise(id);
      return job && this.#draw(job);
    };
    const store = new TensorStore({ ...storage, prefix: `${device.provider}/`, redraw });
    this.#store = store;
    this.#trajectories = new Trajectories({ denoiser, store, model: model.sha256, batch, breathe });
    this.#origins = new Origins({
      store,
      denoise: (jobs, signal) => this.#trajectories.run(jobs, signal),
      report: storage.report ?? (() => undefined),
    });
  }

  async noise(jobs: readonly NoiseJob[]): Promise<void> {
    this.#origins.remember(jobs);
    await this.#origins.ensure(jobs.map((job) => (job.how === "prior" ? undefined : job.pivot)));
    for (const job of jobs) {
      if (!this.#store.hasState(job.id)) this.#store.putState(job.id, this.#draw(job), true);
    }
  }

  #draw(job: NoiseJob): Tensor {
    const shape = this.model.latent;
    const pivot = job.how === "prior" ? undefined : this.#store.state(job.pivot).data;
    const data = draw(job, shape, pivot);
    return { data, shape };
  }

  async denoise(jobs: readonly DenoiseJob[], signal?: AbortSignal): Promise<JobResult[]> {
    this.#origins.remember(jobs);
    const open = jobs.filter((job) =>
      [job, ...(job.keeps ?? [])].some(({ id }) => !this.#store.hasState(id)),
    );
    const extra = await this.#origins.ensure(
      open.flatMap(({ from, stochastic }) => [from, stochastic?.noise]),
      signal,
    );
    const results = await this.#trajectories.run(jobs, signal);
    if (extra.forwards === 0) return results;
    // Whoever asked first pays for what had to be made again.
    const payer = results.findIndex(({ cached }) => !cached);
    return results.map((result, i) =>
      i === payer
        ? { ...result, nfe: result.nfe + extra.nfe, forwards: result.forwards + extra.forwards }
        : result,
    );
  }

  async decode(jobs: readonly DecodeJob[], signal?: AbortSignal): Promise<JobResult[]> {
    await this.#origins.ensure(jobs.flatMap(({ id, from }) => (this.#store.hasImage(id) ? [] : [from])));
    const first = new Map<TensorId, DecodeJob>();
    for (const job of jobs) if (!first.has(job.id) && !this.#store.hasImage(job.id)) first.set(job.id, job);
    const failures = new Map<TensorId, string>();
    const aborted = new Set<TensorId>();
    for (const batch of batches([...first.values()], this.device.batch, ({ quick }) => String(quick))) {
      if (signal?.aborted) for (const { id } of batch) aborted.add(id);
      else await this.#decodeBatch(batch, failures);
      await this.#breathe();
    }
    return jobs.map((job): JobResult => {
      if (aborted.has(job.id)) return { ...NOTHING, outcome: "aborted" };
      const failure = failures.get(job.id);
      const cached = first.get(job.id) !== job;
      const decodes = job.quick && this.#colours && this.#glance === this.#colours ? 0 : 1;
      if (failure === undefined) return { ...NOTHING, decodes, cached };
      return { ...NOTHING, decodes, cached, outcome: "failed", failure };
    });
  }

  /** What is good enough to look at. Linear colours take no network and count as no decode. */
  get #glance(): Decoder | undefined {
    const { decoder, previewDecoder } = this.#parts;
    return previewDecoder ?? this.#colours ?? decoder;
  }

  async #decodeBatch(jobs: readonly DecodeJob[], failures: Map<TensorId, string>): Promise<void> {
    const decoder = jobs[0]!.quick ? this.#glance : this.#parts.decoder;
    const states = jobs.map(({ from }) => this.#store.state(from));
    try {
      const images = decoder ? await decoder.decode(states) : states.map(toPixels);
      jobs.forEach(({ id }, i) => this.#store.putImage(id, images[i]!));
    } catch (error) {
      if (jobs.length === 1) return void failures.set(jobs[0]!.id, phraseOf(error));
      // One state must not cost the others their image: each by itself.
      for (const job of jobs) await this.#decodeBatch([job], failures);
    }
  }

  async score(
    jobs: readonly ScoreJob[],
    signal?: AbortSignal,
    images: readonly NamedImage[] = [],
  ): Promise<ScoreResult[]> {
    const brought = new Map(images.map(({ id, image }) => [id, image]));
    const results: (ScoreResult | undefined)[] = [];
    const open: number[] = [];
    let of: { readonly verifier: string; readonly sha256: string } | undefined;
    for (const [i, job] of jobs.entries()) {
      const { verifier } = job;
      if (of?.verifier !== verifier) of = { verifier, sha256: this.#scorer(verifier).sha256 };
      const score = this.#store.score(of.sha256, seenBy(job), job.condition);
      if (score === undefined) open.push(i);
      results.push(score === undefined ? undefined : { outcome: "scored", score, cached: true });
    }
    for (const batch of batches(open, this.device.batch, (i) => jobs[i]!.verifier)) {
      const scored = signal?.aborted
        ? batch.map((): ScoreResult => ({ outcome: "aborted" }))
        : await this.#scoreBatch(
            batch.map((i) => jobs[i]!),
            (id) => brought.get(id) ?? this.#store.image(id),
          );
      batch.forEach((index, i) => (results[index] = scored[i]!));
      await this.#breathe();
    }
    return results as ScoreResult[];
  }

  async #scoreBatch(
    jobs: readonly ScoreJob[],
    imageOf: (id: TensorId) => ImageData8,
  ): Promise<ScoreResult[]> {
    const scorer = this.#scorer(jobs[0]!.verifier);
    if (scorer.scoreLatents) await this.#origins.ensure(jobs.map(({ image }) => image));
    const results = await scoreEach(jobs.length, async (indices) => {
      const some = indices.map((i) => jobs[i]!);
      const conditions = some.map((job) => job.condition);
      return scorer.scoreLatents
        ? scorer.scoreLatents(
            some.map((job) => this.#store.state(job.image)),
            conditions,
          )
        : scorer.score(
            some.map((job) => imageOf(job.image)),
            conditions,
            some.map(({ reference }) => (reference === undefined ? undefined : imageOf(reference))),
          );
    });
    results.forEach((result, i) => {
      const job = jobs[i]!;
      if (result.outcome === "scored")
        this.#store.putScore(scorer.sha256, seenBy(job), job.condition, result.score);
    });
    return results;
  }

  async features(verifier: string, images: readonly TensorId[]): Promise<readonly Float32Array[]> {
    const scorer = this.#scorer(verifier);
    if (!scorer.features) throw new InputError(`Verifier ${verifier} has no network that gives features.`);
    const found: Float32Array[] = [];
    for (const batch of batches(images, this.device.batch, () => verifier)) {
      found.push(...(await scorer.features(batch.map((id) => this.#store.image(id)))));
      await this.#breathe();
    }
    return found;
  }

  #scorer(name: string): Scorer {
    const scorer =
      this.#parts.scorers.find((candidate) => candidate.name === name) ?? this.shared?.scorer(name);
    if (scorer) return scorer;
    const compared = comparedBy(name);
    if (compared !== undefined) return featureCosine(this.#scorer(compared));
    throw new Error(`The engine has no verifier "${name}".`);
  }

  async remarks(condition: EngineCondition): Promise<readonly string[]> {
    return this.#parts.denoiser.remarks?.(condition) ?? [];
  }

  async read(id: TensorId): Promise<Tensor> {
    await this.#origins.ensure([id]);
    return this.#store.state(id);
  }

  async image(id: TensorId): Promise<ImageData8> {
    return this.#store.image(id);
  }

  async put(images: readonly NamedImage[]): Promise<void> {
    for (const { id, image } of images) this.#store.putImage(id, image);
  }

  async dispose(): Promise<void> {
    this.#store.clear();
    this.#origins.clear();
    await this.#parts.denoiser.dispose();
    await this.#parts.decoder?.dispose();
    await this.#parts.previewDecoder?.dispose();
    for (const scorer of this.#parts.scorers) await scorer.dispose();
  }
}

/** What a score is of: an image, or an image and its preview. */
function seenBy({ image, reference }: ScoreJob): TensorId {
  return reference === undefined ? image : address([image, reference]);
}

const NOTHING = { nfe: 0, forwards: 0, decodes: 0, cached: false, outcome: "done" } as const;

/** Between two model calls, but no more often than messages have to be heard. */
const BREATH = 4;

function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < BREATH) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    last = performance.now();
  };
}
