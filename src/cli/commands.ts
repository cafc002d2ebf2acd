import type { Command } from "./command.js";
import { runCommand } from "./run/runCommand.js";

/** In the order in which `dnb --help` lists them. */
export const commands: readonly Command[] = [runCommand];
