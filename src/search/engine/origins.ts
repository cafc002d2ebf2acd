import type { DenoiseJob, JobResult, NoiseJob, TensorId } from "./engine.js";
import type { TensorStore } from "./tensorStore.js";

export interface OriginsParts {
  readonly store: TensorStore;
  readonly denoise: (jobs: readonly DenoiseJob[], signal?: AbortSignal) => Promise<JobResult[]>;
  /** Told how much had to be computed again. */
  readonly report: (sentence: string) => void;
}

/**
 * Where states come from: the jobs that made them. What goes out of memory and is lost by the cache is made again: noises at once and for
 * nothing, the others by `ensure` at their cost, which is reported.
 */
export class Origins {
  readonly #parts: OriginsParts;
  readonly #jobs = new Map<TensorId, NoiseJob | DenoiseJob>();

  constructor(parts: OriginsParts) {
    this.#parts = parts;
  }

  remember(jobs: readonly (NoiseJob | DenoiseJob)[]): void {
    if (!this.#parts.store.spills) return;
    for (const job of jobs) {
      this.#jobs.set(job.id, job);
      if ("keeps" in job) for (const { id } of job.keeps ?? []) this.#jobs.set(id, job);
    }
  }

  /** The job of a noise. */
  noise(id: TensorId): NoiseJob | undefined {
    const job = this.#jobs.get(id);
    return job && "how" in job ? job : undefined;
  }

  /** Sees to it that these states can be had; gives what that cost. One that cannot be made is left to whoever asks for it. */
  async ensure(
    ids: readonly (TensorId | undefined)[],
    signal?: AbortSignal,
  ): Promise<{ readonly nfe: number; readonly forwards: number }> {
    const spent = { nfe: 0, forwards: 0 };
    const { store, denoise, report } = this.#parts;
    if (!store.spills) return spent;
    const lost: DenoiseJob[] = [];
    for (const id of new Set(ids)) {
      const job = id === undefined ? undefined : this.#jobs.get(id);
      // A noise can be had when its pivot can.
      if (!job || (!("how" in job) && store.hasState(id!))) continue;
      const before = "how" in job ? ("pivot" in job ? [job.pivot] : []) : [job.from, job.stochastic?.noise];
      const { nfe, forwards } = await this.ensure(before, signal);
      spent.nfe += nfe;
      spent.forwards += forwards;
      if (!("how" in job)) lost.push(job);
    }
    if (lost.length === 0) return spent;
    for (const result of await denoise(lost, signal)) {
      if (result.cached) continue;
      spent.nfe += result.nfe;
      spent.forwards += result.forwards;
    }
    report(`${lost.length} states were lost by the cache and made again, for ${spent.nfe} NFE.`);
    return spent;
  }

  clear(): void {
    this.#jobs.clear();
  }
}
