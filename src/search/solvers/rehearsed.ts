import { InputError } from "../inputError.js";
import type { Schedule, Scheduler } from "../schedulers/scheduler.js";
import type { SolverOptions } from "./solverSpec.js";

/**
 * Takes a sample of one value down the schedule before any model call is paid for: whether a step of it adds noise. Throws for options that
 * the scheduler does not take, and where it gives no finite number.
 */
export function rehearsed(scheduler: Scheduler, schedule: Schedule, options: SolverOptions): boolean {
  if (scheduler.outputs === 2) {
    throw new InputError(
      `${scheduler.name} of this configuration needs a learned variance from the network, which models here do not give. Set variance_type.`,
    );
  }
  let noisy = false;
  const noise = Float32Array.of(0.3);
  let state = scheduler.begin(Float32Array.of(0.7));
  while (state.index < schedule.timesteps.length) {
    const t = schedule.timesteps[state.index]!;
    noisy ||= scheduler.isStochastic(schedule, state, options);
    state = scheduler.step(schedule, state, Float32Array.of(0.4), { ...options, batch: 1, noise });
    if (Number.isFinite(state.sample[0])) continue;
    throw new InputError(
      `${scheduler.name} gives no finite number at timestep ${t} with this configuration and these steps, in diffusers too. ` +
        "Look at final_sigmas_type, lower_order_final, solver_type and the noise levels.",
    );
  }
  return noisy;
}
