import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { randomSearch, Session } from "../../../../src/search/index.js";
import { encodeGraph, type GraphPort } from "../../../../src/search/onnx/graph/encodeGraph.js";
import { FolderFiles } from "../../../../src/search/onnx/files/folderFiles.js";
import { openModel } from "../../../../src/search/onnx/openModel.js";
import { TextTokenizer } from "../../../../src/search/onnx/text/textTokenizer.js";
import { pipelines } from "./reference.js";

let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "dnb-nan-")), "sd1");
  await cp(join(pipelines, "sd1"), folder, { recursive: true });
});

afterEach(() => rm(dirname(folder), { recursive: true }));

const port = (name: string, ...shape: readonly (number | string)[]): GraphPort => ({ name, shape });

/** The logarithm of the state: no number wherever the state is negative. */
const brokenNetwork = encodeGraph({
  name: "logarithm",
  inputs: [port("sample", "b", 4, "h", "w"), port("timestep"), port("encoder_hidden_states", "b", "l", 32)],
  outputs: [port("out_sample", "b", 4, "h", "w")],
  nodes: [{ operator: "Log", inputs: ["sample"], outputs: ["out_sample"] }],
});

/** Embeddings that are no number for one token, which is in no empty prompt. */
function brokenEncoder(token: number): Uint8Array {
  const rows = 1100;
  const data = new Float32Array(rows * 32).fill(0.1);
  data.fill(NaN, token * 32, (token + 1) * 32);
  return encodeGraph({
    name: "embeddings",
    inputs: [{ ...port("input_ids", "b", 77), type: "int64" }],
    outputs: [port("last_hidden_state", "b", 77, 32)],
    nodes: [{ operator: "Gather", inputs: ["table", "input_ids"], outputs: ["last_hidden_state"] }],
    constants: [{ name: "table", shape: [rows, 32], data }],
  });
}

/** A decoder that is the square root of `offset` less the mean of the first channel: no number for states that have more. */
const brokenDecoder = (offset: number): Uint8Array =>
  encodeGraph({
    name: "root",
    inputs: [port("latent_sample", "b", 4, "h", "w")],
    outputs: [port("sample", "b", 3, "H", "W")],
    nodes: [
      { operator: "GlobalAveragePool", inputs: ["latent_sample"], outputs: ["mean"] },
      { operator: "Sub", inputs: ["latent_sample", "latent_sample"], outputs: ["zero"] },
      { operator: "Add", inputs: ["zero", "mean"], outputs: ["means"] },
      {
        operator: "ConvTranspose",
        inputs: ["means", "weights", "bias"],
        outputs: ["offset"],
        attributes: { strides: [2, 2], kernel_shape: [2, 2] },
      },
      { operator: "Sqrt", inputs: ["offset"], outputs: ["sample"] },
    ],
    constants: [
      // Of the four channels the first counts, with the sign turned.
      {
        name: "weights",
        shape: [4, 3, 2, 2],
        data: Float32Array.from({ length: 48 }, (_, i) => (i < 12 ? -1 : 0)),
      },
      { name: "bias", shape: [3], data: new Float32Array(3).fill(offset) },
    ],
  });

const session = async (): Promise<Session> =>
  new Session(await openModel(folder, { device: "cpu", threads: 1, batch: 4 }));

const request = { condition: "a red house", steps: 3, guidance: 2 };

test("a network that gives no numbers is named with the seed, the step and what to do", async () => {
  await writeFile(join(folder, "unet/model.onnx"), brokenNetwork);
  const opened = await session();
  await expect(opened.sample({ ...request, seeds: [7] })).rejects.toThrow(
    /^Sampling seed 7 failed: unet\/model\.onnx gave values that are no numbers at evaluation 1 of \d+, at level 1\. A float16 network may overflow: take a float32 export of it; .*\.$/,
  );
  await opened.dispose();
});

test("a text encoder that gives no numbers is named, and not the network after it", async () => {
  const tokenizer = await TextTokenizer.load(await FolderFiles.open(folder), "tokenizer");
  const { ids } = tokenizer.encode(request.condition, 77);
  const red = [...ids].find((id) => !tokenizer.encode("", 77).ids.includes(id))!;
  await writeFile(join(folder, "text_encoder/model.onnx"), brokenEncoder(red));
  const opened = await session();
  await expect(opened.sample({ ...request, seeds: [7] })).rejects.toThrow(
    'text_encoder/model.onnx gave values that are no numbers for a prompt, in its output "last_hidden_state". A float16 text encoder may overflow (T5\'s does): take a float32 export of it.',
  );
  await opened.dispose();
});

test("a decoder that gives no numbers for some is named with the seed, and the others keep their images", async () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  const engine = await openModel(folder, { device: "cpu", threads: 1, batch: 4 });
  const wide = new Session(engine);
  const search = { ...request, verifier: "sharpness", budget: { nfe: 1000 }, seed: 1 };
  const whole = await wide.search(randomSearch({ candidates: 8 }), search).run();
  expect(whole.record().candidates.filter(({ failure }) => failure !== undefined)).toEqual([]);
  await wide.dispose();

  // Between the means of the first channel of the eight.
  await writeFile(join(folder, "vae_decoder/model.onnx"), brokenDecoder(6));
  const opened = await session();
  const run = await opened.search(randomSearch({ candidates: 8 }), search).run();
  const failures = run.record().candidates.flatMap(({ failure }) => failure ?? []);
  expect(failures.length).toBeGreaterThan(0);
  expect(failures.length).toBeLessThan(8);
  for (const failure of failures) {
    expect(failure).toMatch(
      /vae_decoder\/model\.onnx gave values that are no numbers when it decoded\. A float16 decoder may overflow \(SDXL's does\): take a float32 export of it$/,
    );
  }
  await expect(opened.sample({ ...request, seeds })).rejects.toThrow(
    /^Sampling seed \d failed: vae_decoder\/model\.onnx gave values that are no numbers when it decoded\./,
  );
  await opened.dispose();
});
