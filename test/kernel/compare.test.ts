import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MIME, type WireItem } from "../../src/kernel/protocol.js";
import type { ReportRecord } from "../../src/search/reportRecord.js";
import { TestKernel } from "./startKernel.js";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
  await kernel.shows(
    "import { compare, frechetDistance, imageDistances, openSession, randomSearch, zeroOrderSearch } from 'dnb'; const session = await openSession('fashion')",
  );
}, 60_000);
afterAll(() => kernel.close());

const REQUEST = `{
  session,
  algorithms: { random: randomSearch(), "zero-order": zeroOrderSearch({ neighbours: 2 }) },
  problems: ["Bag", "Dress"].map((condition) => ({ condition, steps: 2, verifier: "classifier", heldOut: ["judge"] })),
  seeds: [1, 2], budgets: [4, 8], resamples: 1000,
}`;
const textOf = (items: readonly WireItem[] | undefined, mime: string): string => {
  const item = items?.find((one) => one.mime === mime);
  return item && "text" in item ? item.text : "";
};

describe("compare in a cell", () => {
  it("shows its progress with the time left, then the report as data, picture and table", async () => {
    const ran = await kernel.run(`await compare(${REQUEST})`);
    expect(ran.result).toMatchObject({ outcome: "ok" });
    const [progress, report] = ran.outputs;
    expect(textOf(progress, MIME.plain)).toMatch(/^Comparing █+ 36 of 36/);
    expect(report!.map(({ mime }) => mime)).toEqual([MIME.report, MIME.svg, MIME.plain]);
    const { json } = report![0] as { json: ReportRecord };
    expect(json.rows.filter(({ algorithm }) => algorithm === "zero-order")).toHaveLength(4);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    const picture = textOf(report, MIME.svg);
    expect(picture).toMatch(/^<svg [^]*<\/svg>$/);
    // Each curve has its name beside the panels, once, on a line of its own.
    const names = [
      ...picture.matchAll(
        /translate\([\d.]+,([\d.]+)\)" aria-label="text"><g[^>]*><text[^>]*>([^<]+)<\/text>/g,
      ),
    ];
    expect(names.map(([, , name]) => name)).toEqual(["more steps", "random", "zero-order"]);
    expect(names.map(([, y]) => Number(y))).toEqual([8, 24, 40]);
    const table = textOf(report, MIME.plain);
    expect(table).toMatch(
      /^Comparison: 1 algorithm beside the baselines, 2 problems, 2 seeds, searched with classifier/,
    );
    expect(table).toMatch(/^more steps .* \+?-?[\d.]+ \(no interval\)/m);
    expect(table).toContain("Too few for an interval");
    const seen = ran.events.flatMap((event) =>
      event.type === "display" || event.type === "update" ? textOf(event.items, MIME.plain) : [],
    );
    expect(seen.some((text) => /\d+ of 36.* left, /.test(text))).toBe(true);
  }, 60_000);

  it("is ended by Interrupt, and goes on where it stopped", async () => {
    const bigger = REQUEST.replace("[4, 8]", "[16, 32]").replace("[1, 2]", "[5, 6]");
    const before = kernel.events.length;
    const running = kernel.run(`const report = await compare(${bigger})`);
    const hasBegun = () =>
      kernel.events
        .slice(before)
        .some((event) => event.type === "update" && / [1-9]\d* of \d+/.test(textOf(event.items, MIME.plain)));
    while (!hasBegun()) await new Promise((resolve) => setTimeout(resolve, 20));
    await kernel.client.request({ type: "interrupt", notebook: kernel.notebook });
    const { result } = await running;
    expect(result).toMatchObject({ outcome: "interrupted" });
    const paid = Number(await kernel.shows("session.ledger.nfe"));
    expect(paid).toBeGreaterThan(0);
    expect((await kernel.run(`const whole = await compare(${bigger})`)).result.outcome).toBe("ok");
    const total = Number(await kernel.shows("session.ledger.nfe"));
    const again = await kernel.run(`await compare(${bigger}); session.ledger.nfe - ${total}`);
    expect(textOf(again.outputs.at(-1), MIME.plain)).toBe("0");
    const rows = Number(await kernel.shows("whole.rows.length"));
    expect(rows).toBeGreaterThan(10);
  }, 120_000);
});

describe("distances between sets of images", () => {
  it("are measured in the session's feature network, with the number of images", async () => {
    await kernel.run(
      "const sets = []; for (const condition of ['Bag', 'Sneaker']) sets.push(await session.sample({ condition, steps: 2, seeds: Array.from({ length: 24 }, (_, i) => i) }))",
    );
    const [far, near] = JSON.parse(
      (await kernel.shows(
        "JSON.stringify([await imageDistances(sets[0], sets[1]), await imageDistances(sets[0].images.slice(0, 12), sets[0].images.slice(12))])",
      ))!.slice(1, -1),
    );
    expect(far).toMatchObject({ images: [24, 24], dimension: 10, network: "logits of classifier" });
    expect(far.frechet).toBeGreaterThan(near.frechet);
    expect(far.kernel).toBeGreaterThan(near.kernel);
    const one = await kernel.run(
      "for (let i = 0; i < 2; i++) await frechetDistance(sets[0], sets[1], 'judge')",
    );
    expect(
      one.stderr.match(/Fréchet distance of 24 and 24 images, in the 10 dimensions of logits of judge/g),
    ).toHaveLength(1);
    expect(Number(await kernel.shows("await frechetDistance(sets[0], sets[1], 'judge')"))).toBeGreaterThan(0);
  });

  it("are refused below the minimum, with the reason, and the kernel distance stands in", async () => {
    const few = await kernel.run("await frechetDistance(sets[0].images.slice(0, 10), sets[1])");
    expect(few.result.error).toMatchObject({
      name: "InputError",
      message: expect.stringMatching(
        /needs at least 11 images in each set, .*the first set has 10\. .*Between these it is [\d.]+, in logits of classifier/,
      ),
    });
    const both = await kernel.shows("await imageDistances(sets[0].images.slice(0, 10), sets[1])");
    expect(both).toMatch(/refused: .*needs at least 11 images/s);
    expect(both).toMatch(/kernel: [\d.]+/);
    const other = await kernel.run("await frechetDistance(sets[0], [sets[0].images[0].resize(14, 14)])");
    expect(other.result.error?.message).toMatch(
      /takes images of 28 x 28 with 1 channel\(s\), but one is 14 x 14/,
    );
    const none = await kernel.run("await frechetDistance(sets[0], sets[1], 'sharpness')");
    expect(none.result.outcome).toBe("error");
  });
});
