import { listed, shown } from "../check.js";
import { InputError } from "../inputError.js";
import { ddim } from "./ddim.js";
import { ddpm } from "./ddpm.js";
import type { SchedulerClass } from "./defineScheduler.js";
import { deis } from "./deis.js";
import { dpmMultistep } from "./dpmMultistep.js";
import { dpmSinglestep } from "./dpmSinglestep.js";
import { edmDpmMultistep } from "./edmDpmMultistep.js";
import { edmFields, type EdmOptions } from "./edm.js";
import { edmEuler } from "./edmEuler.js";
import { eulerAncestral } from "./eulerAncestral.js";
import { eulerDiscrete } from "./eulerDiscrete.js";
import { flowMatchEuler } from "./flowMatchEuler.js";
import { flowMatchHeun } from "./flowMatchHeun.js";
import { heunDiscrete } from "./heunDiscrete.js";
import { parseFields, type Fields } from "./fields.js";
import { kdpm2, kdpm2Ancestral } from "./kdpm2.js";
import { lcm } from "./lcm.js";
import { lmsDiscrete } from "./lmsDiscrete.js";
import { BETA_SCHEDULES, noiseFields, signalTable, withFiniteEnd } from "./noiseSchedule.js";
import { pndm } from "./pndm.js";
import type { DiffusersSchedulerConfig, Scheduler } from "./scheduler.js";
import { tcd } from "./tcd.js";
import { uniPc } from "./uniPc.js";

/** Those that diffusers makes from each other's configurations. */
const related: readonly SchedulerClass[] = [
  ddim,
  ddpm,
  pndm,
  eulerDiscrete,
  eulerAncestral,
  heunDiscrete,
  lmsDiscrete,
  kdpm2,
  kdpm2Ancestral,
  dpmMultistep,
  dpmSinglestep,
  uniPc,
  deis,
  lcm,
  tcd,
];

const alone: readonly SchedulerClass[] = [flowMatchEuler, flowMatchHeun, edmEuler, edmDpmMultistep];

const classes = new Map([...related, ...alone].map((each) => [each.name, each]));

/**
 * Saved configurations carry fields of the scheduler they were made from: SDXL's EulerDiscreteScheduler has skip_prk_steps. diffusers leaves
 * the fields of related schedulers aside, and so does this; a field that none of them has is a mistake.
 */
const foreign: ReadonlySet<string> = new Set(related.flatMap((each) => Object.keys(each.fields)));
const none: ReadonlySet<string> = new Set();

export const schedulerNames: readonly string[] = [...classes.keys()];

/** What a diffusers scheduler of this configuration does, with diffusers' defaults for the fields that are absent. */
export function schedulerFromConfig(config: DiffusersSchedulerConfig): Scheduler {
  const found = classOf(config);
  return found.create(config, related.includes(found) ? foreign : none);
}

/** The fields of the class of a configuration, with diffusers' defaults. */
export function fieldsOf(config: DiffusersSchedulerConfig): Fields {
  return classOf(config).fields;
}

/** abar_t at the timesteps of a variance-preserving configuration; the last is above 0 under zero terminal SNR too. */
export function trainedSignal(config: DiffusersSchedulerConfig): Float32Array {
  const { name, fields } = classOf(config);
  const options = parseFields(
    name,
    config,
    { ...noiseFields(0, 0, "linear", [...BETAS]), ...fields },
    foreign,
  );
  const rescale = "rescale_betas_zero_snr" in options && options.rescale_betas_zero_snr === true;
  return withFiniteEnd(signalTable({ ...options, rescale_betas_zero_snr: rescale }), rescale);
}

/** The noise levels of an EDM configuration, with diffusers' defaults. */
export function edmOptions(config: DiffusersSchedulerConfig): EdmOptions {
  const { name, fields } = classOf(config);
  return parseFields(name, config, { ...fields, ...edmFields() }, none);
}

const BETAS = [...BETA_SCHEDULES, "sigmoid", "laplace", "exp"] as const;

function classOf(config: DiffusersSchedulerConfig): SchedulerClass {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new InputError(
      `The scheduler's configuration is ${shown(config)}, but must be the object of a scheduler_config.json.`,
    );
  }
  const { _class_name: name } = config;
  const found = typeof name === "string" ? classes.get(name) : undefined;
  if (found) return found;
  throw new InputError(
    `_class_name ${shown(name)} is not a scheduler that is known. ${listed("There is", schedulerNames)}.`,
  );
}
