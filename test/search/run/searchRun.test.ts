import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  defineAlgorithm,
  randomSearch,
  Session,
  systemClock,
  verifier,
  zeroOrderSearch,
  type AnalyticOptions,
  type Environment,
  type Problem,
} from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";

const problem: Problem = {
  condition: "bright",
  verifier: "brightness",
  heldOut: ["contrast"],
  seed: 3,
  budget: { nfe: 128 },
};

function open(options: AnalyticOptions = {}, environment?: Environment): Session {
  return new Session(analyticEngine(options), environment);
}

test("nothing happens before the first step; each step makes one round", async () => {
  const run = open().search(randomSearch(), problem);
  expect(run.state).toBe("ready");
  expect(run.record()).toMatchObject({ rounds: [], candidates: [], state: "ready" });
  const round = await run.step();
  expect(round.index).toBe(1);
  expect(round.candidates.map(({ id }) => id)).toEqual(["r1-c0", "r1-c1", "r1-c2", "r1-c3"]);
  expect(run.state).toBe("paused");
  expect((await run.step(2)).index).toBe(3);
  expect(run.rounds).toHaveLength(3);
  expect(run.best!.scores["brightness"]).toBe(
    Math.max(...run.candidates.map(({ scores }) => scores["brightness"]!)),
  );
});

test.each([0, 1, 3])(
  "one that is held at %i rounds halts there once, and then goes on as any other",
  async (held) => {
    const whole = await open().search(randomSearch(), problem).run();
    const session = open({}, { clock: systemClock, heldAt: (run) => (run === whole.id ? held : undefined) });
    const run = session.search(randomSearch(), problem);
    await run.run();
    expect(run.state).toBe(held === 0 ? "ready" : "paused");
    expect(run.rounds).toHaveLength(held);
    await run.step();
    expect(run.rounds).toHaveLength(held + 1);
    await run.run();
    expect(run.record()).toEqual(whole.record());
  },
);

test("a held search ends the loop over its rounds; steps that a cell asks for one by one go on", async () => {
  const session = open({}, { clock: systemClock, heldAt: () => 2 });
  const looped = session.search(randomSearch(), problem);
  for await (const _ of looped);
  expect(looped.rounds).toHaveLength(2);
  const stepped = session.search(randomSearch(), { ...problem, seed: 4 });
  for (let i = 0; i < 3; i++) await stepped.step();
  expect(stepped.rounds).toHaveLength(3);
});

test("steps asked for at once follow each other", async () => {
  const run = open().search(randomSearch(), problem);
  const rounds = await Promise.all([run.step(), run.step(), run.step()]);
  expect(rounds.map(({ index }) => index)).toEqual([1, 2, 3]);
  expect(run.rounds).toHaveLength(3);
});

test("a search ends with its last affordable round, not with a step that finds nothing to do", async () => {
  const run = open().search(randomSearch(), problem);
  await run.step(4);
  expect(run.state).toBe("finished");
  expect(run.reason).toBe("The budget of 128 NFE is used up.");
  await expect(run.step()).rejects.toThrow(
    "The search has finished, there is no further round. The budget of 128 NFE is used up.",
  );
  expect((await run.run()).rounds).toHaveLength(4);
});

test("what the budget no longer pays for leaves no trace but a notice", async () => {
  const run = await open()
    .search(zeroOrderSearch(), { ...problem, budget: { nfe: 44 } })
    .run();
  expect(run.candidates.map(({ id }) => id)).toEqual(["r0-c0", "r1-c0", "r1-c1", "r1-c2", "r1-c3", "r2-c0"]);
  expect(run.notices).toEqual([
    "Round 2 has 1 of 4 candidates. The budget of 44 NFE is used up: 32 are spent, and one more candidate costs 8.",
  ]);
  expect(run.ledger.nfe).toBe(40);
});

