import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClientEvent } from "../../src/kernel/client/kernelClient.js";
import { MIME, type SearchAction, type WireItem } from "../../src/kernel/protocol.js";
import type { SearchDelta, SearchOutput } from "../../src/search/record.js";
import { TestKernel, type Ran } from "./startKernel.js";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
  await kernel.shows(
    "import { openSession, randomSearch, zeroOrderSearch, verifier } from 'dnb'; const session = await openSession('fashion')",
  );
}, 30_000);
afterAll(() => kernel.close());

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
const PROBLEM =
  "{ condition: 'Sneaker', seed: 5, steps: 4, verifier: 'classifier', heldOut: ['judge'], budget: { nfe: 64 } }";

const jsonOf = (items: readonly WireItem[] | undefined): SearchOutput => {
  const item = items?.find(({ mime }) => mime === MIME.search);
  return (item as { json: SearchOutput }).json;
};
const outputOf = ({ outputs }: Ran): SearchOutput => jsonOf(outputs.at(-1));
const act = (run: string, action: SearchAction): Promise<unknown> =>
  kernel.client.request({ type: "search", notebook: kernel.notebook, run, action });
const updatesOf = (run: string): SearchOutput[] =>
  kernel.events.flatMap((event) =>
    event.type === "update" && event.display === run ? [jsonOf(event.items)] : [],
  );

/** What a view that follows all deltas knows. */
function follow(
  events: readonly ClientEvent[],
  run: string,
): { rounds: number; candidates: Set<string>; deltas: SearchDelta[] } {
  const deltas = events.flatMap((event) =>
    event.type === "delta" && event.delta.run === run ? [event.delta] : [],
  );
  return {
    deltas,
    rounds: new Set(deltas.flatMap((delta) => delta.rounds.map(({ index }) => index))).size,
    candidates: new Set(deltas.flatMap((delta) => delta.candidates.map(({ id }) => id))),
  };
}

describe("a session", () => {
  it("samples, and shows the samples as pictures with their seeds", async () => {
    const ran = await kernel.run("await session.sample({ condition: 'Dress', seeds: [1, 2, 3n], steps: 4 })");
    expect(ran.result.outcome).toBe("ok");
    expect(ran.outputs[0]?.map(({ mime }) => mime)).toEqual([MIME.samples, MIME.png, MIME.plain]);
    const [shown] = ran.outputs[0]!;
    expect(shown && "json" in shown && shown.json).toMatchObject({
      ...{ version: 1, count: 3, size: [28, 28], seeds: ["1", "2", "3"] },
      atlas: [{ ids: ["0", "1", "2"], tile: [28, 28], png: expect.stringMatching(/^iVBORw0KGgo/) }],
    });
  });

  it("opened again is the resident one", async () => {
    const started = performance.now();
    expect(await kernel.shows("(await openSession('fashion')).model.name")).toBe("'fashion'");
    expect(performance.now() - started).toBeLessThan(200);
  });

  it.each([
    ["a model", "await openSession('nope')", /There is no model "nope"\. Embedded models: .*fashion/],
    ["a folder", "await openSession('./nope')", /There is no model folder .*nope/],
    ["a label", "await session.sample({ condition: 'Spaceship', seeds: [1] })", /Spaceship.*T-shirt/s],
    ["an option", "await openSession('fashion', { device: 'abacus' as any })", /device.*auto.*cpu/s],
  ])("that cannot be had says what there is: %s", async (_, source, message) => {
    const { result } = await kernel.run(source);
    expect(result.error).toMatchObject({
      name: "InputError",
      message: expect.stringMatching(message),
      line: 1,
    });
  });
});

