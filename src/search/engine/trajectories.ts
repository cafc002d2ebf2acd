import { phraseOf } from "../check.js";
import type { Course, Network } from "../solvers/course.js";
import { courseOf } from "../solvers/courses.js";
import { solverName } from "../solvers/solverSpec.js";
import type { Tensor } from "../tensor.js";
import { batches } from "./batches.js";
import { bridgeTrip } from "./bridgeTrip.js";
import type { Denoiser } from "./denoiser.js";
import { batchNoise, deviceTrajectory, type Trip } from "./deviceTrajectory.js";
import type { DenoiseJob, JobResult, TensorId } from "./engine.js";
import { Aborted, forwardsOf } from "./guidedNetwork.js";
import { keepingNetwork } from "./keepingNetwork.js";
import { fromBatch, stack } from "./stack.js";
import { tripChance, type TripChance } from "./tripChance.js";
import { evaluationId, guidanceName } from "./tensorId.js";
import type { TensorStore } from "./tensorStore.js";
import { watchedNetwork } from "./watchedNetwork.js";

/** One job while it runs, with what has been spent on it. */
interface Task extends Trip {
  readonly index: number;
  /** Names the evaluation at its start. */
  readonly start: TensorId;
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
      [job, ...(job.keeps ?? [])].every(({ id }) => store.hasState(id)) ? hit(job) : undefined,
    );
    const tasks = new Map<TensorId, Task>();
    jobs.forEach((job, index) => {
      if (!results[index] && !tasks.has(job.id)) tasks.set(job.id, this.#task(job, index));
    });
    const outputs = await this.#evaluate([...tasks.values()], signal);
    const open = [...tasks.values()].filter(({ ended }) => !ended);
    const groups = batches(open, batch, ({ job, start }) => {
      const eta = job.stochastic?.eta ?? "";
      return `${eta}/${solverName(job.solver)}/${this.#name(job.levels)}/${passesOf(job)}/${outputs.has(start)}/${job.keeps !== undefined}`;
    });
    for (const group of groups) {
      await this.#take(group, outputs, signal);
      await breathe();
    }
    for (const { index, nfe, forwards, ended } of tasks.values()) {
      results[index] = { nfe, forwards, decodes: 0, cached: false, outcome: "done", ...ended };
    }
    return jobs.map((job, index) => results[index] ?? twin(job, tasks.get(job.id)!));
  }

  /** The evaluations at the start of jobs that share them or want them kept; the first of those that share pays. */
  async #evaluate(tasks: readonly Task[], signal?: AbortSignal): Promise<Map<TensorId, Tensor>> {
    const { store, batch, breathe, denoiser } = this.#parts;
    const sharing = new Map<TensorId, Task[]>();
    for (const task of tasks) {
      const others = sharing.get(task.start);
      if (others) others.push(task);
      else sharing.set(task.start, [task]);
    }
    const outputs = new Map<TensorId, Tensor>();
    const open: Task[] = [];
    for (const [start, [first, second]] of sharing) {
      const known = store.hasState(start) ? store.state(start) : undefined;
      if (known) outputs.set(start, known);
      else if (second || first!.job.keepsEvaluation) open.push(first!);
    }
    for (const group of batches(
      open,
      batch,
      ({ job, course }) => `${solverName(job.solver)}/${course.outputName(job.levels[0]!)}/${passesOf(job)}`,
    )) {
      const x = stack(group.map(({ job }) => store.state(job.from)));
      const { course } = group[0]!;
      const network = watchedNetwork(denoiser, group, { all: 1, made: 0 }, signal);
      const failed = await attempt(async () => {
        const level = group[0]!.job.levels[0]!;
        const { input, time } = course.shown(x, level);
        const output = await network(input, time, level);
        group.forEach(({ start, broken }, i) => {
          if (broken !== undefined) {
            for (const task of sharing.get(start)!) task.ended = { outcome: "failed", failure: broken };
            return;
          }
          const own = fromBatch(output, i);
          outputs.set(start, own);
          if (sharing.get(start)!.some(({ job }) => job.keepsEvaluation)) store.putState(start, own);
        });
      });
      if (failed) for (const { start } of group) for (const task of sharing.get(start)!) task.ended = failed;
      await breathe();
    }
    return outputs;
  }

  /** One batch down all its levels. */
  async #take(
    group: readonly Task[],
    outputs: ReadonlyMap<TensorId, Tensor>,
    signal?: AbortSignal,
  ): Promise<void> {
    const { store, denoiser } = this.#parts;
    const { course, job } = group[0]!;
    let known = outputs.has(group[0]!.start)
      ? stack(group.map(({ start }) => outputs.get(start)!))
      : undefined;
    const fresh = watchedNetwork(
      denoiser,
      group,
      { all: evaluationsOf(course, job), made: known ? 1 : 0 },
      signal,
    );
    const paid: Network = async (x, time, level) => {
      const first = known;
      known = undefined;
      return first ?? fresh(x, time, level);
    };
    const jobs = group.map((task) => task.job);
    const { network, keep } = keepingNetwork(paid, course, jobs);
    const start = stack(group.map(({ job: { from } }) => store.state(from)));
    let x = start;
    let there: Tensor | undefined;
    const failed = await attempt(async () => {
      const chances = group.map((task) => this.#chance(task));
      const onDevice = known || job.keeps ? undefined : deviceTrajectory(denoiser, group, chances, signal);
      if (onDevice) {
        there = await onDevice(start);
        if (there.data.every(Number.isFinite)) return;
        // What came in between stayed on the device: taken once more, step by step, the way says where it broke.
      }
      x =
        job.stochastic?.eta === undefined
          ? await course.travel(network, start, job.levels, batchNoise(chances, start))
          : await bridgeTrip(network, start, group, chances as TripChance[], denoiser);
    });
    if (!failed) {
      keep((id, state, i) => {
        if (group[i]!.broken === undefined) store.putState(id, state);
      });
    }
    group.forEach((task, i) => {
      if (failed) return void (task.ended = failed);
      // The same as among other samples, none of which broke.
      const own = there && fromBatch(there, i);
      const state = own?.data.every(Number.isFinite) ? own : fromBatch(x, i);
      if (task.broken !== undefined && state !== own)
        return void (task.ended = { outcome: "failed", failure: task.broken });
      if (state.data.every(Number.isFinite)) return store.putState(task.job.id, state);
      const failure = `values that are no numbers came out on the way to level ${job.levels.at(-1)}`;
      task.ended = { outcome: "failed", failure };
    });
  }

  #chance({ job: { stochastic, from } }: Task): TripChance | undefined {
    if (!stochastic) return undefined;
    const { store } = this.#parts;
    const { key, noise } = stochastic;
    return tripChance(
      key,
      store.state(from).shape,
      noise === undefined ? undefined : store.state(noise).data,
    );
  }

  #task(job: DenoiseJob, index: number): Task {
    const { from, levels, condition } = job;
    const course = courseOf(job.solver);
    const at = course.outputName(levels[0]!);
    const start = evaluationId(this.#parts.model, from, at, condition, job);
    return { job, course, index, start, nfe: 0, forwards: 0 };
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
function passesOf(job: DenoiseJob): string {
  return `${guidanceName(job)}/${job.condition === undefined}`;
}

/** What was in the store already, with what making it costs. */
function hit(job: DenoiseJob): JobResult {
  const { condition, guidance } = job;
  const nfe = evaluationsOf(courseOf(job.solver), job);
  const forwards = forwardsOf(nfe, condition, guidance);
  return { nfe, forwards, decodes: 0, cached: true, outcome: "done" };
}

/** Network evaluations of a job from its beginning. */
export function evaluationsOf(course: Course, { stochastic, levels }: DenoiseJob): number {
  return stochastic?.eta === undefined ? course.evaluations(levels) : levels.length - 1;
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
    return { outcome: "failed", failure: `the model failed: ${phraseOf(error)}` };
  }
}
