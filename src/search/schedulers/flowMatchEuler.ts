import { defineScheduler } from "./defineScheduler.js";
import { choice, flag, real, realOrNull, whole } from "./fields.js";
import { combine, f } from "./float32.js";
import {
  SHIFT_TYPES,
  neededMu,
  sameSteps,
  shifted,
  stretched,
  timeShifted,
  type ShiftType,
} from "./flowShift.js";
import { linspace } from "./numpy.js";
import type { Schedule, ScheduleOptions } from "./scheduler.js";
import { positionOf } from "./sigmaSchedule.js";
import { respaced, sigmaSpacingFields, sigmaSpacingOf } from "./sigmaSpacing.js";

const NAME = "FlowMatchEulerDiscreteScheduler";
const inDouble = (value: number): number => value;

/**
 * Flow matching, x = (1 - s) x0 + s noise, v = noise - x0 (Lipman et al. 2022; SD3, FLUX). Without explicit sigmas a fixed shift is applied
 * twice, to the ends of the line and to the line itself, as diffusers does: 10 steps with shift 3 end at 0.0089.
 */
export const flowMatchEuler = defineScheduler(
  NAME,
  {
    ...sigmaSpacingFields(),
    num_train_timesteps: whole(1000, 1, 100_000),
    shift: real(1),
    use_dynamic_shifting: flag(false),
    base_shift: realOrNull(0.5),
    max_shift: realOrNull(1.15),
    base_image_seq_len: whole(256, 0),
    max_image_seq_len: whole(4096, 0),
    invert_sigmas: flag(false),
    shift_terminal: realOrNull(),
    time_shift_type: choice<ShiftType>("exponential", SHIFT_TYPES),
    stochastic_sampling: flag(false),
  },
  (config) => {
    const {
      num_train_timesteps: total,
      shift,
      use_dynamic_shifting: dynamic,
      invert_sigmas: inverted,
    } = config;
    const spacing = sigmaSpacingOf(NAME, config);
    const ends = flowEnds(total, dynamic ? undefined : shift);

    function levels(steps: number, { mu, sigmas: explicit }: ScheduleOptions): readonly number[] {
      if (explicit) sameSteps(NAME, explicit, steps);
      // Given sigmas are float32 from here on, our own are double.
      const round = explicit ? f : inDouble;
      const line =
        explicit?.map(f) ?? [...linspace(ends.max * total, ends.min * total, steps)].map((t) => t / total);
      const moved = dynamic
        ? line.map((s) => timeShifted(s, neededMu(NAME, mu), config.time_shift_type, round))
        : line.map((s) => shifted(s, shift, round));
      const placed = config.shift_terminal ? stretched(moved, config.shift_terminal, round) : moved;
      if (!spacing) return placed;
      return [...respaced(spacing, config, placed[0]!, placed[placed.length - 1]!, steps)];
    }

    return {
      schedules: ["mu", "sigmas"],
      initNoiseSigma: 1,
      scale: "flow",
      rises: inverted,
      begin: null,
      schedule(steps, options) {
        const sigmas = levels(steps, options).map((s) => (inverted ? f(1 - f(s)) : f(s)));
        return flowSchedule(
          sigmas.map((s) => f(s * total)),
          [...sigmas, inverted ? 1 : 0],
        );
      },
      noisy: () => config.stochastic_sampling,
      step({ sigmas }, { index, sample, history }, output, _options, noise) {
        const [sigma, next] = [sigmas![index]!, sigmas![index + 1]!];
        if (!config.stochastic_sampling) {
          return { index: index + 1, history, sample: combine([1, sample], [f(next - sigma), output]) };
        }
        const x0 = combine([1, sample], [-sigma, output]);
        return { index: index + 1, history, sample: combine([f(1 - next), x0], [next, noise]) };
      },
      mix: flowMix(total),
    };
  },
);

/** The noisiest and the cleanest training level, shifted. */
export function flowEnds(total: number, shift: number | undefined): { max: number; min: number } {
  const end = (t: number): number => (shift === undefined ? f(t / total) : shifted(f(t / total), shift, f));
  return { max: end(total), min: end(1) };
}

export function flowSchedule(timesteps: readonly number[], sigmas: readonly number[]): Schedule {
  return { timesteps: Float64Array.from(timesteps), sigmas: Float64Array.from(sigmas), initNoiseSigma: 1 };
}

/** diffusers' `scale_noise`: a timestep is a level times `total`. */
export function flowMix(total: number) {
  return (timestep: number, schedule: Schedule | undefined): readonly [number, number] => {
    const at = schedule && positionOf(timestep, schedule.timesteps);
    const sigma = at === undefined ? f(timestep / total) : schedule!.sigmas![at]!;
    return [f(1 - sigma), sigma];
  };
}
