import { parseArgs } from "node:util";

export const USAGE = `Usage: dnb run <notebook.dnb> [-o <output.dnb>] [--html <page.html>]

Runs all code cells in order in a kernel of their own. What they print appears here.

  -o, --output <file>   write the notebook with its new outputs, also when a cell fails
      --html <file>     write the same as one page that needs nothing else
  -h, --help            show this

Exit code: 0, or 1 if a cell failed (it is named), 2 for wrong usage, 5 if the notebook cannot be read, 130 if you interrupted it.`;

export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface RunCommand {
  readonly name: "run";
  readonly input: string;
  readonly output?: string;
  readonly html?: string;
}

export type Command = RunCommand | { readonly name: "help" };

export function parseArguments(args: readonly string[]): Command {
  const { values, positionals } = read(args);
  const [name, ...operands] = positionals;
  if (values.help || (name === undefined && args.length === 0)) return { name: "help" };
  if (name !== "run") throw new UsageError(name ? `there is no command "${name}"` : "which command?");
  const [input, ...more] = operands;
  if (input === undefined) throw new UsageError("run: which notebook?");
  if (more.length)
    throw new UsageError(`run takes one notebook, but there are ${operands.length}: ${operands.join(", ")}`);
  const { output, html } = values;
  return { name, input, ...(output !== undefined && { output }), ...(html !== undefined && { html }) };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        output: { type: "string", short: "o" },
        html: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
