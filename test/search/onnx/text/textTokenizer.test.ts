import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FolderFiles } from "../../../../src/search/onnx/files/folderFiles.js";
import { TextTokenizer } from "../../../../src/search/onnx/text/textTokenizer.js";

let root: string;
let files: FolderFiles;

/** The bytes of GPT-2's byte-level alphabet in CLIP's order: those that print, then the others. */
function alphabet(): string[] {
  const printable = [...Array(256).keys()].filter(
    (b) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174,
  );
  const others = [...Array(256).keys()].filter((b) => !printable.includes(b));
  return [
    ...printable.map((b) => String.fromCharCode(b)),
    ...others.map((_, i) => String.fromCharCode(256 + i)),
  ];
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "dnb-tokenizer-"));
  // vocab.json follows from merges.txt: alphabet, alphabet with the mark of a word's end, merges, two marks.
  const merges = gunzipSync(await readFile("test/fixtures/tokenizers/clip-merges.txt.gz")).toString("utf8");
  const pairs = merges.split("\n").slice(1, -1);
  const letters = alphabet();
  const words = [
    ...letters,
    ...letters.map((letter) => `${letter}</w>`),
    ...pairs.map((pair) => pair.replace(" ", "")),
  ];
  words.push("<|startoftext|>", "<|endoftext|>");
  for (const [folder, pad] of [
    ["tokenizer", "<|endoftext|>"],
    ["tokenizer_2", "!"],
  ] as const) {
    await mkdir(join(root, folder));
    await writeFile(
      join(root, folder, "vocab.json"),
      JSON.stringify(Object.fromEntries(words.map((word, i) => [word, i]))),
    );
    await writeFile(join(root, folder, "merges.txt"), merges);
    await writeFile(join(root, folder, "special_tokens_map.json"), JSON.stringify({ pad_token: pad }));
  }
  files = await FolderFiles.open(root);
});

afterAll(() => rm(root, { recursive: true }));