test("limits in verifier calls and rounds end it just as well", async () => {
  const calls = await open()
    .search(randomSearch(), { ...problem, budget: { verifierCalls: 6 } })
    .run();
  expect(calls.ledger).toMatchObject({ nfe: 48, verifierCalls: { brightness: 6, contrast: 6 } });
  expect(calls.reason).toBe("The budget of 6 verifier calls is used up.");
  const rounds = await open()
    .search(randomSearch(), { ...problem, budget: { rounds: 2 } })
    .run();
  expect(rounds.rounds).toHaveLength(2);
  expect(rounds.reason).toBe("The budget of 2 rounds is used up.");
});

test("a limit in seconds cuts off what runs, and bills it", async () => {
  let time = 0;
  const alarms: { at: number; callback: () => void }[] = [];
  const clock = {
    now: () => time,
    after(milliseconds: number, callback: () => void) {
      alarms.push({ at: time + milliseconds, callback });
      return () => undefined;
    },
  };
  const count = counted();
  count.before = () => {
    time += 100;
    for (const { at, callback } of alarms) if (at <= time) callback();
  };
  const session = open({ wrap: count.wrap }, { clock });
  const run = await session.search(randomSearch(), { ...problem, budget: { seconds: 2 } }).run();
  // 8 calls of 100 ms a round: the third round is cut off in its fourth call.
  expect(run.reason).toBe("The budget of 2 seconds is used up.");
  expect(run.state).toBe("finished");
  expect(count.calls).toBe(20);
  expectBalanced(run.record(), count);
});

test("pause halts a search that runs before its next operation, and it goes on to the same record", async () => {
  const whole = await open().search(zeroOrderSearch(), problem).run();
  const count = counted();
  const run = open({ wrap: count.wrap }).search(zeroOrderSearch(), problem);
  count.before = (calls) => {
    if (calls % 3 === 0) run.pause();
  };
  let pauses = 0;
  while ((await run.run()).state === "paused") pauses++;
  expect(pauses).toBeGreaterThan(3);
  expect(JSON.stringify(run.record())).toBe(JSON.stringify(whole.record()));
});

test("a paused search says so, and a step then ends its round", async () => {
  const count = counted();
  const run = open({ wrap: count.wrap }).search(randomSearch(), problem);
  count.before = () => run.pause();
  await run.run();
  expect(run.state).toBe("paused");
  expect(run.rounds).toHaveLength(0);
  expect((await run.step()).index).toBe(1);
});

test("pause lets a step end its round and drops the steps behind it", async () => {
  const run = open().search(randomSearch(), problem);
  const first = run.step(3);
  const second = run.step();
  run.pause();
  await expect(first).rejects.toThrow("paused before this step");
  await expect(second).rejects.toThrow("paused before this step");
  const count = counted();
  const stepped = open({ wrap: count.wrap }).search(randomSearch(), problem);
  count.before = () => stepped.pause();
  expect((await stepped.step(3)).index).toBe(1);
});

test("a step while the search runs is refused, a second run joins the first", async () => {
  const run = open().search(randomSearch(), problem);
  const [a, b] = [run.run(), run.run()];
  await expect(run.step()).rejects.toThrow("Pause it");
  expect(await a).toBe(await b);
  expect(run.state).toBe("finished");
});

test("stop ends a search that has not begun, and one that has", async () => {
  const run = open().search(randomSearch(), problem);
  run.stop();
  expect(run.state).toBe("stopped");
  await expect(run.step()).rejects.toThrow("was stopped");
  const begun = open().search(randomSearch(), problem);
  await begun.step();
  begun.stop();
  expect(begun.record()).toMatchObject({ state: "stopped", reason: "Stopped after 1 round." });
  expect(begun.best!.status).toBe("final");
});

test("iterating makes the rounds as they are asked for, and gives those that were there", async () => {
  const run = open().search(randomSearch(), problem);
  await run.step();
  const indices: number[] = [];
  for await (const round of run) {
    indices.push(round.index);
    if (round.index === 2) break;
  }
  expect(indices).toEqual([1, 2]);
  expect(run.state).toBe("paused");
  const spent: number[] = [];
  for await (const { ledger } of run) spent.push(ledger.nfe);
  expect(spent).toEqual([32, 64, 96, 128]);
  expect(run.state).toBe("finished");
});

