import { EXIT } from "./exit.js";
import { parseArguments, UsageError, USAGE } from "./parseArguments.js";
import { run } from "./run.js";

async function main(): Promise<number> {
  try {
    const command = parseArguments(process.argv.slice(2));
    if (command.name === "run") return await run(command);
    process.stdout.write(`${USAGE}\n`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`dnb: ${error.message}\n\n${USAGE}\n`);
    return EXIT.usage;
  }
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`dnb: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = EXIT.failed;
  },
);
