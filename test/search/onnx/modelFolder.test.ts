import {
  appendFile,
  cp,
  link,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ProtobufWriter } from "../../../src/search/onnx/graph/protobuf.js";
import { encodeGraph, type GraphPort } from "../../../src/search/onnx/graph/encodeGraph.js";
import { openModel } from "../../../src/search/onnx/openModel.js";
import { fashionFolder } from "../helpers/fashion.js";

let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "dnb-model-")), "fashion");
  await cp(fashionFolder, folder, { recursive: true });
});

afterEach(() => rm(dirname(folder), { recursive: true }));

async function editCard(change: (card: any) => void): Promise<void> {
  const path = join(folder, "model.json");
  const card: unknown = JSON.parse(await readFile(path, "utf8"));
  change(card);
  await writeFile(path, JSON.stringify(card));
}

test("a folder as it was published opens", async () => {
  const engine = await openModel(folder, { batch: 4, threads: 1 });
  expect(engine.model).toMatchObject({ name: "fashion", image: [1, 28, 28] });
  expect(engine.model.verifiers.map(({ name }) => name)).toEqual(["classifier", "judge"]);
  expect(engine.device).toMatchObject({ provider: "cpu", fallbackOperators: [], batch: 4, threads: 1 });
  await engine.dispose();
});

test("a missing folder, card or file is said by name", async () => {
  await expect(openModel(join(folder, "nothing"))).rejects.toThrow("There is no model folder");
  await rm(join(folder, "judge.onnx"));
  await expect(openModel(folder)).rejects.toThrow("judge.onnx is missing from the model folder");
  await rm(join(folder, "model.json"));
  await expect(openModel(folder)).rejects.toThrow("is no model folder: it has neither a model.json nor");
  await writeFile(join(folder, "model.json"), '{"format": 1,');
  await expect(openModel(folder)).rejects.toThrow("is not JSON");
});

test("a truncated file is refused by its size, a changed one by its hash, even after it was good", async () => {
  const path = join(folder, "denoiser.onnx");
  const bytes = await readFile(path);
  await (await openModel(folder)).dispose();
  await truncate(path, bytes.length - 1);
  await expect(openModel(folder)).rejects.toThrow(
    /^denoiser.onnx has \d+ bytes, but model.json says \d+: the file is truncated/,
  );
  const changed = Uint8Array.from(bytes);
  changed[changed.length >> 1]! ^= 1;
  await writeFile(path, changed);
  await expect(openModel(folder)).rejects.toThrow(
    /^denoiser.onnx has the sha256 [0-9a-f]{64}, but model.json says/,
  );
  // As if the clock of the change could not be trusted: the inode is another one.
  await writeFile(`${path}.new`, changed);
  await utimes(`${path}.new`, 1, 1);
  await rename(`${path}.new`, path);
  await expect(openModel(folder)).rejects.toThrow("denoiser.onnx has the sha256");
});

test("paths that leave the folder are refused, by name and by link", async () => {
  const outside = join(dirname(folder), "outside.onnx");
  await cp(join(folder, "denoiser.onnx"), outside);
  for (const file of [
    "../outside.onnx",
    outside,
    "sub/../../outside.onnx",
    "..\\outside.onnx",
    "C:\\outside.onnx",
    "c:outside.onnx",
    "\\\\server\\share\\outside.onnx",
    "//server/share/outside.onnx",
    "denoiser.onnx\0.txt",
  ]) {
    await editCard((card) => (card.denoiser.file = file));
    await expect(openModel(folder)).rejects.toThrow("which is outside its folder. That is refused.");
  }
  await editCard((card) => (card.denoiser.file = "link.onnx"));
  await link(outside, join(folder, "link.onnx"));
  await expect(openModel(folder)).rejects.toThrow("link.onnx in the model folder");
  await expect(openModel(folder)).rejects.toThrow("has 2 names (hard links)");
  await rm(join(folder, "link.onnx"));
  await symlink(outside, join(folder, "link.onnx"));
  await expect(openModel(folder)).rejects.toThrow("which is outside its folder. That is refused.");
});

test("a link that stays inside is followed", async () => {
  await symlink("denoiser.onnx", join(folder, "link.onnx"));
  await editCard((card) => (card.denoiser.file = "link.onnx"));
  await (await openModel(folder)).dispose();
});

