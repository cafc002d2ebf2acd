import { parseArgs, type ParseArgsConfig } from "node:util";
import { UsageError } from "./command.js";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** A command's options and operands. Throws UsageError for an option that it does not have, or that lacks its value. */
export function readArguments<const T extends Options>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The only operand, called `what` in the message when there is none or more than one. */
export function oneOperand(command: string, what: string, operands: readonly string[]): string {
  const [operand] = operands;
  if (operand === undefined) throw new UsageError(`${command}: which ${what}?`);
  if (operands.length > 1)
    throw new UsageError(
      `${command} takes one ${what}, but there are ${operands.length}: ${operands.join(", ")}`,
    );
  return operand;
}
