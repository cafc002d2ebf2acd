/** What the rest of the project may use of the schedulers. */
export { schedulerFromConfig, schedulerNames } from "./schedulerFromConfig.js";
export { parseSchedulerJson } from "./schedulerJson.js";
export type {
  DiffusersSchedulerConfig,
  LoopOptions,
  Model,
  Schedule,
  ScheduleOptions,
  Scheduler,
  State,
  StepOptions,
} from "./scheduler.js";
