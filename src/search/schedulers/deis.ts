import { mapped } from "./arena.js";
import { defineScheduler } from "./defineScheduler.js";
import { choice, choiceOrForeign, flag, whole } from "./fields.js";
import { combine, exp, f, subtractThenDivide } from "./float32.js";
import { BETA_SCHEDULES, noiseFields, signalTable } from "./noiseSchedule.js";
import { numpyLog } from "./numpyLog.js";
import { thresholdFields } from "./prediction.js";
import type { Sampler } from "./scheduler.js";
import { sigmaTables } from "./sigmaSchedule.js";
import { flowLevel, variancePreserving, type SolverLevel } from "./solverLevel.js";
import { dataPrediction, flowFields } from "./solverPrediction.js";
import { solverLevels, solverMix, solverSchedule, solverSpacingOf } from "./solverSchedule.js";
import { spacingFields } from "./spacing.js";

const NAME = "DEISMultistepScheduler";

/** DEIS with polynomials in log rho (Zhang and Chen 2022, arXiv 2204.13902, log-rho Adams-Bashforth), orders 1 to 3. */
export const deis = defineScheduler(
  NAME,
  {
    ...noiseFields(0.0001, 0.02, "linear", BETA_SCHEDULES),
    ...flowFields(),
    ...thresholdFields(),
    ...spacingFields("linspace"),
    solver_order: whole(2, 1, 3),
    algorithm_type: choiceOrForeign(["deis"] as const, ["dpmsolver", "dpmsolver++"]),
    solver_type: choiceOrForeign(["logrho"] as const, ["midpoint", "heun", "bh1", "bh2"]),
    lower_order_final: flag(true),
    time_shift_type: choice("exponential", ["exponential"] as const),
  },
  (config): Sampler<readonly Float32Array[]> => {
    // Karras timesteps are rounded whatever the beta schedule.
    const rounding = { ...config, beta_schedule: "linear" };
    const spacing = solverSpacingOf(NAME, config);
    const abar = signalTable(config);
    const tables = sigmaTables(abar);
    const levelOf = config.use_flow_sigmas ? flowLevel : variancePreserving;
    return {
      schedules: ["mu"],
      initNoiseSigma: 1,
      scale: config.use_flow_sigmas ? "flow" : "preserving",
      begin: [],
      schedule(steps, options) {
        const { sigmas, timesteps } = solverLevels(NAME, abar, tables, rounding, steps, options);
        // It never goes to 0: the last level is that of timestep 0, or the last of a respaced schedule once more.
        const final = spacing || config.use_flow_sigmas ? sigmas[steps - 1]! : tables.sigmas[0]!;
        return solverSchedule(timesteps, [...sigmas, final]);
      },
      step({ sigmas, timesteps }, { index, sample, history }, output, { batch = 1 }) {
        const levels = [index, index - 1, index - 2]
          .filter((at) => at >= 0)
          .map((at) => levelOf(sigmas![at]!));
        const [now] = levels as [SolverLevel];
        const x0 = dataPrediction(
          config.prediction_type,
          sample,
          output,
          now,
          sigmas![index]!,
          config,
          batch,
        );
        // With flow prediction diffusers divides by the schedule's own sigma, whatever the level's is.
        const divisor = config.prediction_type === "flow_prediction" ? sigmas![index]! : now.sigma;
        const outputs = [subtractThenDivide(sample, now.alpha, x0, divisor), ...history].slice(
          0,
          config.solver_order,
        );
        const left = timesteps.length - index;
        const short = config.lower_order_final && timesteps.length < 15;
        const order = Math.min(outputs.length, short ? left : 3);
        const moved = integrated(sample, outputs, order, levelOf(sigmas![index + 1]!), levels);
        return { index: index + 1, history: outputs, sample: moved };
      },
      mix: solverMix(tables, config, levelOf),
    };
  },
);

/** `levels` and `outputs` newest first. */
function integrated(
  sample: Float32Array,
  outputs: readonly Float32Array[],
  order: number,
  to: SolverLevel,
  levels: readonly SolverLevel[],
): Float32Array {
  const now = levels[0]!;
  if (order === 1) {
    const growth = f(exp(f(to.lambda - now.lambda)) - 1);
    return combine([f(to.alpha / now.alpha), sample], [-f(to.sigma * growth), outputs[0]!]);
  }
  const rho = (level: SolverLevel): number => f(level.sigma / level.alpha);
  const target = rho(to);
  const nodes = levels.slice(0, order).map(rho);
  const antiderivative = order === 2 ? second : third;
  const factors = nodes.map((_, i) => {
    // Each node against the others, in cyclic order.
    const others = nodes.map((_node, k) => nodes[(i + k) % order]!);
    return f(antiderivative(target, others) - antiderivative(nodes[0]!, others));
  });
  const scaled = mapped(sample, (x) => x / now.alpha);
  const sum = combine([1, scaled], ...factors.map((factor, i) => [factor, outputs[i]!] as const));
  return mapped(sum, (x) => to.alpha * x);
}

// diffusers takes these logarithms with NumPy, not with PyTorch.

/** Of the line in log t that is 1 at b and 0 at c. */
function second(t: number, [b, c]: readonly number[]): number {
  const inner = f(f(-numpyLog(c!) + numpyLog(t)) - 1);
  return f(f(t * inner) / f(numpyLog(b!) - numpyLog(c!)));
}

/** Of the parabola in log t that is 1 at b and 0 at c and d. */
function third(t: number, [b, c, d]: readonly number[]): number {
  const [lt, lb, lc, ld] = [numpyLog(t), numpyLog(b!), numpyLog(c!), numpyLog(d!)];
  const head = f(lc * f(f(ld - lt) + 1));
  const sum = f(f(f(f(f(head - f(ld * lt)) + ld) + f(lt * lt)) - f(2 * lt)) + 2);
  return f(f(t * sum) / f(f(lb - lc) * f(lb - ld)));
}