describe("a search in a cell", () => {
  it("shows its view, a picture and a table, brought up to date at the end of the cell", async () => {
    const ran = await kernel.run(
      `const run = session.search(randomSearch({ candidates: 6, perRound: 3 }), ${PROBLEM}); await run.run(); run`,
    );
    expect(ran.result.outcome).toBe("ok");
    expect(ran.outputs).toHaveLength(1);
    expect(ran.outputs[0]?.map(({ mime }) => mime)).toEqual([MIME.search, MIME.png, MIME.plain]);
    const { record, atlas } = outputOf(ran);
    expect(record).toMatchObject({ state: "finished", algorithm: { name: "random" } });
    expect(record.candidates).toHaveLength(6);
    expect(atlas.flatMap(({ ids }) => ids)).toEqual(record.candidates.map(({ id }) => id));
    const text = (ran.outputs[0]?.[2] as { text: string }).text;
    expect(text).toMatch(
      /algorithm +random[^]*candidates +6, 6 scored[^]*24 NFE[^]*classifier[^]*searched[^]*judge[^]*held-out/,
    );
  });

  it("has the same name and the same bytes when its cell runs again, and another elsewhere", async () => {
    const source = `const again = session.search(randomSearch({ candidates: 2 }), ${PROBLEM}); await again.run(); again`;
    const first = outputOf(await kernel.run(source, { number: 21 }));
    const second = outputOf(await kernel.run(source, { number: 21 }));
    const elsewhere = outputOf(await kernel.run(source, { number: 22 }));
    expect(second).toEqual(first);
    expect(elsewhere.record.id).toBe(`${first.record.id}-2`);
  });

  it("tells its view of each change, in order, at most ten times a second", async () => {
    const started = performance.now();
    const ran = await kernel.run(
      `const told = session.search(zeroOrderSearch({ neighbours: 3 }), ${PROBLEM.replace("seed: 5", "seed: 6")}); import { display } from 'dnb'; display(told); for await (const round of told) console.log(round.index)`,
      { number: 23 },
    );
    const seconds = (performance.now() - started) / 1000;
    await sleep(250);
    const { record } = outputOf(ran);
    const events = kernel.events.slice(kernel.events.indexOf(ran.events[0] as ClientEvent));
    const { deltas, rounds, candidates } = follow(events, record.id);
    expect(deltas.map(({ sequence }) => sequence)).toEqual(deltas.map((_, index) => index + 1));
    expect(rounds).toBe(record.rounds.length);
    expect(candidates.size).toBe(record.candidates.length);
    expect(deltas.length).toBeLessThanOrEqual(seconds * 10 + 2);
    expect(ran.stdout.trim().split("\n")).toEqual(record.rounds.map(({ index }) => String(index)));
  });

  it("runs what a cell defines", async () => {
    const ran = await kernel.run(
      `import { defineAlgorithm } from 'dnb';
const twice = defineAlgorithm('twice', function* (ops) { for (let i = 0; i < 2; i++) { const n = yield* ops.noise({ count: 2 }); yield* ops.score(yield* ops.denoise(n)); yield* ops.endRound() } });
const own = session.search(twice(), { ...${PROBLEM}, verifier: verifier('bright', ({ data }) => { console.log('scored'); return data.reduce((a, b) => a + b, 0) / data.length }) }); await own.run(); own`,
      { number: 24 },
    );
    expect(ran.result.error).toBeUndefined();
    expect(outputOf(ran).record).toMatchObject({ state: "finished", algorithm: { name: "twice" } });
    expect(ran.stdout.match(/scored/g)).toHaveLength(4);
  });
});

