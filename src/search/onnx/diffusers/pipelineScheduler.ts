import { InputError } from "../../inputError.js";
import type { DiffusersSchedulerConfig } from "../../schedulers/scheduler.js";
import { fieldsOf, schedulerFromConfig } from "../../schedulers/schedulerFromConfig.js";
import { parseSchedulerJson } from "../../schedulers/schedulerJson.js";
import { NOT_CARRIED } from "../../solvers/carriedFields.js";
import { predictionOf } from "../../solvers/schedulerPrediction.js";
import type { FolderFiles } from "../files/folderFiles.js";
import type { Layout } from "./layouts.js";

/** The scheduler of a folder as its pipeline runs it. Throws for what is unknown or impossible in it, with the file's name. */
export async function pipelineScheduler(
  files: FolderFiles,
  { revisesConfigurations }: Pick<Layout, "revisesConfigurations">,
): Promise<DiffusersSchedulerConfig> {
  const file = "scheduler/scheduler_config.json";
  const { bytes } = await files.read(file, "The model");
  const saved = parseSchedulerJson(new TextDecoder().decode(bytes), file);
  try {
    schedulerFromConfig(saved);
    predictionOf(saved);
    return revisesConfigurations ? revised(saved) : saved;
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${file}: ${error.message}`);
    throw error;
  }
}

/**
 * diffusers' StableDiffusionPipeline takes older configurations for outdated: whatever they say, it counts from timestep 1 and does not clip. Of what the
 * file says nothing of, it goes on to hold that the class's default was used, so another class does not take it over.
 */
export function revised(config: DiffusersSchedulerConfig): DiffusersSchedulerConfig {
  const fields = fieldsOf(config);
  const revisions = Object.entries({ steps_offset: 1, clip_sample: false }).filter(([field]) =>
    Object.hasOwn(fields, field),
  );
  const names = revisions.map(([field]) => field);
  const saved = config["_use_default_values"];
  const defaulted: readonly unknown[] = Array.isArray(saved) ? saved : [];
  const unsaid = names.filter((name) => !Object.hasOwn(config, name) || defaulted.includes(name));
  return {
    ...config,
    ...Object.fromEntries(revisions),
    ...(Array.isArray(saved)
      ? { _use_default_values: defaulted.filter((name) => !names.includes(name as string)) }
      : {}),
    ...(unsaid.length > 0 ? { [NOT_CARRIED]: unsaid } : {}),
  };
}
