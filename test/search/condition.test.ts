import { expect, test } from "vitest";
import { parseCondition, type Conditioning } from "../../src/search/condition.js";
import { conditionName } from "../../src/search/engine/tensorId.js";

const classes: Conditioning = { labels: ["Coat", "Ankle boot"], textConditioned: false };
const text: Conditioning = { textConditioned: true };
const both: Conditioning = { labels: ["Coat"], styles: ["Flat", "3D"], textConditioned: true };
const none: Conditioning = { textConditioned: false };

test.each([
  ["a class by name", "ankle BOOT", classes, { name: "Ankle boot", condition: { label: 1 } }],
  ["a class as an object", { label: " coat" }, classes, { name: "Coat", condition: { label: 0 } }],
  ["a prompt by itself", "a cat", text, { name: "a cat", condition: { prompt: "a cat" } }],
  ["the empty prompt", "", text, { name: "", condition: { prompt: "" } }],
  [
    "a prompt and what it should not show",
    { prompt: "a cat", negative: "blurry" },
    text,
    { name: { prompt: "a cat", negative: "blurry" }, condition: { prompt: "a cat", negative: "blurry" } },
  ],
  ["a class's name where prompts are taken too", "coat", both, { name: "Coat", condition: { label: 0 } }],
  [
    "a prompt that is a class's name",
    { prompt: "coat" },
    both,
    { name: { prompt: "coat" }, condition: { prompt: "coat" } },
  ],
  [
    "a label with a style",
    { style: "3d", label: "coat" },
    both,
    { name: { label: "Coat", style: "3D" }, condition: { label: 0, style: 1 } },
  ],
] as const)("%s is parsed, and its name parses to the same", (_, value, model, expected) => {
  expect(parseCondition(value, model)).toEqual(expected);
  expect(parseCondition(expected.name, model)).toEqual(expected);
});

test("no condition is none, and so is one without a part", () => {
  expect(parseCondition(undefined, none)).toBeUndefined();
  expect(parseCondition({}, classes)).toBeUndefined();
  expect(parseCondition({ label: undefined }, text)).toBeUndefined();
});

test.each([
  ["Cot", classes, 'The model has no label "Cot". Did you mean "Coat"? There is: Coat, Ankle boot.'],
  [{ label: 2 }, classes, "condition: label is 2, but must be the name of a class."],
  [
    { prompt: "a cat" },
    classes,
    "The model takes no prompts, but condition has a prompt. Name a class. There is: Coat, Ankle boot.",
  ],
  [{ prompt: 7 }, text, "condition: prompt is 7, but must be a text."],
  [{ label: "Coat" }, text, 'The model has no labels, but was given "Coat". Give a prompt.'],
  [{ label: "Coat", style: "flt" }, both, 'The model has no style "flt". Did you mean "Flat"?'],
  [{ label: "Coat", style: "flat" }, classes, 'The model has no styles, but was given "flat".'],
  [{ negative: "blurry" }, text, "condition has only a negative prompt"],
  [{ lable: "Coat" }, classes, 'condition has no "lable". It has: label, prompt, negative, style.'],
  [7, classes, "condition is 7, but must be an object."],
  ["Coat", none, 'The model takes no condition, but was given "Coat".'],
])("the condition %o is refused", (value, model, message) => {
  const attempt = (): unknown => parseCondition(value, model);
  expect(attempt).toThrow(message);
  expect(attempt).toThrow(expect.objectContaining({ name: "InputError" }));
});

test("of a thousand classes a message names fifty, and the nearest", () => {
  const labels = Array.from({ length: 1000 }, (_, i) => `thing ${i}`);
  expect(() => parseCondition("thing 999x", { labels, textConditioned: false })).toThrow(
    /Did you mean "thing 999"\? There is: thing 0, .*, thing 49 and 950 more\.$/,
  );
});

test("conditions have the same name when and only when they say the same", () => {
  const conditions = [
    undefined,
    { label: 0 },
    { label: 1 },
    { prompt: "0" },
    { prompt: "a", negative: "b" },
    { prompt: "b", negative: "a" },
    { label: 0, style: 1 },
    { label: 0, guidance: 2 },
  ];
  expect(new Set(conditions.map(conditionName)).size).toBe(conditions.length);
  expect(conditionName({ negative: "b", prompt: "a" })).toBe(conditionName({ prompt: "a", negative: "b" }));
});
