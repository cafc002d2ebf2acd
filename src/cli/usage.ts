import type { Command } from "./command.js";

/** What `dnb --help` prints. */
export function usageOf(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, summary }) => `  dnb ${name.padEnd(width)}  ${summary}`);
  return `Usage: dnb <command> [options]\n\n${rows.join("\n")}\n\ndnb <command> --help says more.`;
}
