import { expect, test } from "vitest";
import { randomSearch, Session, zeroOrderSearch } from "../../../src/search/index.js";
import { runScript } from "../helpers/childScript.js";
import { fashionFolder, openFashion } from "../helpers/fashion.js";

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
  const stdout = await runScript(script, [fashionFolder]);
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
  expect(stdout).toBe(records.join("\n"));
  await session.dispose();
}, 60_000);
