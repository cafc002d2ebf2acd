import type { Diagnosis } from "../protocol.js";
import { fields, list, MalformedMessage, number, text } from "./shape.js";

/** Throws `MalformedMessage`. The lists' insides are the kernel's own and are not walked here. */
export function parseDiagnosis(value: unknown): Diagnosis {
  const found = fields(value, "diagnosis");
  for (const key of ["node", "platform", "runtime", "processor"]) text(found, key, "diagnosis.");
  for (const key of ["cores", "memoryBytes", "freeBytes", "bestThreads"]) number(found, key, "diagnosis.");
  for (const key of ["adapters", "devices", "threads"])
    if (list(found, key, "diagnosis.").some((entry) => typeof entry !== "object" || entry === null))
      throw new MalformedMessage(`diagnosis.${key}: expected objects`);
  // SAFETY: written by the kernel of the same build; its outline was checked above.
  return found as unknown as Diagnosis;
}
