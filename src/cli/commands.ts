import type { Command } from "./command.js";
import { doctorCommand } from "./doctor/doctorCommand.js";
import { exportCommand } from "./exchange/exportCommand.js";
import { importCommand } from "./exchange/importCommand.js";
import { diffCommand } from "./git/diffCommand.js";
import { gitSetupCommand } from "./git/gitSetupCommand.js";
import { mergeCommand } from "./git/mergeCommand.js";
import { stripCommand } from "./git/stripCommand.js";
import { textconvCommand } from "./git/textconvCommand.js";
import { packCommand } from "./pack/packCommand.js";
import { unpackCommand } from "./pack/unpackCommand.js";
import { runCommand } from "./run/runCommand.js";
import { verifyCommand } from "./verify/verifyCommand.js";

/** In the order in which `dnb --help` lists them. */
export const commands: readonly Command[] = [
  runCommand,
  verifyCommand,
  exportCommand,
  importCommand,
  packCommand,
  unpackCommand,
  diffCommand,
  mergeCommand,
  stripCommand,
  textconvCommand,
  gitSetupCommand,
  doctorCommand,
];
