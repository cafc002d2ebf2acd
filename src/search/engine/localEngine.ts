import { messageOf } from "../check.js";
import { around, within } from "../random/around.js";
import { normals } from "../random/normals.js";
import { uniforms } from "../random/uniforms.js";
import type { Tensor } from "../tensor.js";
import { batches } from "./batches.js";
import type { Denoiser } from "./denoiser.js";
import type {
  DecodeJob,
  DenoiseJob,
  DeviceReport,
  Engine,
  EngineModel,
  ImageData8,
  JobResult,
  NoiseJob,
  ScoreJob,
  ScoreResult,
  TensorId,
} from "./engine.js";
import { toPixels } from "./pixels.js";
import type { Scorer } from "./scorer.js";
import { TensorStore } from "./tensorStore.js";
import { Trajectories } from "./trajectories.js";

export interface LocalEngineParts {
  readonly model: EngineModel;
  readonly device: DeviceReport;
  readonly denoiser: Denoiser;
  readonly scorers: readonly Scorer[];
  /** Lets messages in (an abort, a question) between two batches. */
  readonly breathe?: () => Promise<void>;
}

/**
 * The engine in the thread of its model. Jobs of one call are packed into batches of `device.batch`; what a job results in does not depend
 * on the packing. A job whose result is in the store costs nothing and says so. Its own count of what ran is what it reports: a batch that
 * is aborted half way reports the evaluations that it had had.
 */
export class LocalEngine implements Engine {
  readonly model: EngineModel;
  readonly device: DeviceReport;
  readonly #parts: LocalEngineParts;
  readonly #store = new TensorStore();
  readonly #trajectories: Trajectories;
  readonly #breathe: () => Promise<void>;

  constructor(parts: LocalEngineParts) {
    const { model, device, denoiser } = parts;
    this.model = model;
    this.device = device;
    this.#parts = parts;
    const breathe = parts.breathe ?? breather();
    this.#breathe = breathe;
    const { batch } = device;
    this.#trajectories = new Trajectories({
      denoiser,
      store: this.#store,
      model: model.sha256,
      batch,
      breathe,
    });
  }

  async noise(jobs: readonly NoiseJob[]): Promise<void> {
    const shape = this.model.latent;
    const count = shape[0] * shape[1] * shape[2];
    for (const job of jobs) {
      if (this.#store.hasState(job.id)) continue;
      this.#store.putState(job.id, { data: this.#draw(job, normals(job.key, count)), shape });
    }
  }

  #draw(job: NoiseJob, random: Float32Array): Float32Array {
    if (job.how === "prior") return random;
    const pivot = this.#store.state(job.pivot).data;
    switch (job.how) {
      case "around":
        return around(pivot, random, job.similarity);
      case "within": {
        const { seed, path } = job.key;
        const [uniform] = uniforms({ seed, path: `${path}/distance` }, 1);
        return within(pivot, random, job.radius * Math.sqrt(random.length), uniform!);
      }
      case "mix":
        return random.map((z, i) => job.keep * pivot[i]! + job.add * z);
    }
  }

  denoise(jobs: readonly DenoiseJob[], signal?: AbortSignal): Promise<JobResult[]> {
    return this.#trajectories.run(jobs, signal);
  }

  async decode(jobs: readonly DecodeJob[], signal?: AbortSignal): Promise<JobResult[]> {
    return jobs.map((job): JobResult => {
      if (this.#store.hasImage(job.id)) return { ...NOTHING, decodes: 1, cached: true };
      if (signal?.aborted) return { ...NOTHING, outcome: "aborted" };
      this.#store.putImage(job.id, toPixels(this.#store.state(job.from)));
      return { ...NOTHING, decodes: 1 };
    });
  }

  async score(jobs: readonly ScoreJob[], signal?: AbortSignal): Promise<ScoreResult[]> {
    const results = jobs.map((job): ScoreResult | undefined => {
      const score = this.#store.score(job.verifier, job.image, job.label);
      return score === undefined ? undefined : { outcome: "scored", score, cached: true };
    });
    const open = jobs.map((job, index) => ({ job, index })).filter(({ index }) => !results[index]);
    for (const batch of batches(open, this.device.batch, ({ job }) => job.verifier)) {
      const scored = signal?.aborted
        ? batch.map((): ScoreResult => ({ outcome: "aborted" }))
        : await this.#scoreBatch(batch.map(({ job }) => job));
      batch.forEach(({ index }, i) => (results[index] = scored[i]!));
      await this.#breathe();
    }
    return results as ScoreResult[];
  }

  async #scoreBatch(jobs: readonly ScoreJob[]): Promise<ScoreResult[]> {
    const name = jobs[0]!.verifier;
    const scorer = this.#parts.scorers.find((candidate) => candidate.name === name);
    if (!scorer) throw new Error(`The engine has no verifier "${name}".`);
    try {
      const labels = jobs.map((job) => job.label);
      const scores = scorer.scoreLatents
        ? await scorer.scoreLatents(
            jobs.map((job) => this.#store.state(job.image)),
            labels,
          )
        : await scorer.score(
            jobs.map((job) => this.#store.image(job.image)),
            labels,
          );
      return jobs.map((job, i): ScoreResult => {
        const score = scores[i]!;
        if (!Number.isFinite(score))
          return { outcome: "failed", failure: `its score was ${score}`, cached: false };
        this.#store.putScore(job.verifier, job.image, job.label, score);
        return { outcome: "scored", score, cached: false };
      });
    } catch (error) {
      if (jobs.length === 1) return [{ outcome: "failed", failure: messageOf(error), cached: false }];
      // One image must not cost the others their score: each by itself.
      const alone: ScoreResult[] = [];
      for (const job of jobs) alone.push(...(await this.#scoreBatch([job])));
      return alone;
    }
  }

  async read(id: TensorId): Promise<Tensor> {
    return this.#store.state(id);
  }

  async image(id: TensorId): Promise<ImageData8> {
    return this.#store.image(id);
  }

  async put(id: TensorId, image: ImageData8): Promise<void> {
    this.#store.putImage(id, image);
  }

  async dispose(): Promise<void> {
    this.#store.clear();
    await this.#parts.denoiser.dispose();
    for (const scorer of this.#parts.scorers) await scorer.dispose();
  }
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
