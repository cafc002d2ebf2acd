import { expect, test } from "vitest";
import { Vocabulary, wordsOf } from "../../../../src/search/onnx/text/vocabulary.js";

const file = { words: ["apple", "cat", "face", "red"], concepts: [{ words: [3, 0] }, { words: [1, 2] }] };
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
  expect(vocabulary.remarks({ prompt: "", negative: "cat" })).toEqual([
    "The prompt is empty: the picture is of anything.",
  ]);
  expect(vocabulary.remarks({ prompt: "苹果" })).toEqual([
    'The prompt has words that the model does not know: "苹果".',
    'The prompt "苹果" has no word that the model knows: the picture is of anything.',
  ]);
  expect(vocabulary.remarks({ label: 0 })).toEqual([]);
  const long = Array.from({ length: 1000 }, (_, i) => `word${i}`).join(" ");
  expect(vocabulary.remarks({ prompt: long })[0]).toContain("and 992 more");
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
