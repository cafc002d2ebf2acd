import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parseModelCard } from "../../../src/search/onnx/modelCard.js";
import { textParts } from "../../../src/search/onnx/textParts.js";

const partsOf = async (model: string): Promise<unknown> =>
  textParts(parseModelCard(JSON.parse(await readFile(`media/models/${model}/model.json`, "utf8"))));

test("the text encoders of the denoiser and of its verifiers are parts on the processor", async () => {
  const files = ["text.onnx", "alignment.text.onnx", "judge-alignment.text.onnx"];
  expect(await partsOf("emoji")).toEqual(files.map((part) => ({ part, provider: "cpu" })));
  expect(await partsOf("fashion")).toEqual([]);
});
