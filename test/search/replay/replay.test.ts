import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  defineAlgorithm,
  feynmanKac,
  openCache,
  randomSearch,
  recordAt,
  replayRecord,
  searchOverPaths,
  Session,
  verifier,
  zeroOrderSearch,
  type SearchRecord,
} from "../../../src/search/index.js";
import { counted } from "../helpers/counted.js";

const problem = {
  condition: "bright",
  verifier: "brightness",
  heldOut: ["contrast"],
  seed: 4,
  steps: 5,
  budget: { rounds: 4 },
} as const;
const methods = [
  randomSearch({ candidates: 12 }),
  zeroOrderSearch(),
  searchOverPaths(),
  feynmanKac({ particles: 6, temperature: 0.3 }),
];

test.each(methods)("$name: a record replays round by round without its model", async (algorithm) => {
  const run = new Session(analyticEngine()).search(algorithm, problem);
  const live: SearchRecord[] = [run.record()];
  for await (const _ of run) live.push(run.record());
  const record = JSON.parse(JSON.stringify(run.record())) as SearchRecord;
  const replayed = [...replayRecord(record)];
  expect(replayed).toHaveLength(record.rounds.length + 1);
  expect(replayed.at(-1)).toBe(record);
  for (const [round, then] of replayed.entries()) {
    const now = live[round]!;
    expect(then.spent).toEqual(now.spent);
    expect(then.best).toBe(now.best);
    // What was live then: scores and levels of all that were scored by the end of that round.
    const scored = new Set(now.rounds.flatMap(({ candidates }) => candidates));
    for (const candidate of now.candidates.filter(({ id }) => scored.has(id))) {
      const twin = then.candidates.find(({ id }) => id === candidate.id)!;
      expect([twin.scores, twin.level], `${candidate.id} after round ${round}`).toEqual([
        candidate.scores,
        candidate.level,
      ]);
      expect(twin.status === "dropped").toBe(candidate.status === "dropped");
    }
  }
});

test("a round that the record does not have is refused", async () => {
  const run = await new Session(analyticEngine()).search(randomSearch({ candidates: 4 }), problem).run();
  expect(() => recordAt(run.record(), 2)).toThrow("The record has rounds 0 to 1, but round 2 was asked for.");
  expect(recordAt(run.record(), 0)).toMatchObject({ state: "ready", candidates: [], rounds: [] });
});

test.each(methods)(
  "$name: verified with the model, every tensor computed again, it is the same to the last bit",
  async (algorithm) => {
    const count = counted();
    const session = new Session(analyticEngine({ wrap: count.wrap }));
    const run = await session.search(algorithm, problem).run();
    const { forwards } = count;
    const record = JSON.parse(JSON.stringify(run.record())) as SearchRecord;
    const verification = await session.verify(record);
    expect(verification).toMatchObject({ most: 0, mismatches: [] });
    expect(verification.candidates.map(({ id }) => id)).toEqual(record.candidates.map(({ id }) => id));
    expect(count.forwards).toBe(2 * forwards);
    expect(session.ledger.forwards).toBe(count.forwards);
  },
);

