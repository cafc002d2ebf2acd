import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  feynmanKac,
  randomSearch,
  searchOverPaths,
  Session,
  verifier,
  zeroOrderSearch,
  type SearchRun,
} from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted, type Counted } from "../helpers/counted.js";

const problem = {
  condition: "middle",
  verifier: "brightness",
  seed: 6,
  steps: 4,
  budget: { rounds: 6 },
} as const;

function open(): { session: Session; count: Counted } {
  const count = counted();
  return { session: new Session(analyticEngine({ wrap: count.wrap, batch: 3 })), count };
}

/** A candidate of a round that its selection did not keep. */
function loser(run: SearchRun, round: number): string {
  return run.rounds[round - 1]!.candidates.find(({ status }) => status === "dropped")!.id;
}

test("a fork has the shared beginning at once, for nothing, and costs nothing until it steps", async () => {
  const { session, count } = open();
  const run = await session.search(zeroOrderSearch(), problem).run();
  const { forwards } = count;
  const spent = session.ledger;
  const from = loser(run, 3);
  const fork = run.fork(from);
  expect(fork.state).toBe("ready");
  expect(fork.id).not.toBe(run.id);
  expect(fork.candidates.map(({ id }) => id)).toEqual(
    run.candidates.filter(({ round }) => round <= 3).map(({ id }) => id),
  );
  expect(fork.ledger).toMatchObject({ nfe: 0, forwards: 0, verifierCalls: {}, cold: { nfe: 48 } });
  expect(count.forwards).toBe(forwards);
  expect(session.ledger).toEqual(spent);
  const { algorithm, problem: asked } = run.record();
  expect(fork.record().fork).toMatchObject({ run: run.id, candidate: from, algorithm, problem: asked });
  const costs = fork.record().candidates.reduce((sum, { cost }) => sum + cost.nfe, 0);
  expect(costs).toBe(fork.record().spent.nfe);
});

test("forked at a candidate that was not chosen, it is chosen, and the search goes on around it", async () => {
  const { session, count } = open();
  const run = await session.search(zeroOrderSearch(), problem).run();
  const before = count.forwards;
  const from = loser(run, 3);
  const fork = await run.fork(from).run();
  expect(fork.candidate(from).status).toBe("kept");
  expect(fork.rounds).toHaveLength(6);
  expect(fork.candidate("r4-c0").parents).toEqual([from]);
  expect(run.candidate("r4-c0").parents).not.toEqual([from]);
  // Three rounds of four trajectories of four steps.
  expect(count.forwards - before).toBe(48);
  expect(fork.ledger).toMatchObject({ nfe: 48, cold: { nfe: 96 } });
  expectBalanced(fork.record());
  expect(fork.rounds.slice(0, 2).map(({ best }) => best!.scores)).toEqual(
    run.rounds.slice(0, 2).map(({ best }) => best!.scores),
  );
});

test("forked at a candidate that was chosen, with nothing changed, it is the same search and free", async () => {
  const { session, count } = open();
  for (const algorithm of [
    zeroOrderSearch(),
    searchOverPaths({ paths: 2, width: 3 }),
    feynmanKac({ particles: 5 }),
  ]) {
    const run = await session.search(algorithm, problem).run();
    const before = count.forwards;
    for (const { id, status } of run.candidates.filter(({ status }) => status === "kept")) {
      const fork = await run.fork(id).run();
      const strip = (of: SearchRun): string => {
        const { fork: _, ...record } = of.record();
        return JSON.stringify({ ...record, id: "" });
      };
      expect(strip(fork), `${algorithm.name} ${id} ${status}`).toBe(strip(run));
    }
    expect(count.forwards).toBe(before);
  }
});

test("the same algorithm with other options goes on from there", async () => {
  const { session } = open();
  const run = await session.search(zeroOrderSearch(), problem).run();
  const from = loser(run, 2);
  const fork = await run.fork(from, { algorithm: zeroOrderSearch({ neighbours: 7, similarity: 0.5 }) }).run();
  expect(fork.rounds.map(({ candidates }) => candidates.length)).toEqual([4, 4, 7, 7, 7, 7]);
  expect(fork.candidate("r3-c0").parents).toEqual([from]);
  expect(fork.record().algorithm.options).toMatchObject({ neighbours: 7 });
  expect(fork.notices).toEqual([]);
});

test("another algorithm begins there, at the noise of the candidate", async () => {
  const { session, count } = open();
  const run = await session.search(randomSearch({ candidates: 8 }), problem).run();
  const before = count.forwards;
  const from = loser(run, 1);
  const fork = await run
    .fork(from, { algorithm: zeroOrderSearch({ neighbours: 3 }), budget: { rounds: 3 } })
    .run();
  expect(fork.rounds.map(({ candidates }) => candidates.length)).toEqual([4, 3, 3]);
  expect(fork.candidate("r2-c0").parents).toEqual([from]);
  expect(count.forwards - before).toBe(2 * 3 * 4);
  expectBalanced(fork.record());
  const paths = await run.fork(from, { algorithm: searchOverPaths({ paths: 2, width: 2 }) }).run();
  const [first, second] = paths.candidates.filter(({ round, level }) => round === 2 && level === 0.6);
  expect(first!.parents).toEqual([from]);
  expect((await first!.noise()).data).toEqual((await run.candidate(from).noise()).data);
  expect(second!.parents).toEqual([]);
});

