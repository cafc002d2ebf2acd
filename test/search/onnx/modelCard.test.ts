import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseModelCard } from "../../../src/search/onnx/modelCard.js";
import { fashionFolder } from "../helpers/fashion.js";

const HASH = "0".repeat(64);

function card(): Record<string, any> {
  return {
    format: 1,
    ...{ name: "m", version: "1", title: "t", licence: "MIT", prediction: "flow", parameters: 3 },
    image: [1, 4, 4],
    range: [-1, 1],
    labels: ["a", "b"],
    defaults: { solver: "euler", steps: 8, guidance: 2 },
    denoiser: { file: "d.onnx", sha256: HASH, bytes: 10, nullLabel: 2 },
    verifiers: [
      {
        ...{ name: "c", role: "searched", kind: "classifier", needsCondition: true, direction: "higher" },
        ...{ file: "c.onnx", sha256: HASH, bytes: 10, measured: { testAccuracy: 0.9 } },
      },
    ],
    measured: { anything: [1] },
  };
}

test("the embedded model's card is read", async () => {
  const parsed = parseModelCard(JSON.parse(await readFile(join(fashionFolder, "model.json"), "utf8")));
  expect(parsed).toMatchObject({ name: "fashion", image: [1, 28, 28], licence: "MIT" });
  expect(parsed.labels).toHaveLength(10);
  expect(parsed.verifiers.map(({ name, role }) => [name, role])).toEqual([
    ["classifier", "searched"],
    ["judge", "held-out"],
  ]);
});

test.each<[string, (card: Record<string, any>) => unknown, string]>([
  ["no object", () => [], "model.json: it is an array, but must be an object."],
  ["a newer format", (c) => (c["format"] = 2), "model.json: format is 2, but this version reads format 1."],
  ["no name", (c) => delete c["name"], "model.json: name is missing."],
  ["an empty name", (c) => (c["name"] = ""), 'model.json: name is "", but must be a text that is not empty.'],
  [
    "a wrong image",
    (c) => (c["image"] = [1, 4]),
    "model.json: image must be [channels, height, width] with 1 or 3 channels.",
  ],
  [
    "a wrong side",
    (c) => (c["image"][2] = "4"),
    'model.json: image[2] is "4", but must be a number from 1 to 4096.',
  ],
  ["another range", (c) => (c["range"] = [0, 1]), "model.json: range must be [-1, 1]."],
  ["another prediction", (c) => (c["prediction"] = "v"), 'model.json: prediction is "v". There is: flow.'],
  ["a label twice", (c) => (c["labels"] = ["a", "a"]), 'model.json: labels has "a" twice.'],
  [
    "an unknown solver",
    (c) => (c["defaults"].solver = "ddim"),
    'model.json: defaults.solver is "ddim". There is: euler, heun.',
  ],
  [
    "0 steps",
    (c) => (c["defaults"].steps = 0),
    "model.json: defaults.steps is 0, but must be a number from 1 to 10000.",
  ],
  ["no hash", (c) => delete c["denoiser"].sha256, "model.json: denoiser.sha256 is missing."],
  [
    "a short hash",
    (c) => (c["verifiers"][0].sha256 = "abc"),
    "model.json: verifiers[0].sha256 must be 64 lower-case hex digits.",
  ],
  [
    "half a byte",
    (c) => (c["denoiser"].bytes = 1.5),
    "model.json: denoiser.bytes is 1.5, but must be a whole number.",
  ],
  [
    "a wrong flag",
    (c) => (c["verifiers"][0].needsCondition = "yes"),
    'model.json: verifiers[0].needsCondition is "yes", but must be true or false.',
  ],
  ["a verifier twice", (c) => c["verifiers"].push(c["verifiers"][0]), 'model.json: verifiers has "c" twice.'],
])("a card with %s is refused with the path of the field", (_, change, message) => {
  const value = card();
  const replaced = change(value);
  const input = Array.isArray(replaced) && replaced.length === 0 ? replaced : value;
  expect(() => parseModelCard(input)).toThrow(message);
});