test("verified by another process that shares the cache on the disk, every tensor is computed again", async () => {
  const folder = fs.mkdtempSync(join(tmpdir(), "dnb-replay-"));
  const verified = async (unique: string): Promise<number> => {
    const cache = openCache({ fs, folder, unique, now: () => Date.now() });
    const count = counted();
    const session = new Session(analyticEngine({ storage: { cache }, wrap: count.wrap }));
    const run = await session.search(randomSearch({ candidates: 6 }), problem).run();
    const before = count.forwards;
    expect(await session.verify(run)).toMatchObject({ most: 0, mismatches: [] });
    await session.dispose();
    return count.forwards - before;
  };
  try {
    const { steps } = problem;
    expect(await verified("p1")).toBe(6 * steps);
    expect(await verified("p2")).toBe(6 * steps);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test("what was changed in a record, or by the model, is found", async () => {
  const engine = analyticEngine();
  const session = new Session(engine);
  const run = await session.search(zeroOrderSearch(), problem).run();
  const record = JSON.parse(JSON.stringify(run.record()));
  record.candidates[3].scores.contrast += 0.25;
  record.candidates[4].parents = ["r9-c9"];
  record.candidates.pop();
  const { most, mismatches, candidates } = await session.verify(record as SearchRecord);
  expect(most).toBeCloseTo(0.25, 12);
  expect(candidates.filter(({ difference }) => difference > 0).map(({ id }) => id)).toEqual([
    record.candidates[3].id,
  ]);
  expect(mismatches).toEqual([
    `${record.candidates[4].id} has other parents.`,
    "r4-c3 was made, but is not in the record.",
  ]);
});

test("what is needed to verify and is not there is asked for", async () => {
  const session = new Session(analyticEngine());
  const own = defineAlgorithm("own", function* (ops) {
    yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 3 })));
  });
  const grey = verifier("grey", ({ rgb }) => rgb[0]![0]!);
  const run = await session.search(own(), { ...problem, verifier: grey }).run();
  const record = run.record();
  await expect(session.verify(record)).rejects.toThrow('Algorithm "own" is none of the built-in ones');
  await expect(session.verify(record, { algorithm: own() })).rejects.toThrow(
    'verifier "grey" does not exist',
  );
  expect(await session.verify(record, { algorithm: own(), verifiers: [grey] })).toMatchObject({
    most: 0,
    mismatches: [],
  });
  expect(await session.verify(run)).toMatchObject({ most: 0, mismatches: [] });
  const other = new Session(analyticEngine({ side: 4 }));
  await expect(other.verify(record, { algorithm: own() })).rejects.toThrow(
    "but the session has another model",
  );
});

test.each(methods)(
  "$name: the record of a fork is verified by itself, and so is that of a fork of it",
  async (algorithm) => {
    const count = counted();
    const session = new Session(analyticEngine({ wrap: count.wrap }));
    const run = session.search(algorithm, problem);
    await run.step(2);
    // Forked in the middle, which is another place than at the end: what the run does later is no part of it.
    const other = run.candidates.find(({ status }) => status === "dropped") ?? run.candidates[0]!;
    const fork = await run.fork(other, { seed: 9 }).run();
    await run.run();
    const further = run.state === "finished" ? fork.candidates.at(-1)! : fork.best!;
    const again = await fork.fork(further, { algorithm: zeroOrderSearch(), budget: { rounds: 5 } }).run();
    for (const forked of [fork, again]) {
      const record = JSON.parse(JSON.stringify(forked.record())) as SearchRecord;
      const before = count.forwards;
      expect(await session.verify(record)).toMatchObject({ most: 0, mismatches: [] });
      expect(count.forwards).toBeGreaterThan(before);
    }
    expect(await session.verify(again)).toMatchObject({ most: 0, mismatches: [] });
  },
);

test("a fork of a run with an algorithm and a verifier of a cell is verified with both", async () => {
  const session = new Session(analyticEngine());
  const own = defineAlgorithm("own", function* (ops) {
    for (;;) {
      yield* ops.keep(yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 3 }))), { best: 1 });
      yield* ops.endRound();
    }
  });
  const grey = verifier("grey", ({ rgb }) => rgb[0]![0]!);
  const run = await session.search(own(), { ...problem, verifier: grey }).run();
  const fork = await run
    .fork("r2-c1", { algorithm: zeroOrderSearch(), verifier: "brightness", heldOut: [] })
    .run();
  expect(await session.verify(fork, { verifiers: [grey] })).toMatchObject({ most: 0, mismatches: [] });
  const record = fork.record();
  await expect(session.verify(record)).rejects.toThrow('Algorithm "own" is none of the built-in ones');
  expect(await session.verify(record, { algorithm: own(), verifiers: [grey] })).toMatchObject({
    most: 0,
    mismatches: [],
  });
});
