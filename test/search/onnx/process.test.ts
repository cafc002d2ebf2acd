import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { randomSearch, Session, zeroOrderSearch } from "../../../src/search/index.js";
import { fashionFolder, openFashion } from "../helpers/fashion.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const script = `
import { randomSearch, Session, zeroOrderSearch } from "./src/search/index.js";
import { openModel } from "./src/search/onnx/openModel.js";
const session = new Session(await openModel(process.argv[2], { batch: 5 }));
const problem = { condition: "coat", verifier: "classifier", heldOut: ["judge"], seed: 21, steps: 4 };
const records = [];
for (const algorithm of [randomSearch(), zeroOrderSearch()]) {
  const run = await session.search(algorithm, { ...problem, budget: { nfe: 32 } }).run();
  records.push(JSON.stringify(run.record()));
}
process.stdout.write(records.join("\\n"));
await session.dispose();
`;

test("another process, without the test runner and at another batch size, gives the same record bytes", async () => {
  const bundle = await build({
    stdin: { contents: script, resolveDir: root, loader: "ts" },
    ...{ bundle: true, write: false, platform: "node", format: "esm", target: "node20" },
    external: ["onnxruntime-node"],
    logLevel: "silent",
  });
  const running = promisify(execFile)(process.execPath, ["--input-type=module", "-", fashionFolder], {
    ...{ cwd: root, maxBuffer: 1 << 24 },
  });
  // The script is longer than an argument may be.
  running.child.stdin!.end(bundle.outputFiles[0]!.text);
  const child = await running;
  const session = new Session(await openFashion({ batch: 16 }));
  const problem = {
    condition: "coat",
    verifier: "classifier",
    heldOut: ["judge"],
    seed: 21,
    steps: 4,
  } as const;
  const records = [];
  for (const algorithm of [randomSearch(), zeroOrderSearch()]) {
    const run = await session.search(algorithm, { ...problem, budget: { nfe: 32 } }).run();
    records.push(JSON.stringify(run.record()));
  }
  expect(child.stdout).toBe(records.join("\n"));
  await session.dispose();
}, 60_000);
