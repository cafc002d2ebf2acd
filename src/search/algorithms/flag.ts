import { InputError } from "../inputError.js";
import { shown } from "../check.js";

/** An option that is on or off. `what` names it in the message. */
export function flag(value: unknown, what: string): boolean {
  if (typeof value === "boolean") return value;
  throw new InputError(`${what} is ${shown(value)}, but must be true or false.`);
}
