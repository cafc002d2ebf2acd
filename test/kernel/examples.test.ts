import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseNotebook } from "../../src/document/parseNotebook.js";
import { MIME, type WireItem } from "../../src/kernel/protocol.js";
import type { SearchRecord } from "../../src/search/record.js";
import type { ReportRecord } from "../../src/search/reportRecord.js";
import { TestKernel, type Ran } from "./startKernel.js";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
}, 60_000);
afterAll(() => kernel.close());

/** Runs an example's cells with other sizes: what a cell sets to `[...]` or a slice is set to these instead. */
async function runSmall(name: string, sizes: Readonly<Record<string, string>>): Promise<Ran[]> {
  const notebook = parseNotebook(readFileSync(`examples/${name}.dnb`, "utf8"));
  const ran: Ran[] = [];
  for (const cell of notebook.cells.filter(({ kind }) => kind === "code")) {
    const source = Object.entries(sizes).reduce((text, [constant, value]) => {
      const line = new RegExp(`^const ${constant} = .*$`, "m");
      return text.replace(line, `const ${constant} = ${value};`);
    }, cell.source.join("\n"));
    const result = await kernel.run(source);
    expect(result.result, `${name}, ${cell.id}`).toMatchObject({ outcome: "ok" });
    ran.push(result);
  }
  return ran;
}

function reportOf(ran: readonly Ran[]): ReportRecord {
  const items = ran.flatMap(({ outputs }) => outputs.flat());
  const found = items.find((item: WireItem) => item.mime === MIME.report);
  return (found as { json: ReportRecord }).json;
}

describe("the examples of comparisons, in small", () => {
  it("compare.dnb: says what each algorithm gains at each budget, and ranks them", async () => {
    const ran = await runSmall("compare", {
      conditions: '["octopus", "penguin"]',
      budgets: "[32, 64]",
      seeds: "[1]",
    });
    const { arms, rows, features } = reportOf(ran);
    // Not in the network that was searched, nor by a classifier's opinions.
    expect(features).toBe("embedding of features");
    expect(arms.filter(({ kind }) => kind === "method").map(({ name }) => name)).toEqual([
      "zero-order",
      "halving",
      "paths",
    ]);
    for (const { kind, name } of arms.filter((arm) => arm.kind !== "equal-calls")) {
      const own = rows.filter(
        ({ algorithm, verifier }) => algorithm === name && verifier === "judge-concept",
      );
      expect(own.length).toBe(kind === "one-sample" ? 1 : 2);
      for (const { nfe, budget, failures } of own) {
        expect(nfe).toBeLessThanOrEqual(budget);
        expect(failures).toBe(0);
      }
    }
    expect(ran.at(-1)!.stdout).toContain("random search");
  }, 240_000);

  it("verifier-hacking.dnb: the mistaken score rises, the held-out one and diversity fall, the flags fire, and an ensemble does better", async () => {
    const ran = await runSmall("verifier-hacking", { budgets: "[16, 64]" });
    const { rows, features } = reportOf(ran);
    expect(features).toBe("embedding of features");
    const of = (name: string, role: string) =>
      rows.filter(({ algorithm, role: own }) => algorithm === name && own === role);
    const [few, many] = of("random", "searched");
    expect(few!.gain).toBeGreaterThan(0);
    expect(many!.gain).toBeGreaterThan(few!.gain!);
    expect(of("random", "held-out")[1]!.gainHigh).toBeLessThan(0);
    expect(many!.diversity).toBeLessThan(of("one sample", "searched")[0]!.diversity!);
    expect(many!.flags).toEqual(expect.arrayContaining(["hacking", "diversity-loss"]));
    const judged = reportOf(ran.slice(-2)).rows.filter(
      ({ role, budget }) => role === "held-out" && budget === 64,
    );
    const gainBy = (name: string) => judged.find(({ algorithm }) => algorithm === name)!.gain!;
    expect(gainBy("random · ensemble")).toBeGreaterThan(gainBy("random · mistaken"));
  }, 240_000);
});

describe("the example of an algorithm of one's own", () => {
  it("own-algorithm.dnb: two rounds, then the rest by hand", async () => {
    const ran = await runSmall("own-algorithm", {});
    expect(JSON.stringify(ran[1]!.outputs)).toContain("annealed");
    expect(ran.at(-1)!.stdout).toContain("judge-concept");
  }, 60_000);
});

describe("the example of the embedded text-conditional model", () => {
  it("emoji.dnb: draws classes and prompts in colour, and searches", async () => {
    const ran = await runSmall("emoji", {});
    const [drawn, free] = ran.map(({ outputs }) => JSON.stringify(outputs));
    expect(drawn).toContain("6 images of 32 x 32, colour");
    expect(free).toContain("4 images of 32 x 32, colour");
    const items = ran.at(-1)!.outputs.flat();
    const run = items.find((item: WireItem) => item.mime === MIME.search) as {
      json: { record: SearchRecord };
    };
    const { candidates, best } = run.json.record;
    const score = (id: string) => candidates.find((one) => one.id === id)!.scores["alignment"]!;
    expect(candidates).toHaveLength(16);
    expect(score(best!)).toBeGreaterThan(score(candidates[0]!.id));
  }, 120_000);
});
