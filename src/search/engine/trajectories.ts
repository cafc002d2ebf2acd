import { messageOf } from "../check.js";
import { keyedBlocks } from "../random/keyedBlocks.js";
import { solvers, evaluationsOf } from "../solvers/solvers.js";
import { stochasticStep, type TripChance } from "../solvers/stochastic.js";
import type { Velocity } from "../solvers/solver.js";
import type { Tensor } from "../tensor.js";
import { eulerSteps, stochasticSteps } from "./affineSteps.js";
import { batches } from "./batches.js";
import type { Denoiser } from "./denoiser.js";
import type { DenoiseJob, JobResult, TensorId } from "./engine.js";
import { Aborted, forwardsOf, guidancePasses, guidedVelocity } from "./guidedVelocity.js";
import { fromBatch, stack } from "./stack.js";
import { evaluationId } from "./tensorId.js";
import type { TensorStore } from "./tensorStore.js";

/** One job while it runs, with what has been spent on it. */
interface Task {
  readonly job: DenoiseJob;
  readonly index: number;
  /** Names the evaluation at its start. */
  readonly start: TensorId;
  nfe: number;
  forwards: number;
  ended?: Pick<JobResult, "outcome" | "failure">;
}

export interface TrajectoryParts {
  readonly denoiser: Denoiser;
  readonly store: TensorStore;
  /** sha256 of the model. */
  readonly model: string;
  readonly batch: number;
  readonly breathe: () => Promise<void>;
}

/**
 * Takes states down the noise levels. Jobs with the same id are computed once; jobs that start at the same state share the evaluation
 * there, and one that is in the store is not made again. Invariant: the nfe and forwards of the results are those that the denoiser had.
 */
export class Trajectories {
  readonly #parts: TrajectoryParts;
  readonly #names = new WeakMap<readonly number[], string>();

  constructor(parts: TrajectoryParts) {
    this.#parts = parts;
  }

  async run(jobs: readonly DenoiseJob[], signal?: AbortSignal): Promise<JobResult[]> {
    const { store, batch, breathe } = this.#parts;
    const results: (JobResult | undefined)[] = jobs.map((job) =>
      store.hasState(job.id) ? hit(job) : undefined,
    );
    const tasks = new Map<TensorId, Task>();
    jobs.forEach((job, index) => {
      if (!results[index] && !tasks.has(job.id)) tasks.set(job.id, this.#task(job, index));
    });
    const slopes = await this.#evaluate([...tasks.values()], signal);
    const open = [...tasks.values()].filter(({ ended }) => !ended);
    const groups = batches(open, batch, ({ job, start }) => {
      const path = job.stochastic ? job.stochastic.eta : job.solver;
      return `${path}/${this.#name(job.levels)}/${passesOf(job)}/${slopes.has(start)}`;
    });
    for (const group of groups) {
      await this.#take(group, slopes, signal);
      await breathe();
    }
    for (const { index, nfe, forwards, ended } of tasks.values()) {
      results[index] = { nfe, forwards, decodes: 0, cached: false, outcome: "done", ...ended };
    }
    return jobs.map((job, index) => results[index] ?? twin(job, tasks.get(job.id)!));
  }

  /** The evaluations at the start of jobs that share them or want them kept; the first of those that share pays. */
  async #evaluate(tasks: readonly Task[], signal?: AbortSignal): Promise<Map<TensorId, Tensor>> {
    const { store, batch, breathe } = this.#parts;
    const sharing = new Map<TensorId, Task[]>();
    for (const task of tasks) {
      const others = sharing.get(task.start);
      if (others) others.push(task);
      else sharing.set(task.start, [task]);
    }
    const slopes = new Map<TensorId, Tensor>();
    const open: Task[] = [];
    for (const [start, [first, second]] of sharing) {
      const known = store.hasState(start) ? store.state(start) : undefined;
      if (known) slopes.set(start, known);
      else if (second || first!.job.keepsEvaluation) open.push(first!);
    }
    for (const group of batches(open, batch, ({ job }) => `${job.levels[0]}/${passesOf(job)}`)) {
      const x = stack(group.map(({ job }) => store.state(job.from)));
      const velocity = this.#velocity(group, signal);
      const failed = await attempt(async () => {
        const slope = await velocity(x, group[0]!.job.levels[0]!);
        group.forEach(({ start }, i) => {
          const own = fromBatch(slope, i);
          slopes.set(start, own);
          if (sharing.get(start)!.some(({ job }) => job.keepsEvaluation)) store.putState(start, own);
        });
      });
      if (failed) for (const { start } of group) for (const task of sharing.get(start)!) task.ended = failed;
      await breathe();
    }
    return slopes;
  }

