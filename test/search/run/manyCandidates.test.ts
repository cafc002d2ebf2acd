import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runScript } from "../helpers/childScript.js";

const CANDIDATES = 100_000;

/** A random search in a process of its own, whose memory is measured from outside of the search. */
const SCRIPT = `
import fs from "node:fs";
import { analyticEngine } from "./src/search/analytic/analyticEngine.js";
import { openCache, randomSearch, Session } from "./src/search/index.js";
const [folder, count] = [process.argv[2], Number(process.argv[3])];
const reports = [];
const cache = openCache({ fs, folder, unique: "p1", now: () => Date.now(), report: (text) => reports.push(text) });
const storage = { cache, memory: 16e6 };
const algorithm = randomSearch({ candidates: count, perRound: 1000 });
const problem = { condition: "bright", verifier: "brightness", steps: 2, budget: {} };
const run = await new Session(analyticEngine({ batch: 64, storage })).search(algorithm, problem).run();
const record = run.record();
// The last one that the memory can still have, and the first one, which only the disk has.
const whole = await new Session(analyticEngine()).search(randomSearch({ candidates: 1 }), problem).run();
const first = await run.candidate("r1-c0").latent();
console.log(JSON.stringify({
  candidates: record.candidates.length,
  rounds: record.rounds.length,
  scored: record.candidates.filter(({ scores }) => Number.isFinite(scores.brightness)).length,
  nfe: record.spent.nfe,
  recomputed: reports,
  isSame: JSON.stringify([...first.data]) === JSON.stringify([...(await whole.best.latent()).data]),
  megabytes: process.resourceUsage().maxRSS / 1024,
}));
`;

let folder: string;
beforeEach(() => void (folder = fs.mkdtempSync(join(tmpdir(), "dnb-many-"))));
afterEach(() => fs.rmSync(folder, { recursive: true }));

test("100,000 candidates in one run stay below 1 GB; their latents go to the disk and come back", async () => {
  const output = JSON.parse(await runScript(SCRIPT, [folder, String(CANDIDATES)])) as { megabytes: number };
  const { megabytes, ...rest } = output;
  expect(rest).toEqual({
    ...{ candidates: CANDIDATES, rounds: 100, scored: CANDIDATES, nfe: 2 * CANDIDATES },
    ...{ recomputed: [], isSame: true },
  });
  expect(megabytes).toBeLessThan(1000);
  const onDisk = fs.readdirSync(folder).reduce((sum, name) => sum + fs.statSync(join(folder, name)).size, 0);
  // 64 float32 each, where the memory was given 16 MB.
  expect(onDisk).toBeGreaterThan(CANDIDATES * 64 * 4);
}, 500_000);
