import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { KernelClient } from "../../kernel/client/kernelClient.js";
import { UsageError, type Command } from "../command.js";
import { EXIT } from "../exit.js";
import { cacheEnvironment } from "../run/resultCache.js";
import { readArguments } from "../readArguments.js";
import { diagnosisText } from "./diagnosisText.js";

export const doctorCommand: Command = {
  name: "doctor",
  summary: "say what models run on here, and what would be needed for more",
  usage: `Usage: dnb doctor [--json] [--model MODEL] [--cache FOLDER]

Starts a kernel and tries every device of the runtime with a small computation. Says which works, why another does not and what to do
about it, the versions, the memory, and how many threads are fastest on this machine as it is now: sessions of that cache take so many.
Then it opens a model as a session does, and says of each of its graphs on what it ran: operators and time by device, in one call.

      --model MODEL    a name or the path of a folder, as openSession takes it. Default: the embedded model
      --json           the same as JSON on stdout
      --cache FOLDER   where the number of threads is kept, "none" for nowhere. Default: as of "dnb run"
  -h, --help           show this

Exit code: 0, also where only the processor works; 1 if the kernel does not start or the model does not open, 2 for wrong usage.`,
  async run(args) {
    const { values, positionals } = readArguments(args, {
      json: { type: "boolean" },
      model: { type: "string" },
      cache: { type: "string" },
    });
    if (positionals.length) throw new UsageError(`doctor takes no ${JSON.stringify(positionals[0])}`);
    const client = new KernelClient({
      node: process.execPath,
      script: join(__dirname, "kernel.js"),
      env: { ...process.env, ...cacheEnvironment(values.cache) },
    });
    try {
      const { diagnosis } = await client.request({
        type: "diagnose",
        ...(values.model === undefined ? {} : { model: modelOf(values.model) }),
      });
      const found = { ...versions(), ...diagnosis };
      process.stdout.write(values.json ? `${JSON.stringify(found, undefined, 2)}\n` : diagnosisText(found));
      return EXIT.ok;
    } catch (error) {
      process.stderr.write(`dnb: ${error instanceof Error ? error.message : String(error)}\n`);
      return EXIT.failed;
    } finally {
      client.dispose();
    }
  },
};

/** A path starts where the command does, and not where the kernel does. */
function modelOf(model: string): string {
  return /[\\/]/.test(model) || model.startsWith(".") ? resolve(model) : model;
}

/** Of this extension, and of the VS Code API that it is made for. */
function versions(): { readonly version: string; readonly vscode: string } {
  // SAFETY: the package's own file, which a test holds to this shape.
  const { version, engines } = JSON.parse(readFileSync(join(__dirname, "..", "package.json"), "utf8")) as {
    version: string;
    engines: { vscode: string };
  };
  return { version, vscode: engines.vscode };
}