test("another seed, budget, verifier and number of steps hold from the fork on", async () => {
  const { session, count } = open();
  const dark = verifier("dark", ({ rgb }) => -rgb[0]!.reduce((sum, value) => sum + value, 0));
  const run = await session.search(zeroOrderSearch(), problem).run();
  const from = run.rounds[1]!.best!.id;
  const seeded = await run.fork(from, { seed: 99 }).run();
  expect(seeded.candidate("r2-c0").scores).toEqual(run.candidate("r2-c0").scores);
  expect(seeded.rounds[5]!.candidates.map(({ scores }) => scores)).not.toEqual(
    run.rounds[5]!.candidates.map(({ scores }) => scores),
  );
  const longer = await run.fork(from, { budget: { rounds: 8 } }).run();
  expect(longer.rounds).toHaveLength(8);
  const before = count.forwards;
  const finer = await run.fork(from, { steps: 8, budget: { rounds: 3 } }).run();
  expect(count.forwards - before).toBe((3 - finer.candidate(from).round) * 4 * 8);
  const other = await run.fork(from, { verifier: dark, heldOut: ["brightness"] }).run();
  expect(other.best!.scores).toHaveProperty("dark");
  expect(other.candidate("r4-c0").scores).toHaveProperty("brightness");
  expect(other.candidate("r1-c0").scores).not.toHaveProperty("dark");
});

test("particles: forked at one that was lost, all go on from it", async () => {
  const { session } = open();
  const run = await session
    .search(feynmanKac({ particles: 4, temperature: 0.01, resampleAt: [0.75, 0.5, 0.25] }), {
      ...problem,
      budget: {},
    })
    .run();
  const lost = run.candidates.find(({ status, level }) => status === "dropped" && level > 0)!;
  const fork = await run.fork(lost.id).run();
  const last = fork.candidates.filter(({ level, status }) => level === 0 && status !== "dropped");
  expect(last).toHaveLength(4);
  const root = (id: string): string => fork.candidate(id).parents.reduce((_, parent) => root(parent), id);
  expect(new Set(last.map(({ id }) => root(id)))).toEqual(new Set([root(lost.id)]));
});

test("a fork can be forked, paused and forked from a run that goes on", async () => {
  const { session } = open();
  const run = session.search(zeroOrderSearch(), problem);
  await run.step(3);
  const first = run.fork(loser(run, 2));
  await first.step();
  const second = first.fork(loser(first, first.rounds.length));
  await Promise.all([run.run(), first.run(), second.run()]);
  for (const each of [run, first, second]) {
    expect(each.rounds).toHaveLength(6);
    expectBalanced(each.record());
  }
  expect(second.record().fork!.run).toBe(first.id);
});

test("a fork of a fork that changed its algorithm and its problem", async () => {
  const { session, count } = open();
  const run = await session.search(randomSearch({ candidates: 8 }), problem).run();
  const climbed = await run
    .fork(loser(run, 2), { algorithm: zeroOrderSearch(), budget: { rounds: 5 }, steps: 5, seed: 8 })
    .run();
  const before = count.forwards;
  const chosen = climbed.rounds[4]!.candidates.find(({ status }) => status !== "dropped")!;
  const same = await climbed.fork(chosen).run();
  expect(count.forwards).toBe(before);
  expect(same.record().candidates).toEqual(climbed.record().candidates);
  const from = loser(climbed, 4);
  const other = await climbed.fork(from).run();
  expect(other.candidate("r5-c0").parents).toEqual([from]);
  const back = await climbed.fork(loser(climbed, 1), { budget: { rounds: 3 } }).run();
  expect(back.rounds).toHaveLength(3);
  for (const each of [climbed, same, other, back]) expectBalanced(each.record());
});

test("from the pivot of before the first round, and from one that was stopped", async () => {
  const { session } = open();
  const run = await session.search(zeroOrderSearch(), problem).run();
  const fork = await run.fork("r0-c0", { algorithm: zeroOrderSearch({ neighbours: 2 }) }).run();
  expect(fork.rounds[0]!.candidates).toHaveLength(2);
  const stopped = session.search(zeroOrderSearch(), { ...problem, seed: 7 });
  await stopped.step(2);
  stopped.stop();
  expect((await stopped.fork(stopped.rounds[1]!.best!).run()).rounds).toHaveLength(6);
});

test("a fork from a candidate that does not exist, or with changes that make no sense, is refused", async () => {
  const { session } = open();
  const run = await session.search(zeroOrderSearch(), problem).run();
  expect(() => run.fork("r9-c9")).toThrow('The search has no candidate "r9-c9".');
  // SAFETY: what `run.best!` is where every candidate failed.
  expect(() => run.fork(undefined as unknown as string)).toThrow("there is no candidate to fork from");
  expect(() => run.fork("r1-c0", { steps: 0 })).toThrow("steps is 0");
  expect(() => run.fork("r1-c0", { sede: 3 } as object)).toThrow('problem has no "sede"');
});

test("candidates of the shared beginning have their images", async () => {
  const run = new Session(analyticEngine({})).search(zeroOrderSearch(), {
    ...{ condition: "bright", verifier: "brightness", seed: 3, budget: { nfe: 128 } },
  });
  await run.step(2);
  const fork = run.fork(run.candidates.at(-1)!);
  expect(fork.rounds).toHaveLength(1);
  for (const { id } of fork.candidates.filter(({ decoded }) => decoded)) {
    expect((await fork.candidate(id).image()).data).toEqual((await run.candidate(id).image()).data);
  }
});
