import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  feynmanKac,
  openCache,
  randomSearch,
  searchOverPaths,
  Session,
  zeroOrderSearch,
  type EngineStorage,
} from "../../../src/search/index.js";
import { counted } from "../helpers/counted.js";

let folder: string;
let reports: string[];
let opened = 0;

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "dnb-storage-"));
  reports = [];
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function storage(memory?: number): EngineStorage {
  const report = (sentence: string): void => void reports.push(sentence);
  const cache = openCache({ fs, folder, unique: `p${opened++}`, now: () => Date.now(), report });
  return { cache, report, ...(memory === undefined ? {} : { memory }) };
}

const problem = {
  condition: "bright",
  verifier: "brightness",
  heldOut: ["contrast"],
  seed: 2,
  steps: 4,
  budget: { rounds: 5 },
} as const;
const methods = [
  randomSearch({ candidates: 12 }),
  zeroOrderSearch(),
  searchOverPaths({ paths: 2, width: 3 }),
  feynmanKac({ particles: 6, temperature: 0.1 }),
];

test.each(methods)(
  "$name: another process samples nothing again, and the record has the same bytes",
  async (algorithm) => {
    const first = new Session(analyticEngine({ storage: storage() }));
    const cold = await first.search(algorithm, problem).run();
    await first.dispose();
    const count = counted();
    const second = new Session(analyticEngine({ storage: storage(), wrap: count.wrap }));
    const warm = await second.search(algorithm, problem).run();
    expect(count.forwards).toBe(0);
    expect(warm.ledger).toMatchObject({
      nfe: 0,
      decodes: 0,
      verifierCalls: {},
      cold: { nfe: cold.ledger.nfe },
    });
    expect(JSON.stringify(warm.record())).toBe(JSON.stringify(cold.record()));
    expect(reports).toEqual([]);
  },
);

test("another verifier samples nothing, in another process too", async () => {
  const first = new Session(analyticEngine({ storage: storage() }));
  await first.search(randomSearch({ candidates: 8 }), { ...problem, heldOut: [] }).run();
  await first.dispose();
  const count = counted();
  const second = new Session(analyticEngine({ storage: storage(), wrap: count.wrap }));
  const run = await second
    .search(randomSearch({ candidates: 8 }), { ...problem, verifier: "contrast", heldOut: [] })
    .run();
  expect(count.forwards).toBe(0);
  expect(run.ledger).toMatchObject({ nfe: 0, decodes: 0, verifierCalls: { contrast: 8 } });
});

test("a run that was cut off by a crash goes on from what was computed", async () => {
  const parts = storage();
  const crashed = new Session(analyticEngine({ storage: parts })).search(zeroOrderSearch(), problem);
  await crashed.step(3);
  // Half a second has passed; nobody disposes of anything.
  parts.cache!.flush();
  const count = counted();
  const run = await new Session(analyticEngine({ storage: storage(), wrap: count.wrap }))
    .search(zeroOrderSearch(), problem)
    .run();
  expect(run.ledger).toMatchObject({ nfe: 2 * 4 * 4, cold: { nfe: 5 * 4 * 4 } });
  expect(count.forwards).toBe(32);
});

test.each(methods)(
  "$name: with hardly any memory states go to the disk and the result is the same",
  async (algorithm) => {
    const whole = await new Session(analyticEngine()).search(algorithm, problem).run();
    const count = counted();
    // Room for about four states.
    const session = new Session(analyticEngine({ storage: storage(6000), batch: 1, wrap: count.wrap }));
    const run = await session.search(algorithm, problem).run();
    expect(JSON.stringify(run.record())).toBe(JSON.stringify(whole.record()));
    expect(run.ledger.forwards).toBe(count.forwards);
    expect(run.ledger.nfe).toBe(whole.ledger.nfe);
    for (const candidate of run.candidates) {
      expect((await candidate.latent()).data).toEqual((await whole.candidate(candidate.id).latent()).data);
      expect((await candidate.noise()).data).toEqual((await whole.candidate(candidate.id).noise()).data);
    }
  },
);

test("damage in the middle of a run is repaired, paid and reported: no lost run", async () => {
  const algorithm = searchOverPaths({ paths: 2, width: 3 });
  const whole = await new Session(analyticEngine()).search(algorithm, problem).run();
  const count = counted();
  const parts = storage(1000);
  const run = new Session(analyticEngine({ storage: parts, batch: 1, wrap: count.wrap })).search(
    algorithm,
    problem,
  );
  let told = 0;
  run.onChange(() => {
    if (++told % 6 !== 0) return;
    parts.cache!.flush();
    for (const name of fs.readdirSync(folder)) fs.rmSync(join(folder, name));
  });
  await run.run();
  expect(JSON.stringify(run.record())).toBe(JSON.stringify(whole.record()));
  expect(run.ledger.forwards).toBe(count.forwards);
});

test("damage that is found later: the images and latents are made again", async () => {
  const parts = storage(1000);
  const session = new Session(analyticEngine({ storage: parts }));
  const run = await session.search(randomSearch({ candidates: 6 }), problem).run();
  const images = await Promise.all(run.candidates.map(async (candidate) => (await candidate.image()).data));
  parts.cache!.flush();
  const [name] = fs.readdirSync(folder);
  const bytes = fs.readFileSync(join(folder, name!));
  const next = new Session(analyticEngine({ storage: storage(1000) }));
  fs.writeFileSync(
    join(folder, name!),
    bytes.map((value, i) => (i > bytes.length / 2 ? value ^ 255 : value)),
  );
  const again = await next.search(randomSearch({ candidates: 6 }), problem).run();
  expect(
    await Promise.all(again.candidates.map(async (candidate) => (await candidate.image()).data)),
  ).toEqual(images);
  expect(again.record().candidates).toEqual(run.record().candidates);
  expect(reports.length).toBeGreaterThan(0);
  expect(reports[0]).toMatch(/is damaged; what it held is computed again/);
});
