import type { DiffusersSchedulerConfig } from "../schedulers/scheduler.js";
import { fieldsOf } from "../schedulers/schedulerFromConfig.js";

/**
 * What a scheduler of the class of `to` takes over from the configuration of a model's own, as `Class.from_config(pipe.scheduler.config)` of
 * diffusers does (configuration_utils.py, extract_init_dict): every field that the class has, but for those that were saved as defaults.
 */
export function carriedFields(
  from: DiffusersSchedulerConfig,
  to: DiffusersSchedulerConfig,
): Readonly<Record<string, unknown>> {
  const known = fieldsOf(to);
  const saved = from["_use_default_values"];
  const defaulted: readonly unknown[] = Array.isArray(saved) ? saved : [];
  return Object.fromEntries(
    Object.entries(from).filter(([field]) => Object.hasOwn(known, field) && !defaulted.includes(field)),
  );
}