describe("a search from outside", () => {
  it("advances exactly one round by Step, and brings the cell's output up to date", async () => {
    const ran = await kernel.run(
      `const stepped = session.search(randomSearch({ candidates: 8, perRound: 2 }), ${PROBLEM.replace("seed: 5", "seed: 7")}); stepped`,
      { number: 31 },
    );
    const { id, rounds } = outputOf(ran).record;
    expect(rounds).toHaveLength(0);
    await act(id, { kind: "step", rounds: 1 });
    const latest = updatesOf(id).at(-1);
    expect(latest?.record.rounds).toHaveLength(1);
    expect(latest?.record.candidates).toHaveLength(2);
    expect(latest?.atlas.flatMap((chunk) => chunk.ids)).toHaveLength(2);
    expect(await kernel.shows("stepped.rounds.length")).toBe("1");
    const snapshot = await kernel.client.request({ type: "snapshot", notebook: kernel.notebook, run: id });
    expect(snapshot.output).toEqual(latest);
    expect(snapshot.status.live).toBe(true);
    await act(id, { kind: "step", rounds: 2 });
    expect(updatesOf(id).at(-1)?.record.rounds).toHaveLength(3);
    await act(id, { kind: "run" });
    expect(updatesOf(id).at(-1)?.record).toMatchObject({ state: "finished" });
    await expect(act(id, { kind: "step", rounds: 1 })).rejects.toThrow(/has finished/);
  });

  it("is paused, goes on, and is stopped", async () => {
    const ran = await kernel.run(
      `const long = session.search(randomSearch({ candidates: 4000, perRound: 2 }), ${PROBLEM.replace("nfe: 64", "nfe: 100000")}); long`,
      { number: 32 },
    );
    const { id } = outputOf(ran).record;
    const running = act(id, { kind: "run" });
    await sleep(400);
    const pinged = performance.now();
    await kernel.client.request({ type: "ping" });
    expect(performance.now() - pinged).toBeLessThan(100);
    await act(id, { kind: "pause" });
    await running;
    const paused = updatesOf(id).at(-1)?.record;
    expect(paused?.state).toBe("paused");
    const again = act(id, { kind: "run" });
    await sleep(300);
    await act(id, { kind: "stop" });
    await again;
    const stopped = updatesOf(id).at(-1)?.record;
    expect(stopped?.state).toBe("stopped");
    expect(stopped?.candidates.length).toBeGreaterThan(paused?.candidates.length ?? 0);
    const sum = stopped?.candidates.reduce((total, { cost }) => total + cost.nfe, 0);
    expect(sum).toBe(stopped?.spent.nfe);
  });

  it("is interrupted when no cell runs", async () => {
    const ran = await kernel.run(
      `const idle = session.search(randomSearch({ candidates: 4000, perRound: 2 }), ${PROBLEM.replace("nfe: 64", "nfe: 100001")}); idle`,
      { number: 33 },
    );
    const { id } = outputOf(ran).record;
    const running = act(id, { kind: "run" });
    await sleep(300);
    await kernel.client.request({ type: "interrupt", notebook: kernel.notebook });
    await running;
    expect(updatesOf(id).at(-1)?.record.state).toBe("paused");
  });
});

describe("interrupt and restart", () => {
  it("stop a cell in the middle of a search and keep the variables and what was found", async () => {
    const running = kernel.run(
      `const mid = session.search(randomSearch({ candidates: 4000, perRound: 4 }), ${PROBLEM.replace("nfe: 64", "nfe: 100002")}); import { display } from 'dnb'; display(mid); await mid.run()`,
      { number: 41 },
    );
    await sleep(700);
    for (let i = 0; i < 5; i++) {
      const pinged = performance.now();
      await kernel.client.request({ type: "ping" });
      expect(performance.now() - pinged).toBeLessThan(100);
      await sleep(50);
    }
    const asked = performance.now();
    await kernel.client.request({ type: "interrupt", notebook: kernel.notebook });
    const { result } = await running;
    expect(result.outcome).toBe("interrupted");
    expect(performance.now() - asked).toBeLessThan(1500);
    await expect.poll(() => kernel.shows("mid.state")).toBe("'paused'");
    expect(Number(await kernel.shows("mid.candidates.length"))).toBeGreaterThan(0);
    expect(await kernel.shows("(await mid.step()).index > 0")).toBe("true");
  });

  it("keep the models: a session after them is warm", async () => {
    await kernel.client.request({ type: "restart", notebook: kernel.notebook });
    const started = performance.now();
    expect(
      await kernel.shows(
        "import { openSession } from 'dnb'; const session = await openSession('fashion'); session.model.name",
      ),
    ).toBe("'fashion'");
    expect(performance.now() - started).toBeLessThan(400);
    await expect(
      kernel.client.request({ type: "snapshot", notebook: kernel.notebook, run: "s0" }),
    ).rejects.toThrow(/Run the cell/);
  });

  it("keep them also when a cell had to be ended by force in the middle of the model's work", async () => {
    const running = kernel.run(
      "session.sample({ seeds: Array.from({ length: 400 }, (_, i) => i) }); await 1; /^(a+)+$/.test('a'.repeat(60) + 'b')",
    );
    await sleep(300);
    await kernel.client.request({ type: "interrupt", notebook: kernel.notebook });
    expect((await running).result.error?.message).toContain("loaded models stay");
    expect(
      await kernel.shows(
        "import { openSession } from 'dnb'; (await (await openSession('fashion')).sample({ seeds: [1], steps: 2 })).images.length",
      ),
    ).toBe("1");
  });
});
