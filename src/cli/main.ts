import { UsageError } from "./command.js";
import { commands } from "./commands.js";
import { EXIT } from "./exit.js";
import { UnreadableError } from "./files.js";
import { usageOf } from "./usage.js";

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h") return say(usageOf(commands));
  const command = commands.find((known) => known.name === name);
  if (!command) return refuse(`there is no command "${name}"`, usageOf(commands));
  // What stands behind "--" is no option.
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  if (args.slice(0, end).some((argument) => argument === "--help" || argument === "-h"))
    return say(command.usage);
  try {
    return await command.run(args);
  } catch (error) {
    if (error instanceof UsageError) return refuse(error.message, command.usage);
    if (!(error instanceof UnreadableError)) throw error;
    process.stderr.write(`dnb: ${error.message}\n`);
    return EXIT.unreadable;
  }
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return EXIT.ok;
}

function refuse(mistake: string, usage: string): number {
  process.stderr.write(`dnb: ${mistake}\n\n${usage}\n`);
  return EXIT.usage;
}

// A reader that leaves (`| head`) ends neither the run nor what it writes; output that is lost in another way is a failure.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.exitCode ||= EXIT.failed;
    if (stream === process.stdout) process.stderr.write(`dnb: output was lost: ${error.message}\n`);
  });

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code || (process.exitCode ?? EXIT.ok)),
  (error: unknown) => {
    process.stderr.write(`dnb: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = EXIT.failed;
  },
);
