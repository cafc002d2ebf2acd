import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { ImageData8 } from "../../../../src/search/index.js";
import { preparedImages } from "../../../../src/search/onnx/verifiers/preparedImages.js";
import {
  centreCrop,
  normalised,
  resize,
  resizeLongerSide,
  resizeShorterSide,
} from "../../../../src/search/pictures/index.js";
import { VERIFIER_FIELDS, VERIFIER_KINDS } from "../../../../src/search/onnx/verifiers/verifierCard.js";
import { openScorer, type VerifierOptions } from "../../../../src/search/onnx/verifiers/openScorer.js";
import { picture, type Pattern } from "../../pictures/helpers/patterns.js";

const fixtures = "test/fixtures/verifiers";
interface Scores {
  pictures: [Pattern, number, number][];
  prompts: string[];
  cosine: number[][];
  clipscore: number[][];
  pickscore: number[][];
  hpsv2: number[][];
  imageReward: number[][];
  aestheticV1: number[];
  aestheticV2: number[];
  zeroShot: {
    labels: string[];
    templates: string[];
    scale: number;
    probability: number[][];
    logit: number[][];
  };
  classifier: { probability: number[][]; logit: number[][] };
  features: number[][];
  similarity: number[][];
}
const expected = JSON.parse(readFileSync(join(fixtures, "scores.json"), "utf8")) as Scores;
const images = expected.pictures.map(([pattern, width, height]) => picture(pattern, width, height, 3));
const temporary = mkdtempSync(join(tmpdir(), "dnb-verifiers-"));
afterAll(() => rmSync(temporary, { recursive: true }));

async function scoresOf(folder: string, options: VerifierOptions, conditions: object[]): Promise<number[][]> {
  const scorer = await openScorer(join(fixtures, folder), options);
  const rows: number[][] = [];
  for (const condition of conditions)
    rows.push([
      ...(await scorer.score(
        images,
        images.map(() => condition),
      )),
    ]);
  await scorer.dispose();
  return rows;
}

function expectClose(rows: readonly (readonly number[])[], wanted: readonly (readonly number[])[]): void {
  expect(rows.map((row) => row.length)).toEqual(wanted.map((row) => row.length));
  rows.forEach((row, i) =>
    row.forEach((score, j) => expect(Math.abs(score - wanted[i]![j]!)).toBeLessThan(1e-3)),
  );
}

const prompts = expected.prompts.map((prompt) => ({ prompt }));
const { labels, templates, scale } = expected.zeroShot;

test.each(["longer", "exact", "shorter", "none"] as const)(
  "images are prepared by the filter and the crop that the card names, resized by %s",
  (way) => {
    const image = picture("noise", 48, way === "none" ? 48 : 40, 3);
    const how = { resize: way, size: 48, crop: 32, filter: "box", mean: [0, 0, 0], std: [1, 1, 1] } as const;
    const sized = {
      longer: () => resizeLongerSide(image, 36, "box"),
      exact: () => resize(image, 36, 36, "box"),
      shorter: () => resizeShorterSide(image, 36, "box"),
      none: () => image,
    };
    const size = way === "none" ? 48 : 36;
    const { data, dims } = preparedImages([image], { ...how, size }, "v");
    expect(dims).toEqual([1, 3, 32, 32]);
    expect(data).toEqual(normalised(centreCrop(sized[way](), 32, 32), how).data);
    const other = preparedImages([image], { ...how, size, filter: "lanczos" }, "v");
    expect(other.data.some((value, i) => value !== data[i])).toBe(way !== "none");
  },
);

