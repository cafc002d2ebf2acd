import type { DiffusersSchedulerConfig } from "../schedulers/scheduler.js";
import { fieldsOf } from "../schedulers/schedulerFromConfig.js";

/** A list of fields that a model's own scheduler has and no other takes over, as `_use_default_values` names those that were saved as defaults. */
export const NOT_CARRIED = "_not_carried";

/**
 * What a scheduler of the class of `to` takes over from the configuration of a model's own, as `Class.from_config(pipe.scheduler.config)` of
 * diffusers does (configuration_utils.py, extract_init_dict): every field that the class has, but for those that were saved as defaults.
 */
export function carriedFields(
  from: DiffusersSchedulerConfig,
  to: DiffusersSchedulerConfig,
): Readonly<Record<string, unknown>> {
  const known = fieldsOf(to);
  const defaulted = ["_use_default_values", NOT_CARRIED].flatMap((name): readonly unknown[] => {
    const saved = from[name];
    return Array.isArray(saved) ? (saved as readonly unknown[]) : [];
  });
  return Object.fromEntries(
    Object.entries(from).filter(([field]) => Object.hasOwn(known, field) && !defaulted.includes(field)),
  );
}
