import { expect, test } from "vitest";
import { Vocabulary, wordsOf } from "../../../../src/search/onnx/text/vocabulary.js";

const file = { words: ["apple", "cat", "face", "red"], concepts: [{ words: [3, 0] }, { words: [1, 2] }] };
const ANYTHING = "the picture is of anything, and what scores against the prompt has nothing to go by.";
const vocabulary = Vocabulary.parse(file, "vocabulary.json", 2, { label: 1, concept: 0.5 }, 4);

test("words are split as in training: no case, accents, apostrophes or small words", () => {
  expect(wordsOf("A Piñata, with the man’s SHOE")).toEqual(["pinata", "mans", "shoe"]);
  expect(wordsOf("яблоко 苹果")).toEqual(["яблоко", "苹果"]);
  expect(wordsOf("")).toEqual([]);
});

test("a class is its own token and its words; without own tokens the words alone", () => {
  expect(vocabulary.bag({ label: 0 }, true)).toEqual({ tokens: [5, 4, 1, 0], weights: [0.5, 1, 1, 0] });
  expect(vocabulary.bag({ label: 1 }, false)).toEqual({ tokens: [2, 3, 0, 0], weights: [1, 1, 0, 0] });
  expect(vocabulary.size).toBe(7);
});

test("a prompt is its known words, each once; nothing known is the null bag", () => {
  expect(vocabulary.bag({ prompt: "Red red CAT" }, true)).toEqual({
    tokens: [4, 2, 0, 0],
    weights: [1, 1, 0, 0],
  });
  expect(vocabulary.bag({ prompt: "quux" }, true)).toEqual(vocabulary.bag({}, true));
  expect(vocabulary.bag({}, true)).toEqual({ tokens: [0, 0, 0, 0], weights: [0, 0, 0, 0] });
});

test("what a prompt loses is said, with words that are near", () => {
  expect(vocabulary.remarks({ prompt: "red aple" })).toEqual([
    'The prompt has words that the model does not know: "aple". Near ones: apple.',
  ]);
  expect(vocabulary.remarks({ prompt: "", negative: "cat" })).toEqual([`The prompt is empty: ${ANYTHING}`]);
  expect(vocabulary.remarks({ prompt: "苹果" })).toEqual([
    'The prompt has words that the model does not know: "苹果".',
    `The prompt "苹果" has no word that the model knows: ${ANYTHING}`,
  ]);
  expect(vocabulary.remarks({ prompt: "cat", negative: "\u0000\u0007" })).toEqual([
    'The negative prompt "\\u0000\\u0007" has no word that the model knows: it is as if there were none.',
  ]);
  expect(vocabulary.remarks({ label: 0 })).toEqual([]);
  const long = Array.from({ length: 1000 }, (_, i) => `word${i}`).join(" ");
  expect(vocabulary.remarks({ prompt: long })[0]).toContain("and 992 more");
});

test.each([
  ["Devanagari", "सेब", ["सेब"]],
  ["Arabic with vowel signs", "تُفَّاحَة حمراء", ["تُفَّاحَة", "حمراء"]],
  ["Hebrew", "תפוח אדום", ["תפוח", "אדום"]],
  ["kana with sound marks", "りんご", ["りんご"]],
  ["Hangul", "빨간 사과", ["빨간", "사과"]],
  ["Latin with accents", "pomme brûlée", ["pomme", "brûlée"]],
  ["an emoji of no class", "cat 🪼", ["🪼"]],
])("unknown words of %s are named as they are written", (_, prompt, words) => {
  const named = words.map((word) => JSON.stringify(word)).join(", ");
  expect(vocabulary.remarks({ prompt })[0]).toBe(
    `The prompt has words that the model does not know: ${named}.`,
  );
});

test("a text of any length is answered at once, and cut between characters", () => {
  const [unknown, none] = vocabulary.remarks({ prompt: "x".repeat(1_000_000) });
  expect(unknown!.length + none!.length).toBeLessThan(500);
  expect(vocabulary.remarks({ prompt: `,${"🪼".repeat(50)}` }).at(-1)).toContain(`",${"🪼".repeat(39)}…"`);
});

test("an emoji is the words of its class", () => {
  const concepts = [
    { words: [3, 0], emoji: "🍎" },
    { words: [1, 2], emoji: "🐱" },
    { words: [0], emoji: "(.+)+🍏" },
  ];
  const drawn = Vocabulary.parse({ ...file, concepts }, "vocabulary.json", 3, { label: 1, concept: 0.5 }, 4);
  expect(drawn.bag({ prompt: "🍎" }, true)).toEqual(drawn.bag({ prompt: "red apple" }, true));
  expect(drawn.bag({ prompt: "🐱\ufe0fred" }, false)).toEqual(drawn.bag({ prompt: "cat face red" }, false));
  expect(drawn.remarks({ prompt: "🍎" })).toEqual([]);
  expect(drawn.remarks({ prompt: "red 🍏" })).toEqual([
    'The prompt has words that the model does not know: "🍏".',
  ]);
});

test("a vocabulary of another model is refused by file and field", () => {
  expect(() => Vocabulary.parse(file, "vocabulary.json", 3, { label: 1, concept: 1 }, 4)).toThrow(
    "vocabulary.json: concepts has 2 entries, but the model has 3 labels.",
  );
  const bad = { words: ["apple"], concepts: [{ words: [1] }] };
  expect(() => Vocabulary.parse(bad, "vocabulary.json", 1, { label: 1, concept: 1 }, 4)).toThrow(
    "concepts[0].words[0]",
  );
});
