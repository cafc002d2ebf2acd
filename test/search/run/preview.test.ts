import { describe, expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { feynmanKac, randomSearch, searchOverPaths, Session } from "../../../src/search/index.js";

const problem = { condition: "bright", verifier: "brightness", seed: 3, steps: 8, budget: { nfe: 400 } };
const bytes = async (image: Promise<{ readonly data: Uint8Array }>): Promise<string> =>
  Buffer.from((await image).data).toString("hex");

describe("a preview on the way", () => {
  test("at level 0 it is the image; further up it comes nearer to it level by level", async () => {
    const run = new Session(analyticEngine({})).search(randomSearch({ candidates: 1 }), problem);
    await run.run();
    const [candidate] = run.candidates;
    const final = (await candidate!.image()).data;
    expect(await bytes(run.preview("r1-c0", 0))).toBe(Buffer.from(final).toString("hex"));
    const distances: number[] = [];
    for (const level of [1, 0.75, 0.5, 0.25, 0.125]) {
      const { data } = await run.preview("r1-c0", level);
      distances.push(data.reduce((sum, value, i) => sum + Math.abs(value - final[i]!), 0));
    }
    expect(distances).toEqual([...distances].sort((a, b) => b - a));
    expect(distances[0]).toBeGreaterThan(0);
  });

  test("its cost is the session's, never the search's, and the record stays", async () => {
    const session = new Session(analyticEngine({}));
    const run = session.search(randomSearch({ candidates: 2 }), problem);
    await run.run();
    const [record, spent, ledger] = [JSON.stringify(run.record()), run.ledger, session.ledger.nfe];
    await run.preview("r1-c0", 0.5);
    expect(run.ledger).toEqual(spent);
    expect(JSON.stringify(run.record())).toBe(record);
    // Four steps to level 0.5, and the evaluation there.
    expect(session.ledger.nfe - ledger).toBe(5);
    await run.preview("r1-c0", 0.5);
    expect(session.ledger.nfe - ledger).toBe(5);
  });

  test("of a path that was renoised it is the latest passage; before that, its ancestor's", async () => {
    const run = new Session(analyticEngine({})).search(searchOverPaths({ paths: 2, width: 2 }), problem);
    await run.run();
    const last = run.candidates.at(-1)!;
    const parent = run.candidate(last.parents[0]!);
    expect(await bytes(run.preview(last.id, 1))).toBe(await bytes(run.preview(parent.id, 1)));
    const { from } = last.toJSON();
    expect(from).toBeGreaterThan(parent.level);
    expect(await bytes(run.preview(last.id, from))).not.toBe(await bytes(run.preview(parent.id, from)));
  });

  test("a stochastic path is known at its ends only; levels that it did not pass are refused", async () => {
    const run = new Session(analyticEngine({})).search(
      feynmanKac({ particles: 4, temperature: 0.1 }),
      problem,
    );
    await run.run();
    const id = run.best!.id;
    expect(await bytes(run.preview(id, 0))).toBe(await bytes(run.best!.image()));
    await expect(run.preview(id, 0.43)).rejects.toThrow(/is not known at level 0\.43/);
    await expect(run.preview(id, 2)).rejects.toThrow(/is not from 0 to 1/);
    await expect(run.preview("r9-c9", 0)).rejects.toThrow(/no candidate/);
  });
});