test("a graph of another kind is refused with the name of the input, before it runs", async () => {
  await editCard((card) => Object.assign(card.denoiser, { file: "judge.onnx", ...pick(card.verifiers[1]) }));
  await expect(openModel(folder)).rejects.toThrow('judge.onnx has no input "t"; its inputs are: x.');
  await cp(join(fashionFolder, "model.json"), join(folder, "model.json"));
  await editCard((card) => card.labels.pop());
  await expect(openModel(folder)).rejects.toThrow(
    'classifier.onnx: output "logits" is float32 [batch, 10], but must be float32 [batch, 9].',
  );
  await cp(join(fashionFolder, "model.json"), join(folder, "model.json"));
  await editCard((card) => (card.image = [1, 32, 32]));
  await expect(openModel(folder)).rejects.toThrow(
    'denoiser.onnx: input "x" is float32 [batch, 1, 28, 28], but must be',
  );
});

test.each<[string, Partial<Record<"x" | "t" | "y", Partial<GraphPort>>>, string]>([
  ["dtype", { y: { type: "float32" } }, 'input "y" is float32 [batch], but must be int64 [batch]'],
  ["rank", { t: { shape: [] } }, 'input "t" is float32 [], but must be float32 [batch]'],
  ["rank of the state", { x: { shape: ["batch", 784] } }, 'input "x" is float32 [batch, 784], but must be'],
])("a denoiser whose input has another %s is refused before it runs", async (_, changed, message) => {
  const { createHash } = await import("node:crypto");
  const x: GraphPort = { name: "x", shape: ["batch", 1, 28, 28], ...changed.x };
  const graph = encodeGraph({
    name: "denoiser",
    inputs: [
      x,
      { name: "t", shape: ["batch"], ...changed.t },
      { name: "y", shape: ["batch"], type: "int64", ...changed.y },
    ],
    outputs: [{ ...x, name: "v" }],
    nodes: [{ operator: "Identity", inputs: ["x"], outputs: ["v"] }],
  });
  await writeFile(join(folder, "denoiser.onnx"), graph);
  const sha256 = createHash("sha256").update(graph).digest("hex");
  await editCard((card) => Object.assign(card.denoiser, { sha256, bytes: graph.length }));
  await expect(openModel(folder)).rejects.toThrow(`denoiser.onnx: ${message}`);
});

test("what is no graph at all is refused by the runtime, with the file's name", async () => {
  const path = join(folder, "denoiser.onnx");
  await writeFile(path, "no graph");
  const { createHash } = await import("node:crypto");
  const sha256 = createHash("sha256").update("no graph").digest("hex");
  await editCard((card) => Object.assign(card.denoiser, { sha256, bytes: 8 }));
  await expect(openModel(folder)).rejects.toThrow("denoiser.onnx is no graph that the runtime can load");
});

test.each([
  [{ device: "gpu" }, 'device "gpu" does not exist. There is: auto, cpu, webgpu, cuda, dml, coreml.'],
  [{ batch: 0 }, "batch is 0, but must be a whole number from 1 to 1024."],
  [{ threads: -1 }, "threads is -1"],
  [
    { thread: 1 },
    'options has no "thread". It has: device, batch, threads, width, height, cleanCaption, resolutionBinning.',
  ],
])("options %j are refused", async (options, message) => {
  await expect(openModel(folder, options as object)).rejects.toThrow(message);
});

function pick({ sha256, bytes }: { sha256: string; bytes: number }): { sha256: string; bytes: number } {
  return { sha256, bytes };
}

test("a graph that keeps values beside itself is refused: they have no hash", async () => {
  const place = new ProtobufWriter().text(1, "location").text(2, "more.bin");
  const tensor = new ProtobufWriter().integer(1, 4).integer(2, 1).text(8, "w").message(13, place);
  const graph = new ProtobufWriter().message(7, new ProtobufWriter().message(5, tensor)).finish();
  await writeFile(join(folder, "denoiser.onnx"), graph);
  const { createHash } = await import("node:crypto");
  const sha256 = createHash("sha256").update(graph).digest("hex");
  await editCard((card) => Object.assign(card.denoiser, { sha256, bytes: graph.length }));
  await expect(openModel(folder)).rejects.toThrow(
    'denoiser.onnx keeps its tensor "w" in the file "more.bin", for which model.json has no hash.',
  );
});

test("pixels are not for choosing where a model has a size of its own", async () => {
  await expect(openModel(folder, { resolutionBinning: false })).rejects.toThrow(
    "options: resolutionBinning is for PixArt's folders. Leave it out.",
  );
  await expect(openModel(folder, { width: 64 })).rejects.toThrow("this model's pictures have 28 x 28 pixels");
});

test("a file that is added to after it was good is refused", async () => {
  await (await openModel(folder)).dispose();
  await appendFile(join(folder, "classifier.onnx"), "x");
  await expect(openModel(folder)).rejects.toThrow("classifier.onnx has");
});
