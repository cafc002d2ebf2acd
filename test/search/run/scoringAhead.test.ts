import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  breadthFirstSearch,
  defineAlgorithm,
  endpoint,
  ensemble,
  randomSearch,
  Session,
  successiveHalving,
  verifier,
  zeroOrderSearch,
  type Algorithm,
  type Handle,
  type Image,
  type SearchRecord,
  type SearchRun,
  type VerifierRef,
} from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted, type Counted } from "../helpers/counted.js";
import { failing } from "../helpers/failing.js";

const BATCH = 4;
/** Three batches, the last one not full. */
const ROUND = 10;
const problem = { condition: "bright", seed: 6, steps: 2, budget: { rounds: 2 } } as const;
const mean = ({ data }: Image): number => data.reduce((sum, value) => sum + value, 0) / data.length;

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A judge behind an address, which answers when `ready` does, or with a status. Gives how many images each request had. */
async function judgeAt(
  ready: (request: number) => Promise<number | undefined>,
): Promise<{ url: string; asked: number[] }> {
  const asked: number[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { images } = JSON.parse(Buffer.concat(parts).toString()) as { images: string[] };
      asked.push(images.length);
      void ready(asked.length).then((status = 200) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify({ scores: images.map((image) => image.length) }));
      });
    });
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/score`, asked };
}

function begin(
  algorithm: Algorithm,
  verifier: VerifierRef,
  more: { heldOut?: VerifierRef[]; count?: Counted; budget?: object } = {},
): SearchRun {
  const { count = counted(), ...changes } = more;
  const session = new Session(analyticEngine({ batch: BATCH, wrap: count.wrap }));
  return session.search(algorithm, { ...problem, verifier, ...changes });
}

/** Random search that asks for scores when all are denoised: nothing of it can be had before. */
const oneAfterTheOther = defineAlgorithm("random", function* (ops) {
  let best: readonly Handle[] = [];
  for (;;) {
    const scored = yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: ROUND })));
    best = yield* ops.keep([...best, ...scored], { best: 1 });
    yield* ops.endRound();
  }
})();
const random = randomSearch({ perRound: ROUND });

/** What a run is about, without how its algorithm was written. */
const truth = ({ candidates, rounds, spent, best, notices }: SearchRecord): unknown => ({
  ...{ candidates, rounds, spent, best, notices },
});

/** Resolves as soon as the model is called for the given time. */
function modelCall(count: Counted, number: number): Promise<void> {
  return new Promise((resolve) => {
    const { before } = count;
    count.before = (calls) => {
      if (calls + 1 >= number) resolve();
      return before(calls);
    };
  });
}

describe("a batch is scored while the next one is sampled", () => {
  test("by a function: its first answer may wait for the model to go on", async () => {
    const count = counted();
    const second = modelCall(count, 3);
    const events: string[] = [];
    const patient = verifier("patient", async (image) => {
      events.push(`score at model call ${count.calls}`);
      await second;
      return mean(image);
    });
    const run = await begin(random, patient, { count, budget: { rounds: 1 } }).run();
    expect(run.state).toBe("finished");
    expect(run.candidates).toHaveLength(ROUND);
    // Two calls a batch, and three batches: the first candidates are looked at before the last batch is there.
    expect(count.calls).toBe(6);
    expect(events[0]).toMatch(/[2-4]$/);
  });

  test("by a judge behind an address, in requests as full as it likes them", async () => {
    const count = counted();
    const third = modelCall(count, 5);
    const { url, asked } = await judgeAt(() => third.then(() => undefined));
    const judge = endpoint(url, { name: "remote", batch: 3, parallel: 1 });
    const run = await begin(random, judge, { count, budget: { rounds: 1 } }).run();
    expect(run.state).toBe("finished");
    expect(asked.reduce((sum, images) => sum + images)).toBe(ROUND);
    expect(asked.slice(0, 3)).toEqual([3, 3, 3]);
  });

  test.each([
    ["one verifier beside the model", "brightness", []],
    ["a judge that runs beside the model too", "brightness", ["contrast"]],
  ] as const)("but not by %s: it would only wait for its turn", async (_, searched, heldOut) => {
    const count = counted();
    const run = begin(random, searched, { heldOut: [...heldOut], count });
    let told = 0;
    run.onChange(() => told++);
    await run.run();
    const other = begin(oneAfterTheOther, searched, { heldOut: [...heldOut] });
    other.onChange(() => told--);
    await other.run();
    expect(told).toBe(0);
  });
});

describe("and the search is the same as without", () => {
  const spread = verifier("spread", ({ data }) => Math.max(...data) - Math.min(...data), {
    direction: "lower",
  });
  const picky = () => {
    let calls = 0;
    return verifier("picky", (image) => {
      if (++calls % 5 === 3) throw new Error("no face found");
      return calls % 7 === 0 ? NaN : mean(image);
    });
  };
  test.each<[string, () => VerifierRef, () => VerifierRef[]]>([
    ["a function", () => verifier("mine", mean), () => []],
    ["a function beside the model's own", () => "brightness", () => [spread, "contrast"]],
    ["an ensemble", () => ensemble([verifier("mine", mean), "contrast", spread]), () => ["brightness"]],
    ["one that fails now and then", picky, () => [spread]],
    ["one that is held out and fails", () => "brightness", () => [picky()]],
    ["one that looks at states", () => failing((call) => call % 3 === 1), () => [spread]],
  ])("with %s", async (_, searched, heldOut) => {
    const [ahead, after] = [
      await begin(random, searched(), { heldOut: heldOut() }).run(),
      await begin(oneAfterTheOther, searched(), { heldOut: heldOut() }).run(),
    ];
    expect(truth(ahead.record())).toEqual(truth(after.record()));
    expect(ahead.record().candidates).toHaveLength(2 * ROUND);
    expectBalanced(ahead.record());
  });

  test.each<[string, Algorithm]>([
    ["zero-order", zeroOrderSearch({ neighbours: ROUND })],
    ["halving", successiveHalving({ candidates: ROUND })],
    ["breadth-first", breadthFirstSearch({ particles: ROUND })],
  ])("%s asks a function as often as it pays for", async (_, algorithm) => {
    let calls = 0;
    const mine = verifier("mine", (image) => (calls++, mean(image)));
    const run = await begin(algorithm, mine, { budget: { nfe: 60 } }).run();
    expect(run.state).toBe("finished");
    expect(run.ledger.verifierCalls).toEqual({ mine: calls });
    expectBalanced(run.record());
  });

  test("paused while scores are under way, it waits for them, and goes on to the same end", async () => {
    let [under, calls] = [0, 0];
    const slow = () =>
      verifier("slow", async (image) => {
        [under, calls] = [under + 1, calls + 1];
        await new Promise((resolve) => setTimeout(resolve, 1));
        under--;
        return mean(image);
      });
    const whole = await begin(random, slow()).run();
    const run = begin(random, slow());
    calls = 0;
    for (let told = 0; run.state !== "finished"; told = 0) {
      const end = run.onChange(() => ++told === 2 && run.pause());
      await run.run();
      expect(under).toBe(0);
      end();
    }
    expect(run.record()).toEqual(whole.record());
    expect(calls).toBe(2 * ROUND);
  });

  test("an address that does not answer pauses it once, with the reason, and nothing is lost", async () => {
    let down = false;
    const { url, asked } = await judgeAt(async (request) => (down || request === 2 ? 503 : undefined));
    const judge = () => endpoint(url, { name: "remote", batch: 2, parallel: 1, retries: 0 });
    const run = begin(random, judge());
    await run.run();
    expect(run.state).toBe("paused");
    expect(run.reason).toContain("Verifier remote does not answer");
    expect(run.reason).toContain("503");
    expect(asked).toEqual([2, 2]);
    down = true;
    await run.run();
    expect(run.state).toBe("paused");
    down = false;
    await run.run();
    expect(run.state).toBe("finished");
    const whole = await begin(random, judge()).run();
    expect(run.record()).toEqual(whole.record());
    expect(run.ledger.verifierCalls).toEqual({ remote: 2 * ROUND });
  });
});

describe("what is cut off is billed", () => {
  test.each(["stopped while it runs", "stopped after a pause", "out of time"])("%s", async (how) => {
    let calls = 0;
    const count = counted();
    const budget = how === "out of time" ? { seconds: 0.2 } : { rounds: 2 };
    const run: SearchRun = begin(
      random,
      verifier("mine", (image) => (calls++, mean(image))),
      { count, budget },
    );
    // In the second batch, when the first has been looked at.
    count.before = async (before) => {
      if (before !== 3) return;
      while (calls < BATCH) await new Promise((resolve) => setTimeout(resolve, 1));
      if (how === "stopped while it runs") run.stop();
      if (how === "stopped after a pause") run.pause();
      if (how === "out of time") await new Promise((resolve) => setTimeout(resolve, 300));
    };
    await run.run();
    run.stop();
    const record = run.record();
    expect(record.state).toBe(how === "out of time" ? "finished" : "stopped");
    // A pause lets the second batch come to its end, and those who wait for the verifier may be looked at by then.
    expect(calls % BATCH).toBe(0);
    expect(calls).toBeLessThanOrEqual(how === "stopped after a pause" ? 2 * BATCH : BATCH);
    expect(record.spent.verifierCalls).toEqual({ mine: calls });
    expect(record.candidates.filter(({ scores }) => "mine" in scores)).toHaveLength(calls);
    expect(record.best).toBeDefined();
    expectBalanced(record, count);
  });

  test("a model that fails takes the run with it, and what was scored until then stays", async () => {
    const count = counted();
    let calls = 0;
    const run = begin(
      random,
      verifier("mine", (image) => (calls++, mean(image))),
      { count },
    );
    count.before = async (before) => {
      if (before < 3) return;
      while (calls < BATCH) await new Promise((resolve) => setTimeout(resolve, 1));
      throw new Error("out of memory");
    };
    await run.run();
    expect(run.record().candidates.filter(({ status }) => status === "failed").length).toBeGreaterThan(0);
    expect(run.ledger.verifierCalls["mine"]).toBe(calls);
    expectBalanced(run.record());
  });
});