test("docs/verifiers.md names every field, kind and way of resizing", () => {
  const text = readFileSync("docs/verifiers.md", "utf8");
  const { card, files, image: fields, text: words } = VERIFIER_FIELDS;
  const all = [
    ...card,
    ...["files", "image", "text"].flatMap((of, i) => [files, fields, words][i]!.map((one) => `${of}.${one}`)),
    ...VERIFIER_KINDS,
  ];
  expect(all.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  for (const way of ["shorter", "longer", "exact", "none"]) expect(text).toContain(`"${way}"`);
});

describe("scores are Python's within 1e-3", () => {
  test.each<[string, string, VerifierOptions, object[], number[][]]>([
    ["CLIP's cosine, joint export", "clip-joint", { kind: "cosine" }, prompts, expected.cosine],
    ["CLIP's cosine, split export", "clip-split", { kind: "cosine" }, prompts, expected.cosine],
    ["CLIPScore, joint export", "clip-joint", {}, prompts, expected.clipscore],
    ["CLIPScore, split export", "clip-split", { kind: "clipscore" }, prompts, expected.clipscore],
    ["PickScore", "clip-split", { kind: "pickscore", scale }, prompts, expected.pickscore],
    ["HPSv2 by its folder", "hpsv2", {}, prompts, expected.hpsv2],
    ["HPSv2 by its kind", "clip-joint", { kind: "hpsv2" }, prompts, expected.hpsv2],
    [
      "a zero-shot classifier",
      "clip-joint",
      { kind: "zero-shot", labels, templates, scale },
      labels.map((_, label) => ({ label })),
      expected.zeroShot.probability,
    ],
    [
      "its logits",
      "clip-split",
      { kind: "zero-shot", labels, templates, scale, output: "logit" },
      labels.map((_, label) => ({ label })),
      expected.zeroShot.logit,
    ],
    ["LAION's aesthetic v1", "aesthetic-v1", {}, [{}], [expected.aestheticV1]],
    ["LAION's aesthetic v2, head as ONNX", "aesthetic-v2", {}, [{}], [expected.aestheticV2]],
    [
      "LAION's aesthetic v2, layers as JSON",
      "aesthetic-v2",
      { card: "layers-verifier.json" },
      [{}],
      [expected.aestheticV2],
    ],
    ["ImageReward as two graphs", "image-reward", {}, prompts, expected.imageReward],
    [
      "a classifier",
      "classifier",
      {},
      [0, 1, 2, 3].map((label) => ({ label })),
      expected.classifier.probability,
    ],
    [
      "a classifier's logits",
      "classifier",
      { output: "logit" },
      [0, 1, 2, 3].map((label) => ({ label })),
      expected.classifier.logit,
    ],
  ])("%s", async (_, folder, options, conditions, wanted) => {
    expectClose(await scoresOf(folder, options, conditions), wanted);
  });

  test("a self-supervised verifier: features, and their cosine with the preview's", async () => {
    const scorer = await openScorer(join(fixtures, "dino"));
    expect(scorer.previewLevel).toBe(0.3);
    expectClose(
      (await scorer.features!(images)).map((row) => [...row]),
      expected.features,
    );
    const none = images.map(() => undefined);
    for (const [i, row] of expected.similarity.entries()) {
      const others = images.map(() => images[i]!);
      expectClose([[...(await scorer.score(images, none, others))]], [row]);
    }
    await expect(scorer.score(images, none)).rejects.toThrow(
      "compares an image with its preview, and none was given",
    );
    await scorer.dispose();
  });
});

test("what differs between images and prompts is far above the tolerance", () => {
  for (const rows of [expected.cosine, expected.hpsv2, expected.imageReward, expected.zeroShot.probability]) {
    for (const row of rows) expect(Math.max(...row) - Math.min(...row)).toBeGreaterThan(0.01);
    expect(Math.abs(rows[0]![0]! - rows[1]![0]!)).toBeGreaterThan(0.01);
  }
});

test("a batch and a permutation of it give the same scores, each to its own image", async () => {
  const scorer = await openScorer(join(fixtures, "clip-joint"), { kind: "cosine" });
  const conditions = images.map((_, i) => prompts[i % 3]!);
  const together = await scorer.score(images, conditions);
  const turned = await scorer.score([...images].reverse(), [...conditions].reverse());
  const alone: number[] = [];
  for (const [i, image] of images.entries()) alone.push((await scorer.score([image], [conditions[i]]))[0]!);
  together.forEach((score, i) => {
    expect(turned[images.length - 1 - i]).toBeCloseTo(score, 5);
    expect(alone[i]).toBeCloseTo(score, 5);
  });
  await scorer.dispose();
});

test("the hash is that of the files and the parameters, not of the name", async () => {
  const hashOf = async (folder: string, options: VerifierOptions) => {
    const scorer = await openScorer(join(fixtures, folder), options);
    await scorer.dispose();
    return scorer.sha256;
  };
  const hash = await hashOf("clip-split", { kind: "cosine" });
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(await hashOf("clip-split", { kind: "cosine", name: "other" })).toBe(hash);
  expect(await hashOf("clip-split", { kind: "cosine", prefix: "a " })).not.toBe(hash);
  expect(await hashOf("clip-split", { kind: "pickscore" })).not.toBe(hash);
  expect(await hashOf("clip-joint", { kind: "cosine" })).not.toBe(hash);
});

test("a grey image counts as three equal channels", async () => {
  const scorer = await openScorer(join(fixtures, "aesthetic-v1"));
  const grey = picture("noise", 40, 30, 1);
  const data = Uint8Array.from({ length: 3 * 1200 }, (_, i) => grey.data[Math.floor(i / 3)]!);
  const colour: ImageData8 = { width: 40, height: 30, channels: 3, data };
  const [first, second] = await scorer.score([grey, colour], [undefined, undefined]);
  expect(first).toBe(second);
  await scorer.dispose();
});

describe("what cannot be used is said with its file and what to do", () => {
  const copy = (folder: string, name: string): string => {
    const path = join(temporary, name);
    cpSync(join(fixtures, folder), path, { recursive: true });
    return path;
  };
  const card = (path: string, change: (value: Record<string, unknown>) => void): string => {
    const file = join(path, "verifier.json");
    const value = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    change(value);
    writeFileSync(file, JSON.stringify(value));
    return path;
  };
  const refused = (path: string, options?: VerifierOptions) => expect(openScorer(path, options)).rejects;

  test("files", async () => {
    await refused(join(temporary, "nowhere")).toThrow("There is no verifier folder");
    await refused("test/fixtures/pictures").toThrow(
      "is no verifier folder. Looked for: verifier.json, model.onnx",
    );
    const cut = copy("classifier", "cut");
    truncateSync(join(cut, "classifier.onnx"), 5000);
    await refused(cut).toThrow("classifier.onnx has 5000 bytes, but verifier.json says");
    const changed = copy("aesthetic-v1", "changed");
    const head = join(changed, "head.json");
    writeFileSync(head, readFileSync(head, "utf8").replace("0.", "1."));
    await refused(changed).toThrow("the file is damaged or not the one that was published");
    const out = card(copy("classifier", "out"), (value) => {
      (value["files"] as { image: { file: string } }).image.file = "../cut/classifier.onnx";
    });
    await refused(out).toThrow(/outside its folder/);
    const untold = copy("clip-split", "untold");
    rmSync(join(untold, "merges.txt"));
    await refused(untold).toThrow("Looked for: ./tokenizer.json, ./vocab.json with merges.txt");
  });

  test("cards", async () => {
    await refused(card(copy("classifier", "kind"), (value) => (value["kind"] = "magic"))).toThrow(
      'verifier.json: kind is "magic"',
    );
    await refused(
      card(copy("classifier", "size"), (value) => ((value["image"] as { size: number }).size = 0)),
    ).toThrow("verifier.json: image.size is 0");
    await refused(
      card(copy("classifier", "side"), (value) => ((value["image"] as { size: number }).size = 33)),
    ).toThrow('input "pixels" is float32 [n, 3, 32, 32], but must be float32 or float16 [any, 3, 33, 33]');
    await refused(card(copy("classifier", "slip"), (value) => (value["outputs"] = "logit"))).toThrow(
      'verifier.json: outputs is no field. Did you mean "output"?',
    );
    await refused(
      card(copy("classifier", "fliter"), (value) => ((value["image"] as { fliter: string }).fliter = "box")),
    ).toThrow('verifier.json: image.fliter is no field. Did you mean "filter"?');
    await refused(copy("hpsv2", "hps"), { kind: "cosine" }).toThrow(
      'The folder\'s card says that it is "hpsv2"',
    );
    const scorer = await openScorer(
      card(copy("classifier", "labels"), (value) => (value["labels"] = ["one", "two"])),
    );
    await expect(scorer.score([images[0]!], [{ label: 0 }])).rejects.toThrow(
      "has 2 labels, but its network gives 4 numbers",
    );
  });

  test("options", async () => {
    const joint = join(fixtures, "clip-joint");
    await refused(joint, { kind: "aesthetic" }).toThrow("An aesthetic verifier needs its head");
    await refused(joint, { kind: "zero-shot" }).toThrow("A zero-shot classifier needs its labels");
    await refused(joint, { kind: "beauty" as never }).toThrow(
      'kind "beauty" does not exist. There is: cosine, clipscore',
    );
    await refused(joint, { scale: 0 }).toThrow("openVerifier: scale is 0");
    await refused(joint, { skale: 1 } as never).toThrow('Options of openVerifier has no "skale"');
  });

  test("a head of another CLIP", async () => {
    const path = copy("clip-split", "wide");
    writeFileSync(join(path, "head.json"), JSON.stringify({ weight: new Array(768).fill(0.1), bias: 1 }));
    const scorer = await openScorer(path, { kind: "aesthetic", head: "head.json" });
    await expect(scorer.score([images[0]!], [undefined])).rejects.toThrow(
      "head.json is for embeddings of 768 numbers, but the image network gives 12",
    );
  });

  test("a size that it does not resize", async () => {
    const path = card(
      copy("classifier", "exact"),
      (value) => ((value["image"] as { resize: string }).resize = "none"),
    );
    const scorer = await openScorer(path);
    await expect(scorer.score([images[0]!], [{ label: 0 }])).rejects.toThrow(
      "takes images of 32 x 32 and does not resize, but this one is 48 x 40. Resize it: image.resize(32, 32).",
    );
    expect(await scorer.score([images[1]!], [{ label: 0 }])).toHaveLength(1);
  });

  test("no prompt, no class", async () => {
    const clip = await openScorer(join(fixtures, "clip-joint"));
    await expect(clip.score([images[0]!], [undefined])).rejects.toThrow(
      "scores against a prompt, but there is none",
    );
    const shapes = await openScorer(join(fixtures, "classifier"));
    await expect(shapes.score([images[0]!], [{ prompt: "cat" }])).rejects.toThrow("needs a class");
  });
});
