import type { Course, Network } from "../solvers/course.js";
import type { Tensor } from "../tensor.js";
import type { DenoiseJob, TensorId } from "./engine.js";
import { fromBatch } from "./stack.js";

/** Levels are equal below this. */
const SAME = 1e-9;

/**
 * The network of a batch, which keeps the x0-predictions that the jobs want out of the evaluations that the way has: of several at one level the
 * one at the state itself (`Course.atState`). `keep` gives them over when the way is over.
 */
export function keepingNetwork(
  network: Network,
  course: Course,
  jobs: readonly Pick<DenoiseJob, "keeps">[],
): {
  readonly network: Network;
  readonly keep: (put: (id: TensorId, state: Tensor, job: number) => void) => void;
} {
  const wanted = [...new Set(jobs.flatMap(({ keeps = [] }) => keeps.map(({ level }) => level)))];
  if (wanted.length === 0) return { network, keep: () => undefined };
  const found = new Map<number, Tensor>();
  return {
    network: async (x, time, level) => {
      const output = await network(x, time, level);
      for (const one of wanted) {
        if (Math.abs(level - one) > SAME || (course.atState === "first" && found.has(one))) continue;
        const predict = course.clean(one);
        found.set(one, { data: x.data.map((value, i) => predict(value, output.data[i]!)), shape: x.shape });
      }
      return output;
    },
    keep: (put) => {
      jobs.forEach(({ keeps = [] }, i) => {
        for (const { id, level } of keeps) {
          const batch = found.get(level);
          if (batch) put(id, fromBatch(batch, i), i);
        }
      });
    },
  };
}
