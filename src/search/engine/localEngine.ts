import { messageOf } from "../check.js";
import { around } from "../random/around.js";
import { normals } from "../random/normals.js";
import { evaluationsOf, solvers } from "../solvers/solvers.js";
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
import { Aborted, forwardsOf, guidedVelocity } from "./guidedVelocity.js";
import { fromBatch, stack } from "./stack.js";
import { toPixels } from "./pixels.js";
import type { Scorer } from "./scorer.js";
import { TensorStore } from "./tensorStore.js";

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
  readonly #breathe: () => Promise<void>;

  constructor(parts: LocalEngineParts) {
    this.model = parts.model;
    this.device = parts.device;
    this.#parts = parts;
    this.#breathe = parts.breathe ?? (() => new Promise((resolve) => setImmediate(resolve)));
  }

  async noise(jobs: readonly NoiseJob[]): Promise<void> {
    const shape = this.model.latent;
    const count = shape[0] * shape[1] * shape[2];
    for (const job of jobs) {
      if (this.#store.hasState(job.id)) continue;
      const random = normals(job.key, count);
      const data =
        job.how === "prior" ? random : around(this.#store.state(job.pivot).data, random, job.similarity);
      this.#store.putState(job.id, { data, shape });
    }
  }

  async denoise(jobs: readonly DenoiseJob[], signal?: AbortSignal): Promise<JobResult[]> {
    const results = jobs.map((job): JobResult | undefined => {
      const nfe = evaluationsOf(solvers[job.solver], job.levels);
      const forwards = forwardsOf(nfe, job.label, job.guidance);
      return this.#store.hasState(job.id) ? { ...NOTHING, nfe, forwards, cached: true } : undefined;
    });
    const open = jobs.map((job, index) => ({ job, index })).filter(({ index }) => !results[index]);
    const packed = batches(open, this.device.batch, ({ job }) =>
      JSON.stringify([job.solver, job.levels, job.guidance, job.label === undefined]),
    );
    for (const batch of packed) {
      const done = await this.#denoiseBatch(
        batch.map(({ job }) => job),
        signal,
      );
      batch.forEach(({ index }, i) => (results[index] = done[i]!));
      await this.#breathe();
    }
    return results as JobResult[];
  }

  async #denoiseBatch(jobs: readonly DenoiseJob[], signal?: AbortSignal): Promise<JobResult[]> {
    const { solver: name, levels, guidance } = jobs[0]!;
    const solver = solvers[name];
    const spent = { nfe: 0, forwards: 0 };
    const labels = jobs.map((job) => job.label);
    const velocity = guidedVelocity(this.#parts.denoiser, labels, guidance, spent, signal);
    let x = stack(jobs.map((job) => this.#store.state(job.from)));
    try {
      for (let i = 1; i < levels.length; i++) x = await solver.step(velocity, x, levels[i - 1]!, levels[i]!);
    } catch (error) {
      if (error instanceof Aborted) return jobs.map(() => ({ ...NOTHING, ...spent, outcome: "aborted" }));
      const failure = `the model failed: ${messageOf(error)}`;
      return jobs.map(() => ({ ...NOTHING, ...spent, outcome: "failed", failure }));
    }
    return jobs.map((job, i): JobResult => {
      const state = fromBatch(x, i);
      if (!state.data.every(Number.isFinite)) {
        const failure = `the model gave values that are no numbers on the way to level ${levels.at(-1)}`;
        return { ...NOTHING, ...spent, outcome: "failed", failure };
      }
      this.#store.putState(job.id, state);
      return { ...NOTHING, ...spent };
    });
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
      const images = jobs.map((job) => this.#store.image(job.image));
      const labels = jobs.map((job) => job.label);
      const scores = await scorer.score(images, labels);
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
