import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { UsageError } from "../../src/cli/command.js";
import { parametersInBase64, parametersInFile, parametersInYaml } from "../../src/cli/run/givenParameters.js";

const folder = mkdtempSync(join(tmpdir(), "dnb-given-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test("values keep their types, in YAML, JSON and base64", async () => {
  const yaml =
    "steps: 8\nname: 2024-01-31\nsizes: [1, 2.5]\non: true\nnone: null\n'yes': yes\n__proto__: {a: 1}\n";
  const expected = [
    ["steps", { value: 8 }],
    ["name", { value: "2024-01-31" }],
    ["sizes", { value: [1, 2.5] }],
    ["on", { value: true }],
    ["none", { value: null }],
    ["yes", { value: "yes" }],
    ["__proto__", { value: { a: 1 } }],
  ];
  expect(await parametersInYaml(yaml)).toEqual(expected);
  expect(await parametersInFile(put("a.yaml", yaml))).toEqual(expected);
  expect(await parametersInBase64(Buffer.from(yaml).toString("base64"))).toEqual(expected);
  expect(await parametersInFile(put("a.json", '{"steps": 8}'))).toEqual([["steps", { value: 8 }]]);
  expect(await parametersInYaml("# nothing but a comment")).toEqual([]);
});

const bomb = Array.from({ length: 9 }, (_, i) => `a${i}: &a${i} [${i ? `*a${i - 1},`.repeat(9) : "1"}]`);

test.each([
  ["cut off", "a: [", "--parameters-yaml: "],
  ["a list", "[1]", "--parameters-yaml: expected values by their names"],
  ["a text", "text", "--parameters-yaml: expected values by their names"],
  ["not a number", "steps: .nan", "--parameters-yaml: steps is no JSON value"],
  ["endless", "a: {b: [1, -.inf]}", "--parameters-yaml: a is no JSON value"],
  ["twice the same", "{steps: 1, steps: 2}", "Map keys must be unique"],
  ["a bomb of aliases", bomb.join("\n"), "Excessive alias count"],
  ["nested without end", `a: ${"[".repeat(5000)}`, "--parameters-yaml: "],
])("YAML that is %s is wrong usage", async (_, yaml, message) => {
  const refused = parametersInYaml(yaml);
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow(message);
});

test("a JSON file is JSON, and a file that is not there is named", async () => {
  const file = put("b.json", "steps: 8");
  await expect(parametersInFile(file)).rejects.toThrow(`--parameters-file ${file}: Unexpected token`);
  await expect(parametersInFile(join(folder, "no.yaml"))).rejects.toThrow("no.yaml: ENOENT");
});