describe("CLIP's vocabulary, from vocab.json and merges.txt", () => {
  // What OpenAI's simple_tokenizer gives.
  test.each([
    ["a photo of a cat", [320, 1125, 539, 320, 2368]],
    ["An astronaut riding a horse on Mars!", [550, 18376, 6765, 320, 4558, 525, 7496, 256]],
    ["hello, world 2024", [3306, 267, 1002, 273, 271, 273, 275]],
    ["naïve café — 東京 🙂", [1097, 35689, 563, 15304, 2005, 48338, 21078, 361, 14860]],
    ["don't STOP", [847, 713, 1691]],
  ])("%s", async (text, expected) => {
    const tokenizer = await TextTokenizer.load(files, "tokenizer");
    const { ids, mask, lost } = tokenizer.encode(text, 77);
    expect(ids).toEqual([49406, ...expected, 49407, ...Array<number>(75 - expected.length).fill(49407)]);
    expect(mask.filter((one) => one === 1)).toHaveLength(expected.length + 2);
    expect(lost).toBeUndefined();
  });

  test.each([
    [
      "with the ends of lines that git writes on Windows",
      (merges: string) => merges.replaceAll("\n", "\r\n"),
    ],
  ])("%s, the same", async (_, change) => {
    const merges = await readFile(join(root, "tokenizer", "merges.txt"), "utf8");
    await mkdir(join(root, "changed"), { recursive: true });
    await cp(join(root, "tokenizer"), join(root, "changed"), { recursive: true });
    await writeFile(join(root, "changed", "merges.txt"), change(merges));
    const changed = await TextTokenizer.load(await FolderFiles.open(root), "changed");
    expect(changed.encode("a photo of a cat", 77).ids.slice(0, 6)).toEqual([
      49406, 320, 1125, 539, 320, 2368,
    ]);
  });

  test.each([0, 0.5])("merges.txt of which only a share of %d is left is refused", async (share) => {
    const merges = await readFile(join(root, "tokenizer", "merges.txt"), "utf8");
    await cp(join(root, "tokenizer"), join(root, "cut"), { recursive: true });
    await writeFile(join(root, "cut", "merges.txt"), merges.slice(0, merges.length * share));
    await expect(TextTokenizer.load(await FolderFiles.open(root), "cut")).rejects.toThrow(
      "it is truncated, or of another model",
    );
  });

  test("the second encoder's pads with what its special_tokens_map.json says", async () => {
    const { ids } = (await TextTokenizer.load(files, "tokenizer_2")).encode("a photo of a cat", 77);
    expect(ids.slice(0, 9)).toEqual([49406, 320, 1125, 539, 320, 2368, 49407, 0, 0]);
  });

  // What transformers' CLIPTokenizer gives, whose words and white space are those of Rust.
  test.each([
    ["ΟΔΥΣΣΕΎΣ", "οδυσσεύσ"],
    ["a\u0085cat", "a cat"],
  ])("%j is read as %j", async (text, same) => {
    const tokenizer = await TextTokenizer.load(files, "tokenizer");
    expect(tokenizer.encode(text, 77).ids).toEqual(tokenizer.encode(same, 77).ids);
  });

  test("a byte order mark is a sign like others, for CLIP and for T5, and no white space", async () => {
    const tokenizer = await TextTokenizer.load(files, "tokenizer");
    const ids = (text: string): readonly number[] => tokenizer.encode(text, 77).ids;
    // Its three bytes.
    expect(ids("\ufeff").slice(0, 5)).not.toEqual(ids("").slice(0, 5));
    expect(ids("a\ufeff,cat")).not.toEqual(ids("a ,cat"));
    const t5 = await TextTokenizer.load(
      await FolderFiles.open("test/fixtures/pipelines/pixart"),
      "tokenizer",
    );
    expect(t5.encode("a\u0085cat", 120).ids).toEqual(t5.encode("a cat", 120).ids);
    expect(t5.encode("a\ufeffcat", 120).ids).not.toEqual(t5.encode("a cat", 120).ids);
  });

  test("a special token is found in a prompt before any other, as in transformers", async () => {
    const { ids } = (await TextTokenizer.load(files, "tokenizer_2")).encode("on Mars!", 77);
    expect(ids.slice(0, 6)).toEqual([49406, 525, 7496, 0, 49407, 0]);
  });

  test("a prompt that is too long loses its end, keeps the mark of its end, and says what was lost", async () => {
    const tokenizer = await TextTokenizer.load(files, "tokenizer");
    const { ids, mask, lost } = tokenizer.encode(`${"cat ".repeat(75)}red dog`, 77);
    expect(ids).toHaveLength(77);
    expect([ids[0], ids[75], ids[76]]).toEqual([49406, 2368, 49407]);
    expect(mask.every((one) => one === 1)).toBe(true);
    expect(lost).toBe("red dog");
    expect(tokenizer.encode("cat ".repeat(75), 77).lost).toBeUndefined();
  });

  test("a long text is tokenized as far as it takes, with the same tokens and the same words about the rest", async () => {
    const tokenizer = await TextTokenizer.load(files, "tokenizer");
    const words = [
      "cat ",
      "don't ",
      "東京 🙂\n",
      "naïve, ",
      "x<|endoftext|>y ",
      "  \t ",
      "e\u0301 ",
      "Σ'S ",
      "2024 ",
      "!!! ",
    ];
    for (let start = 0; start < words.length; start++) {
      const long = Array.from({ length: 30_000 }, (_, i) => words[(start + i * 7) % words.length]!).join("");
      // Two thousand words are more than is kept and named, and too few to be cut.
      const short = Array.from({ length: 900 }, (_, i) => words[(start + i * 7) % words.length]!).join("");
      const [a, b] = [tokenizer.encode(long, 77), tokenizer.encode(short, 77)];
      expect(a.ids).toEqual(b.ids);
      expect(a.lost!.slice(0, 80)).toBe(b.lost!.slice(0, 80));
    }
  });

  test.each([
    ["a photo of a cat, ", "tokenizer"],
    ["a photo of a cat, ", "t5"],
    ["a", "tokenizer"],
    ["a", "t5"],
  ])("%j up to a megabyte takes the time of ten thousand characters: %s", async (part, name) => {
    const t5 = await FolderFiles.open("test/fixtures/pipelines/pixart");
    const tokenizer = await TextTokenizer.load(name === "t5" ? t5 : files, "tokenizer");
    const [long, short] = [2 ** 20, 12_000].map((size) => {
      const text = part.repeat(size / part.length);
      const started = performance.now();
      return { ...tokenizer.encode(text, 77), took: performance.now() - started };
    });
    expect(long!.ids).toEqual(short!.ids);
    expect(long!.lost!.slice(0, 80)).toBe(short!.lost!.slice(0, 80));
    expect(long!.took).toBeLessThan(20 * short!.took + 500);
  });

  test("of a text that is long and says little, what was not read is named too", async () => {
    const tokenizer = await TextTokenizer.load(files, "tokenizer");
    const { ids, lost } = tokenizer.encode(`a cat${"\n".repeat(100_000)}and a dog`, 77);
    expect(ids.slice(0, 4)).toEqual([49406, 320, 2368, 49407]);
    expect(lost).toMatch(/^\n+$/);
  });
});
