import { InputError } from "../inputError.js";
import { plainObject, shown } from "../check.js";
import type { LoopOptions, Model, Schedule, Scheduler, State, StepOptions } from "./scheduler.js";

/** What the loop takes; with one that is misspelt it would go on without it. */
const KNOWN: Readonly<Record<keyof LoopOptions, true>> = {
  ...{ mu: true, sigmas: true, eta: true, useClippedModelOutput: true },
  ...{ sChurn: true, sTmin: true, sTmax: true, sNoise: true, batch: true, noise: true, start: true },
};

/**
 * The sampling loop of the diffusers pipelines: scale the state for the model, call it, step from the unscaled state. Which
 * configurations give no number is found out beforehand, on a sample of one value, so that no model call is spent on them.
 */
export async function loop(
  scheduler: Scheduler,
  model: Model,
  sample: Float32Array,
  steps: number,
  options: LoopOptions,
): Promise<Float32Array> {
  plainObject(options, "The loop's options", Object.keys(KNOWN));
  const { noise, start = 0, mu, sigmas, ...stepOptions } = options;
  const schedule = scheduler.schedule(steps, {
    ...(mu === undefined ? {} : { mu }),
    ...(sigmas === undefined ? {} : { sigmas }),
  });
  if (!(sample instanceof Float32Array)) {
    throw new InputError(`The sample is ${shown(sample)}, but must be a Float32Array.`);
  }
  let state = scheduler.begin(sample, start);
  if (state.index >= schedule.timesteps.length) {
    throw new InputError(`start is ${start}, but the schedule has ${schedule.timesteps.length} timesteps.`);
  }
  rehearse(scheduler, schedule, stepOptions, start);
  for (let drawn = 0; state.index < schedule.timesteps.length;) {
    const t = schedule.timesteps[state.index]!;
    const output = await model(scheduler.scaleModelInput(schedule, state), t);
    checkOutput(output, state, t);
    const stochastic = scheduler.isStochastic(schedule, state, stepOptions);
    if (stochastic && !noise) {
      throw new InputError(
        `${scheduler.name} adds noise at timestep ${t}: give \`noise\`, a function of the stochastic step's number.`,
      );
    }
    // A copy, because the history keeps it and the model may write its next output to the same place.
    state = scheduler.step(schedule, state, output.slice(), {
      ...stepOptions,
      ...(stochastic ? { noise: noise!(drawn++) } : {}),
    });
  }
  return state.sample;
}

function checkOutput(output: unknown, state: State, t: number): void {
  const call = `call ${state.index + 1}, timestep ${t}`;
  if (!(output instanceof Float32Array)) {
    throw new InputError(`The model gave ${shown(output)} at ${call}, but must give a Float32Array.`);
  }
  if (output.some(Number.isNaN)) throw new InputError(`The model gave NaN at ${call}.`);
}

function rehearse(scheduler: Scheduler, schedule: Schedule, given: StepOptions, start: number): void {
  const options = { ...given, batch: 1 };
  const noise = Float32Array.of(0.3);
  let state = scheduler.begin(Float32Array.of(0.7), start);
  while (state.index < schedule.timesteps.length) {
    const t = schedule.timesteps[state.index]!;
    const output = scheduler.outputs === 2 ? Float32Array.of(0.4, 0.1) : Float32Array.of(0.4);
    // A copy, because the history keeps it and the model may write its next output to the same place.
    state = scheduler.step(schedule, state, output.slice(), { ...options, noise });
    if (!Number.isFinite(state.sample[0])) {
      throw new InputError(
        `${scheduler.name} gives no finite number at timestep ${t} with this configuration and these steps, in diffusers too. ` +
          "Look at final_sigmas_type, lower_order_final, solver_type and the noise levels.",
      );
    }
  }
}