test("a pause ends an iteration", async () => {
  const run = open().search(randomSearch(), problem);
  let rounds = 0;
  for await (const round of run) {
    rounds++;
    if (round.index === 2) run.pause();
  }
  expect(rounds).toBe(2);
});

test("interrupt rejects at once, and the search can go on", async () => {
  let interrupt = new AbortController();
  const count = counted();
  const session = open({ wrap: count.wrap }, { ...clockOf(), signal: () => interrupt.signal });
  const run = session.search(randomSearch(), problem);
  count.before = (calls) => {
    if (calls === 10) interrupt.abort(new Error("Interrupted"));
  };
  await expect(run.run()).rejects.toThrow("Interrupted");
  await expect(run.run()).rejects.toThrow("Interrupted");
  interrupt = new AbortController();
  await run.run();
  expect(run.state).toBe("finished");
  expectBalanced(run.record(), count);
});

function clockOf(): Environment {
  return { clock: { now: () => performance.now(), after: () => () => undefined } };
}

test("candidates give image, latent and starting noise; looking is not billed to the search", async () => {
  const session = open();
  const run = await session.search(zeroOrderSearch(), { ...problem, budget: { rounds: 1 } }).run();
  const before = JSON.stringify(run.record());
  const best = run.best!;
  expect(await best.image()).toMatchObject({ width: 8, height: 8, channels: 1 });
  expect((await best.latent()).shape).toEqual([1, 8, 8]);
  const pivot = run.candidate("r0-c0");
  expect(pivot.level).toBe(1);
  expect((await pivot.latent()).data).toEqual((await pivot.noise()).data);
  expect((await best.noise()).data).not.toEqual((await pivot.noise()).data);
  await pivot.image();
  expect(session.ledger.decodes).toBe(5);
  expect(JSON.stringify(run.record())).toBe(before);
  expect(() => run.candidate("r9-c9")).toThrow('The search has no candidate "r9-c9"');
});

test("a verifier whose lower scores are better is searched downwards", async () => {
  const dark = verifier("dark", ({ rgb }) => rgb[0]!.reduce((a, b) => a + b, 0), { direction: "lower" });
  for (const algorithm of [randomSearch(), zeroOrderSearch({ elitist: "keep" })]) {
    const run = await open()
      .search(algorithm, { ...problem, verifier: dark })
      .run();
    const scores = run.candidates.flatMap((candidate) => candidate.scores["dark"] ?? []);
    expect(run.best!.scores["dark"]).toBe(Math.min(...scores));
  }
});

test("an algorithm that throws ends the search as failed, and says it with its own error", async () => {
  const broken = defineAlgorithm("broken", function* (ops) {
    yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 2 })));
    throw new TypeError("my own mistake");
  });
  const count = counted();
  const run = open({ wrap: count.wrap }).search(broken(), problem);
  await expect(run.run()).rejects.toThrow(TypeError);
  expect(run.record()).toMatchObject({ state: "failed", reason: "my own mistake" });
  expectBalanced(run.record(), count);
  await expect(run.step()).rejects.toThrow("my own mistake");
});

test.each([
  [
    "yields something else",
    function* () {
      yield 42 as never;
    },
    "yielded 42, which is no operation",
  ],
  [
    "forgets the star",
    function* (ops: any) {
      yield ops.noise({ count: 1 });
    },
    "Write yield* ops.… (with the star)",
  ],
  [
    "never denoises",
    function* (ops: any) {
      for (;;) yield* ops.noise();
    },
    "10000 operations without",
  ],
  [
    "ends empty rounds for ever",
    function* (ops: any) {
      for (;;) yield* ops.endRound();
    },
    "10000 operations without",
  ],
  [
    "scores noise",
    function* (ops: any) {
      yield* ops.score(yield* ops.noise({ count: 1 }));
    },
    "r1-c0 is at level 1",
  ],
  ["is no generator", (() => undefined) as any, "is no generator"],
])("an algorithm that %s is told so", async (_, body, message) => {
  const session = open();
  await expect(async () => session.search(defineAlgorithm("mine", body)(), problem).run()).rejects.toThrow(
    message,
  );
});
