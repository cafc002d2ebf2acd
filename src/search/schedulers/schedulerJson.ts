import { InputError } from "../inputError.js";
import { messageOf } from "../check.js";
import type { DiffusersSchedulerConfig } from "./scheduler.js";

/**
 * The text of a scheduler_config.json. Python writes -Infinity, Infinity and NaN bare, which JSON does not have; DPM-Solver's
 * lambda_min_clipped is one. `what` names the file in the message.
 */
export function parseSchedulerJson(text: string, what = "scheduler_config.json"): DiffusersSchedulerConfig {
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity\b|\bNaN\b/g, (token) =>
    token.startsWith('"') ? token : `{"${MARK}":"${token}"}`,
  );
  try {
    const parsed: unknown = JSON.parse(quoted, (_key, value: unknown) =>
      typeof value === "object" && value !== null && MARK in value
        ? Number(value[MARK as keyof typeof value])
        : value,
    );
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
      return parsed as DiffusersSchedulerConfig;
  } catch (error) {
    throw new InputError(`${what} is not JSON: ${messageOf(error)}`);
  }
  throw new InputError(`${what} must hold one object with _class_name and its fields.`);
}

const MARK = "python number";
