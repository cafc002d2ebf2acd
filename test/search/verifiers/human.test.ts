import { describe, expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  human,
  randomSearch,
  Session,
  zeroOrderSearch,
  type Environment,
  type PickRecord,
  type SearchRecord,
  type SearchRun,
} from "../../../src/search/index.js";
import { ladderScores } from "../../../src/search/verifiers/ladder.js";
import { expectBalanced } from "../helpers/costs.js";

const problem = {
  condition: "bright",
  verifier: human("which is brightest?"),
  heldOut: ["contrast"],
  seed: 3,
  budget: { nfe: 128 },
};
const open = (people?: Environment["people"]): Session => {
  let time = 0;
  const clock = { now: () => (time += 1), after: () => () => undefined };
  return new Session(analyticEngine({}), { clock, ...(people ? { people } : {}) });
};
const until = async (condition: () => unknown): Promise<void> => {
  for (let i = 0; i < 1000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(condition()).toBeTruthy();
};
/** Answers each question with what `choose` says, until the run has come to rest. */
async function answered(
  run: SearchRun,
  choose: (candidates: readonly string[]) => string,
): Promise<SearchRecord> {
  let resting = false;
  const end = run.run().finally(() => (resting = true));
  while (!resting) {
    const { question } = run;
    if (question) run.pick({ question: question.number, order: [[choose(question.candidates)]] });
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await end;
  return run.record();
}

describe("a person as the searched verifier", () => {
  test("the run waits, shows the round's candidates in an order of its own, and goes on with the pick", async () => {
    const session = open();
    const run = session.search(randomSearch({ perRound: 4 }), problem);
    const step = run.step();
    await until(() => run.state === "waiting");
    const question = run.question!;
    expect(question).toMatchObject({ number: 1, verifier: "human", text: "which is brightest?", round: 1 });
    expect([...question.candidates].sort()).toEqual(["r1-c0", "r1-c1", "r1-c2", "r1-c3"]);
    expect(run.record()).toMatchObject({ state: "waiting", question });
    expect(run.candidates.every(({ decoded, scores }) => decoded && !("human" in scores))).toBe(true);
    run.pick({ question: 1, order: [["r1-c2"]] });
    await step;
    expect(run.state).toBe("paused");
    expect(run.best!.id).toBe("r1-c2");
    expect(run.candidates.map(({ scores }) => scores["human"])).toEqual([0, 0, 1, 0]);
    expect(run.record().picks).toEqual([
      { verifier: "human", round: 1, candidates: question.candidates, order: [["r1-c2"]], dropped: [] },
    ]);
    expect(run.record().question).toBeUndefined();
    expect(run.ledger.verifierCalls).toEqual({ human: 4, contrast: 4 });
    expectBalanced(run.record());
  });

  test("the order is another than that of creation, and the same for the same seed", async () => {
    const orders: string[] = [];
    for (const seed of [3, 3, 4]) {
      const run = open().search(randomSearch({ perRound: 8 }), { ...problem, seed });
      void run.step().catch(() => undefined);
      await until(() => run.question);
      orders.push(run.question!.candidates.join());
      run.stop();
    }
    expect(orders[0]).toBe(orders[1]);
    expect(orders[0]).not.toBe(orders[2]);
    expect(orders[0]).not.toBe(orders[0]!.split(",").sort().join());
  });

  test("later rounds are measured by the best so far: it leads until another is picked over it", async () => {
    const run = open().search(randomSearch({ perRound: 2 }), problem);
    const seen: string[][] = [];
    const wanted = ["r1-c1", "r1-c1", "r3-c0"];
    const end = run.step(3);
    for (const id of wanted) {
      await until(() => run.question?.number === seen.length + 1);
      seen.push([...run.question!.candidates].sort());
      run.pick({ question: run.question!.number, order: [[id]] });
    }
    await end;
    expect(seen).toEqual([
      ["r1-c0", "r1-c1"],
      ["r1-c1", "r2-c0", "r2-c1"],
      ["r1-c1", "r3-c0", "r3-c1"],
    ]);
    expect(run.rounds.map(({ best }) => best?.id)).toEqual(wanted);
    expect(run.candidates.map(({ scores }) => scores["human"])).toEqual([0, 1, 0, 0, 2, 1]);
  });

  test("who is dropped is out of the search and has no score; a ranking orders the others", async () => {
    const run = open().search(randomSearch({ perRound: 4 }), problem);
    const step = run.step();
    await until(() => run.question);
    run.pick({ question: 1, order: [["r1-c3"], ["r1-c0"]], dropped: ["r1-c1"] });
    await step;
    expect(run.candidates.map(({ scores }) => scores["human"])).toEqual([1, undefined, 0, 2]);
    expect(run.candidates.map(({ status }) => status)[1]).toBe("dropped");
    expect(run.notices).toEqual([]);
    expectBalanced(run.record());
  });

  test.each([
    [{ question: 1, order: [["r9-c9"]] }, /r9-c9 is not among those/],
    [{ question: 1, order: [["r1-c0"], ["r1-c0"]] }, /stands twice/],
    [{ question: 1, order: [] }, /Nothing is picked/],
    [{ question: 2, order: [["r1-c0"]] }, /Question 2 is not open any more: the search asks question 1/],
  ])("what is no answer is refused, and the search still waits: %j", async (pick, message) => {
    const run = open().search(randomSearch(), problem);
    void run.step().catch(() => undefined);
    await until(() => run.question);
    expect(() => run.pick(pick)).toThrow(message);
    expect(run.state).toBe("waiting");
    run.stop();
    expect(() => run.pick({ question: 1, order: [["r1-c0"]] })).toThrow(/waits for no pick/);
  });

  test("pause takes the question back, and who goes on is asked the same; stop ends the search", async () => {
    const run = open().search(randomSearch(), problem);
    const step = run.step();
    await until(() => run.question);
    const { candidates } = run.question!;
    run.pause();
    await expect(step).rejects.toThrow("The search was paused while it waited for a pick.");
    expect(run.state).toBe("paused");
    const end = run.run();
    await until(() => run.question);
    expect(run.question!.candidates).toEqual(candidates);
    run.stop();
    await end;
    expect(run).toMatchObject({ state: "stopped", reason: "Stopped in round 1." });
    expect(run.question).toBeUndefined();
  });

  test("Interrupt ends the wait at once", async () => {
    const controller = new AbortController();
    const session = new Session(analyticEngine({}), {
      clock: { now: () => 0, after: () => () => undefined },
      signal: () => controller.signal,
    });
    const run = session.search(randomSearch(), problem);
    const end = run.run();
    await until(() => run.question);
    controller.abort(new Error("Interrupted."));
    await expect(end).rejects.toThrow("Interrupted.");
    await until(() => run.state === "paused");
    expect(run.question).toBeUndefined();
  });

  test("a person's time is not the search's", async () => {
    let now = 0;
    const clock = { now: () => now, after: () => () => undefined };
    const session = new Session(analyticEngine({}), { clock });
    const run = session.search(randomSearch(), problem);
    const step = run.step();
    await until(() => run.question);
    now += 60_000;
    expect(run.milliseconds).toBe(0);
    run.pick({ question: 1, order: [["r1-c0"]] });
    await step;
    expect(run.milliseconds).toBe(0);
  });
});

describe("recorded picks", () => {
  const first = (candidates: readonly string[]): string => [...candidates].sort()[0]!;

  test("answer again without asking: the same bytes, and nothing is billed for the person", async () => {
    const record = await answered(open().search(zeroOrderSearch(), problem), first);
    expect(record.picks).toHaveLength(record.rounds.length);
    const recorded = (): readonly PickRecord[] => record.picks!;
    const again = open({ recorded, show: () => expect.unreachable() }).search(zeroOrderSearch(), problem);
    await again.run();
    expect(JSON.stringify(again.record())).toBe(JSON.stringify(record));
    expect(again.ledger.verifierCalls["human"] ?? 0).toBe(0);
  });

  test("those of another round or of other candidates are no answers", async () => {
    const pick = { verifier: "human", round: 1, candidates: ["r1-c0"], order: [["r1-c0"]], dropped: [] };
    let shown = 0;
    const people = { recorded: () => [pick], show: () => (shown++, true) };
    const run = open(people).search(randomSearch(), problem);
    void run.step().catch(() => undefined);
    await until(() => run.question);
    expect(shown).toBe(1);
    run.stop();
  });

  test("where nobody is there, the error says how to give them", async () => {
    const people = { recorded: () => [], show: () => false };
    const run = open(people).search(randomSearch(), problem);
    await expect(run.run()).rejects.toThrow(
      /human\(\) asks a person to pick among 4 candidates of round 1 \(“which is brightest\?”\), and there is nobody here\. Open the notebook in VS Code/,
    );
  });

  test("a record with picks is verified without a person", async () => {
    const session = open();
    const run = session.search(randomSearch({ candidates: 8 }), problem);
    await answered(run, first);
    const verification = await session.verify(run.record());
    expect(verification).toMatchObject({ most: 0, mismatches: [] });
  });
});

test("held out, a person judges those that the search has scored, and decides nothing", async () => {
  const run = open().search(randomSearch({ perRound: 3 }), {
    ...problem,
    verifier: "brightness",
    heldOut: [human()],
  });
  const step = run.step();
  await until(() => run.question);
  const worst = run.candidates.reduce((a, b) => (b.scores["brightness"]! < a.scores["brightness"]! ? b : a));
  run.pick({ question: 1, order: [[worst.id]], dropped: [run.best!.id] });
  await step;
  expect(run.candidate(worst.id).scores["human"]).toBe(1);
  expect(run.best!.scores["human"]).toBeUndefined();
  expect(run.best!.status).not.toBe("dropped");
  expect(run.ledger.verifierCalls["human"]).toBe(3);
});

test("a fork shares the picks of its beginning and asks anew after it", async () => {
  const run = open().search(zeroOrderSearch({ neighbours: 2 }), problem);
  let step = run.step();
  await until(() => run.question);
  run.pick({ question: 1, order: [["r1-c0"]] });
  await step;
  const fork = run.fork("r1-c1");
  step = fork.step(2);
  await until(() => fork.question);
  expect(fork.record().picks).toEqual(run.record().picks);
  expect(fork.question!.number).toBe(2);
  fork.pick({ question: 2, order: [["r2-c1"]] });
  await step;
  expect(fork.best!.id).toBe("r2-c1");
  expect(fork.ledger.verifierCalls["human"]).toBe(2);
});

test("session.score says that a person judges searches; the question must be one", async () => {
  await expect(open().score([], [human()])).rejects.toThrow(/judges the candidates of a search/);
  expect(() => human("  ")).toThrow(/takes a question/);
});

describe("the ladder", () => {
  const pick = (order: string[][], dropped: string[] = []): PickRecord => ({
    ...{ verifier: "human", round: 2, candidates: ["a", "b", "c", "d"] },
    ...{ order, dropped },
  });
  test("without an anchor the last group stands at 0", () => {
    expect(Object.fromEntries(ladderScores(pick([["c"], ["a"]]), undefined))).toEqual({
      c: 2,
      a: 1,
      b: 0,
      d: 0,
    });
    expect(Object.fromEntries(ladderScores(pick([["a", "b", "c", "d"]]), undefined))).toEqual({
      a: 0,
      b: 0,
      c: 0,
      d: 0,
    });
  });
  test("the anchor keeps its height, wherever it lands; dropped, it is below all", () => {
    const anchor = { id: "a", score: 5 };
    expect(Object.fromEntries(ladderScores(pick([["b"]]), anchor))).toEqual({ b: 6, a: 5, c: 5, d: 5 });
    expect(Object.fromEntries(ladderScores(pick([["a"]]), anchor))).toEqual({ a: 5, b: 4, c: 4, d: 4 });
    expect(Object.fromEntries(ladderScores(pick([["b"]], ["a"]), anchor))).toEqual({
      b: 7,
      c: 6,
      d: 6,
      a: 5,
    });
    expect(Object.fromEntries(ladderScores(pick([], ["a", "b", "c", "d"]), anchor))).toEqual({ a: 5 });
  });
});
