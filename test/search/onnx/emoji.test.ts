import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openModel } from "../../../src/search/onnx/openModel.js";
import { randomSearch, selfSupervised, Session, zeroOrderSearch } from "../../../src/search/index.js";

const folder = "media/models/emoji";
let session: Session;

beforeAll(async () => {
  session = new Session(await openModel(folder));
}, 30_000);
afterAll(() => session.dispose());

describe("the embedded text- and style-conditional model", () => {
  test("opens with its classes, nine styles and its verifiers", () => {
    expect(session.model.labels).toHaveLength(602);
    expect(session.model.styles).toHaveLength(9);
    expect(session.model.textConditioned).toBe(true);
    expect(session.model.verifiers).toEqual([
      ...["concept", "style", "alignment", "features"],
      ...["judge-concept", "judge-alignment", "judge-foreign"],
    ]);
  });

  test("what it draws is what it was asked for, by judges that it was not searched with", async () => {
    const asked = ["red apple", "rocket", "grinning face", "cactus"];
    for (const label of asked) {
      const condition = { label, style: "noto" };
      const { images } = await session.sample({ condition, seeds: [1, 2], steps: 8, guidance: 2.5 });
      const scores = await session.score(images, ["judge-concept", "judge-foreign", "style"], condition);
      const strange = { label: "house", style: "streamline" };
      const other = await session.score(images, ["judge-concept", "judge-foreign", "style"], strange);
      for (const name of ["judge-concept", "judge-foreign", "style"])
        expect(Math.min(...scores[name]!), `${name} of ${label}`).toBeGreaterThan(Math.max(...other[name]!));
    }
  }, 60_000);

  test("the card says what its networks find in what it draws", async () => {
    const card = JSON.parse(readFileSync(`${folder}/model.json`, "utf8"));
    const { every, seed, top1, solver, steps, guidance, ...said } = card.measured.drawn;
    expect({ solver, steps, guidance }).toEqual(card.defaults);
    const labels = session.model.labels!;
    const totals: Record<string, number> = {};
    let named = 0;
    const things = labels.filter((_, k) => k % every === 0);
    for (const label of things) {
      const { images } = await session.sample({ condition: { label }, seeds: [seed] });
      const logits = (await session.features(images, "judge-concept"))!.vectors[0]!;
      named += Number(labels[logits.indexOf(Math.max(...logits))] === label);
      for (const [name, [score]] of Object.entries(await session.score(images, Object.keys(said), { label })))
        totals[name] = (totals[name] ?? 0) + score! / things.length;
    }
    // Processors round otherwise; a network that is another one is off by far more.
    expect(Math.abs(named / things.length - top1)).toBeLessThan(0.06);
    for (const [name, mean] of Object.entries(said))
      expect(Math.abs(totals[name]! - (mean as number)), name).toBeLessThan(0.02);
  }, 60_000);

  test("batches of 1, 3 and 8 give the same pictures and scores, bit for bit", async () => {
    const runs = [];
    for (const batch of [1, 3, 8]) {
      const one = new Session(await openModel(folder, { batch }));
      const run = await one
        .search(randomSearch({ candidates: 8, perRound: 8 }), {
          ...{
            condition: { prompt: "red car", style: "3d" },
            verifier: "alignment",
            heldOut: ["judge-alignment"],
          },
          ...{ seed: 5, budget: {}, steps: 2, guidance: 2.5 },
        })
        .run();
      runs.push(JSON.stringify(run.record()));
      await one.dispose();
    }
    expect(runs[1]).toBe(runs[0]);
    expect(runs[2]).toBe(runs[0]);
  }, 60_000);

  test("a search bills guided steps as two forwards, and replays to the same record", async () => {
    const problem = {
      ...{ condition: { label: "blue heart" }, verifier: "concept", heldOut: ["judge-concept"] },
      ...{ seed: 3, budget: { rounds: 2 }, steps: 2, guidance: 2.5 },
    };
    const run = await session.search(zeroOrderSearch({ neighbours: 2 }), problem).run();
    const { spent } = run.record();
    expect(spent.forwards).toBe(2 * spent.nfe);
    expect(await session.verify(run)).toMatchObject({ most: 0, mismatches: [] });
  }, 60_000);

  test.each<[string, unknown, RegExp]>([
    ["unknown style", { label: "house", style: "bold" }, /The model has no style "bold".*noto/],
    [
      "no class for a classifier",
      { prompt: "hous" },
      /"hous" is none\. Did you mean "house"\? Any prompt can be/,
    ],
    ["no style for the style verifier", { label: "house" }, /Verifier style scores against a style/],
  ])("%s is said before anything runs", (what, condition, message) => {
    const verifier = what.includes("style verifier") ? "style" : "concept";
    const problem = {
      condition: condition as string,
      verifier,
      heldOut: ["judge-foreign"],
      seed: 1,
      budget: { nfe: 8 },
    };
    expect(() => session.search(randomSearch(), problem)).toThrow(message);
  });

  test.each(["", "   ", "苹果 яблоко", "xyzzy", "apple ".repeat(1000), "<script>"])(
    "the prompt %j is answered",
    async (prompt) => {
      const { images } = await session.sample({ condition: { prompt }, seeds: [1], steps: 1, guidance: 0 });
      expect(images).toHaveLength(1);
    },
    30_000,
  );

  test("a run says which words of its prompt the model does not know", async () => {
    const problem = {
      condition: { prompt: "red appple" },
      verifier: "alignment",
      seed: 1,
      budget: { nfe: 1 },
      steps: 1,
    };
    const run = await session.search(randomSearch(), problem).run();
    expect(run.notices.join(" ")).toContain('does not know: "appple". Near ones: apple.');
  }, 30_000);

  test("features without a score are refused before anything is spent, and serve a self-supervised search", async () => {
    const problem = { condition: "house", seed: 1, budget: { nfe: 8 }, steps: 4 };
    expect(() => session.search(randomSearch(), { ...problem, verifier: "features" })).toThrow(
      'Verifier features gives features and no score. Search with selfSupervised({ features: "features" })',
    );
    const verifier = selfSupervised({ features: "features" });
    const run = await session.search(randomSearch(), { ...problem, verifier }).run();
    expect(run.candidates.map(({ status }) => status)).not.toContain("failed");
    expect(run.best!.scores["self-supervised"]).toBeGreaterThan(0.5);
  }, 30_000);

  test("a negative guidance is refused, and 0 and 1 are not", async () => {
    const condition = "house";
    await expect(session.sample({ condition, seeds: [1], steps: 1, guidance: -1 })).rejects.toThrow(
      "guidance",
    );
    for (const guidance of [0, 1]) await session.sample({ condition, seeds: [1], steps: 1, guidance });
  }, 30_000);
});
