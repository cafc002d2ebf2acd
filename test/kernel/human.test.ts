import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MIME, type PeopleState, type SearchAction, type WireItem } from "../../src/kernel/protocol.js";
import { parsePicks, recordedPicks } from "../../src/kernel/protocol/recordedPicks.js";
import type { PickRecord, QuestionRecord, SearchOutput } from "../../src/search/record.js";
import { TestKernel, type Ran } from "./startKernel.js";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
  await kernel.shows(
    "import { openSession, randomSearch, human } from 'dnb'; const session = await openSession('fashion')",
  );
}, 60_000);
afterAll(() => kernel.close());

const SOURCE = `const run = session.search(randomSearch({ candidates: 6, perRound: 3 }),
  { condition: 'Sneaker', seed: 5, steps: 2, verifier: human("which one?"), heldOut: ['judge'], budget: { nfe: 64 } });
await run.run();
run`;
const asks: PeopleState = { canAsk: true, picks: {} };

const jsonOf = (items: readonly WireItem[]): SearchOutput =>
  (items.find(({ mime }) => mime === MIME.search) as { json: SearchOutput }).json;
const outputOf = ({ outputs }: Ran): SearchOutput => jsonOf(outputs.at(-1)!);
const act = (run: string, action: SearchAction): Promise<unknown> =>
  kernel.client.request({ type: "search", notebook: kernel.notebook, run, action });

/** The question that a view hears of after `from` events, as soon as there is one. */
async function question(from: number): Promise<QuestionRecord & { readonly run: string }> {
  for (;;) {
    const heads = kernel.events
      .slice(from)
      .flatMap((event) => (event.type === "delta" ? [{ run: event.delta.run, ...event.delta.head }] : []));
    const last = heads.at(-1);
    if (last?.state === "waiting" && last.question) return { run: last.run, ...last.question };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("human() in a cell", () => {
  let picked: SearchOutput;

  it("comes into sight by itself, waits for the view's picks, and is shown once", async () => {
    let from = kernel.events.length;
    const ran = kernel.run(SOURCE, { people: asks });
    const first = await question(from);
    expect(kernel.events.slice(from).some(({ type }) => type === "display")).toBe(true);
    expect(first).toMatchObject({ number: 1, text: "which one?", round: 1 });
    from = kernel.events.length;
    await act(first.run, { kind: "pick", question: 1, order: [[first.candidates[2]!]], dropped: [] });
    const second = await question(from);
    expect(second.candidates).toHaveLength(4);
    const refused = act(second.run, { kind: "pick", question: 1, order: [["r1-c0"]], dropped: [] });
    await expect(refused).rejects.toThrow(/not open any more/);
    await act(second.run, { kind: "pick", question: 2, order: [["r2-c1"], ["r2-c0"]], dropped: ["r2-c2"] });
    const { result, events } = await ran;
    expect(result.outcome).toBe("ok");
    expect(events.filter(({ type }) => type === "display")).toHaveLength(1);
    picked = outputOf(await ran);
    expect(picked.record).toMatchObject({ state: "finished", best: "r2-c1" });
    expect(picked.record.picks).toHaveLength(2);
    expect(picked.record.spent.verifierCalls["human"]).toBe(6);
  });

  it("runs again from the picks in its output, without asking, to the same bytes", async () => {
    const saved = [{ mime: MIME.search, text: () => JSON.stringify(picked) }];
    for (const canAsk of [true, false]) {
      const ran = await kernel.run(SOURCE, { people: { canAsk, picks: recordedPicks(saved) } });
      expect(ran.result.outcome).toBe("ok");
      expect(JSON.stringify(outputOf(ran))).toBe(JSON.stringify(picked));
    }
  });

  it("fails where nobody is there, and says how to give the picks", async () => {
    const ran = await kernel.run(SOURCE);
    expect(ran.result.error).toMatchObject({
      name: "InputError",
      message: expect.stringMatching(/there is nobody here\. Open the notebook in VS Code/),
    });
  });

  it("ends its wait on Interrupt, and can be run again", async () => {
    const from = kernel.events.length;
    const ran = kernel.run(SOURCE, { people: asks });
    await question(from);
    const started = performance.now();
    await kernel.client.request({ type: "interrupt", notebook: kernel.notebook });
    const { result } = await ran;
    expect(result.outcome).toBe("interrupted");
    expect(performance.now() - started).toBeLessThan(1500);
    expect(await kernel.shows("run.state")).toBe("'paused'");
  });
});

describe("picks in saved outputs", () => {
  const pick: PickRecord = {
    ...{ verifier: "human", round: 1, candidates: ["a", "b"] },
    ...{ order: [["b"]], dropped: [] },
  };
  const item = (record: unknown, mime: string = MIME.search) => ({
    mime,
    text: () => JSON.stringify({ record }),
  });

  it("are found by run, in search outputs alone", () => {
    const items = [
      item({ id: "s1", picks: [pick] }),
      item({ id: "s2" }),
      item({ id: "s3", picks: [pick] }, "x/y"),
    ];
    expect(recordedPicks(items)).toEqual({ s1: [pick] });
  });

  it.each([
    ["no list", { picks: "picks" }],
    ["a stranger", [{ ...pick, order: [["c"]] }]],
    ["names that are none", [{ ...pick, candidates: [1, 2] }]],
    ["no groups", [{ ...pick, order: ["b"] }]],
    ["nothing", [null]],
  ])("that are damaged are left out: %s", (_, picks) => {
    expect(parsePicks(picks)).toEqual([]);
    expect(recordedPicks([item({ id: "s1", picks })])).toEqual({});
    expect(recordedPicks([{ mime: MIME.search, text: () => '{"picks"' }])).toEqual({});
  });
});