  /** One batch down all its levels. */
  async #take(
    group: readonly Task[],
    slopes: ReadonlyMap<TensorId, Tensor>,
    signal?: AbortSignal,
  ): Promise<void> {
    const { store, denoiser } = this.#parts;
    const { solver: name, levels, guidance, stochastic } = group[0]!.job;
    const solver = solvers[name];
    let known = slopes.has(group[0]!.start) ? stack(group.map(({ start }) => slopes.get(start)!)) : undefined;
    const fresh = this.#velocity(group, signal);
    const velocity: Velocity = async (x, level) => {
      const first = known;
      known = undefined;
      return first ?? fresh(x, level);
    };
    const given = group.some(({ job }) => job.stochastic?.noise !== undefined);
    const isExact = stochastic?.eta === 1 && guidance === 1 && !given;
    const exact = isExact ? denoiser.posterior?.bind(denoiser) : undefined;
    const chances = group.flatMap(({ job }) => {
      if (!job.stochastic) return [];
      const { key, noise } = job.stochastic;
      const blocks = keyedBlocks(key);
      return [{ blocks, ...(noise === undefined ? {} : { noise: store.state(noise).data }) }];
    });
    let x = stack(group.map(({ job }) => store.state(job.from)));
    const onDevice = known || exact ? undefined : this.#onDevice(group, chances, signal);
    const failed = await attempt(async () => {
      if (onDevice) return void (x = await onDevice(x));
      for (let i = 1; i < levels.length; i++) {
        const [level, next] = [levels[i - 1]!, levels[i]!];
        if (!stochastic) {
          x = await solver.step(velocity, x, level, next);
          continue;
        }
        x = stochasticStep(x, await velocity(x, level), [level, next], stochastic.eta, i - 1, chances, exact);
      }
    });
    group.forEach((task, i) => {
      if (failed) return void (task.ended = failed);
      const state = fromBatch(x, i);
      if (state.data.every(Number.isFinite)) return store.putState(task.job.id, state);
      const failure = `the model gave values that are no numbers on the way to level ${levels.at(-1)}`;
      task.ended = { outcome: "failed", failure };
    });
  }

  /** The whole way of a batch in the device's memory, where the denoiser can and its steps are affine. */
  #onDevice(
    group: readonly Task[],
    chances: readonly TripChance[],
    signal?: AbortSignal,
  ): ((x: Tensor) => Promise<Tensor>) | undefined {
    const { denoiser } = this.#parts;
    const { solver, levels, guidance, stochastic } = group[0]!.job;
    if (!denoiser.trajectory || (!stochastic && solver !== "euler")) return undefined;
    const passes = guidancePasses(
      group.map(({ job }) => job.condition),
      guidance,
    );
    const forwards = passes.guidance === undefined ? 1 : 2;
    const before = (): void => {
      if (signal?.aborted) throw new Aborted();
      for (const task of group) {
        task.nfe += 1;
        task.forwards += forwards;
      }
    };
    return async (x) => {
      const size = x.data.length / group.length;
      const steps = stochastic ? stochasticSteps(levels, stochastic.eta, chances, size) : eulerSteps(levels);
      const data = await denoiser.trajectory!(x.data, steps, passes, before);
      return { data, shape: x.shape };
    };
  }

  /** Counts what has run into each task of the group. */
  #velocity(group: readonly Task[], signal?: AbortSignal): Velocity {
    const conditions = group.map(({ job }) => job.condition);
    const spent = {
      add: (nfe: number, forwards: number): void => {
        for (const task of group) {
          task.nfe += nfe;
          task.forwards += forwards;
        }
      },
    };
    return guidedVelocity(this.#parts.denoiser, conditions, group[0]!.job.guidance, spent, signal);
  }

  #task(job: DenoiseJob, index: number): Task {
    const start = evaluationId(this.#parts.model, job.from, job.levels[0]!, job.condition, job.guidance);
    return { job, index, start, nfe: 0, forwards: 0 };
  }

  #name(levels: readonly number[]): string {
    const known = this.#names.get(levels);
    if (known !== undefined) return known;
    const name = levels.join();
    this.#names.set(levels, name);
    return name;
  }
}

/** Jobs of one model call have the same guidance, and all or none a condition. */
function passesOf({ guidance, condition }: DenoiseJob): string {
  return `${guidance}/${condition === undefined}`;
}

/** What was in the store already, with what making it costs. */
function hit(job: DenoiseJob): JobResult {
  const { stochastic, levels, solver, condition, guidance } = job;
  const nfe = stochastic ? levels.length - 1 : evaluationsOf(solvers[solver], levels);
  const forwards = forwardsOf(nfe, condition, guidance);
  return { nfe, forwards, decodes: 0, cached: true, outcome: "done" };
}

/** The same job a second time. */
function twin(job: DenoiseJob, { ended }: Task): JobResult {
  return ended ? { nfe: 0, forwards: 0, decodes: 0, cached: false, ...ended } : hit(job);
}

async function attempt(work: () => Promise<void>): Promise<Task["ended"]> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Aborted) return { outcome: "aborted" };
    return { outcome: "failed", failure: `the model failed: ${messageOf(error)}` };
  }
}
