import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openModel } from "../../../src/search/onnx/openModel.js";
import {
  randomSearch,
  selfSupervised,
  Session,
  zeroOrderSearch,
  type Images,
} from "../../../src/search/index.js";

const folder = "media/models/emoji";
let session: Session;

const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0) / Math.hypot(...a) / Math.hypot(...b);

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
    const { every, seed, top1, solver, steps, guidance, styled, ...said } = card.measured.drawn;
    expect({ solver, steps, guidance }).toEqual(card.defaults);
    const labels = session.model.labels!;
    const styles = session.model.styles!;
    const totals: Record<string, number> = {};
    const found = { top1: 0, style: 0 };
    let named = 0;
    const things = labels.filter((_, k) => k % every === 0);
    const vector = async (images: Images, network: string) =>
      (await session.features(images, network))!.vectors[0]!;
    const largest = (values: ArrayLike<number>) =>
      Array.from(values).indexOf(Math.max(...Array.from(values)));
    const plain: Float32Array[] = [];
    const other: Float32Array[] = [];
    for (const [k, label] of things.entries()) {
      const { images } = await session.sample({ condition: { label }, seeds: [seed] });
      named += Number(labels[largest(await vector(images, "judge-concept"))] === label);
      plain.push(await vector(images, "features"));
      const condition = { label, style: styles[k % styles.length]! };
      const inStyle = (await session.sample({ condition, seeds: [styled.seed] })).images;
      found.top1 += Number(largest(await vector(inStyle, "style")) === k % styles.length) / things.length;
      found.style += (await session.score(inStyle, ["style"], condition))["style"]![0]! / things.length;
      other.push(await vector(inStyle, "features"));
      for (const [name, [score]] of Object.entries(await session.score(images, Object.keys(said), { label })))
        totals[name] = (totals[name] ?? 0) + score! / things.length;
    }
    // Processors round otherwise; a network that is another one is off by far more.
    expect(Math.abs(named / things.length - top1)).toBeLessThan(0.06);
    expect(Math.abs(found.top1 - styled.top1)).toBeLessThan(0.06);
    expect(Math.abs(found.style - styled.style)).toBeLessThan(0.02);
    const same = other.filter((one, k) => largest(plain.map((each) => cosine(one, each))) === k).length;
    expect(Math.abs(same / things.length - styled.neighbour)).toBeLessThan(0.06);
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

  const anything = "the picture is of anything";
  const known = JSON.parse(readFileSync(`${folder}/vocabulary.json`, "utf8")).words as string[];
  test.each<[string, string, readonly string[]]>([
    ["nothing", "", ["The prompt is empty", anything]],
    ["blanks", " \t\n ", ["The prompt is empty", anything]],
    ["a word with a slip", "red appple", ['does not know: "appple". Near ones: apple.']],
    ["no known word", "xyzzy", ['does not know: "xyzzy"', anything]],
    ["one word 1,000 times", "apple ".repeat(1000), []],
    ["1,000 known words", known.slice(0, 1000).join(" "), ["1000 words, and the model takes 24"]],
    ["1,000 other ones", Array.from({ length: 1000 }, (_, i) => `w${i}`).join(" "), ["992 more", anything]],
    ["a word of a million letters", "a".repeat(1e6), ["a…", anything]],
    ["Chinese", "红苹果", ['"红苹果"', anything]],
    ["Cyrillic and English", "яблоко apple", ['"яблоко"']],
    ["Arabic, from right to left", "تُفَّاحَة", ['"تُفَّاحَة"', anything]],
    ["Devanagari", "सेब", ['"सेब"', anything]],
    ["marks without letters", "\u0301\u0327\u20e3", [anything]],
    ["letters under 200 marks", `apple${"\u0336".repeat(200)}`, []],
    ["control characters", "\u0000\u0007\u001b[31m\u202e", [anything]],
    ["half a character", "\ud83c", [anything]],
    ["an emoji of the model", "🍎", []],
    ["another emoji", "🪼", ['does not know: "🪼"', anything]],
    ["a tag", "<script>", ['does not know: "script"', anything]],
  ])("a prompt of %s is answered, and what the model makes of it is said", async (_, prompt, said) => {
    const problem = { condition: { prompt }, verifier: "alignment", seed: 1, budget: { nfe: 1 }, steps: 1 };
    const run = await session.search(randomSearch(), problem).run();
    expect(run.candidates.map(({ status }) => status)).not.toContain("failed");
    const notices = run.notices.filter((notice) => notice.includes("prompt"));
    expect(notices.join(" ").length).toBeLessThan(600);
    if (said.length === 0) expect(notices).toEqual([]);
    for (const part of said) expect(notices.join(" ")).toContain(part);
  });

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

  test("a negative guidance is refused; 0 is the unconditional picture, and said", async () => {
    const asked = { seeds: [1], steps: 2 };
    await expect(session.sample({ ...asked, condition: "house", guidance: -1 })).rejects.toThrow("guidance");
    const of = async (more: object) => (await session.sample({ ...asked, ...more })).images[0]!.data;
    expect(await of({ condition: "house", guidance: 0 })).toEqual(await of({}));
    expect(await of({ condition: "house", guidance: 1 })).not.toEqual(await of({}));
    const problem = { condition: "house", verifier: "alignment", budget: { nfe: 1 }, steps: 1, guidance: 0 };
    const run = await session.search(randomSearch(), problem).run();
    expect(run.notices).toContain(
      "guidance is 0: only the unconditional pass counts, so the picture does not depend on the condition.",
    );
  }, 30_000);

  test("a negative prompt that would do nothing is refused", async () => {
    const condition = { prompt: "cat", negative: "face" };
    await expect(session.sample({ condition, seeds: [1] })).rejects.toThrow(
      "The condition has a negative prompt, but guidance is 1, which is off",
    );
  });
});
