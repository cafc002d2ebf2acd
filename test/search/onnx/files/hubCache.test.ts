import { createHash } from "node:crypto";
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Session } from "../../../../src/search/index.js";
import { openModel } from "../../../../src/search/onnx/openModel.js";
import { pipelines } from "../diffusers/reference.js";

const LARGE = 50_000;

let cache: string;
let snapshot: string;

/** As huggingface_hub lays a repository out: files by their hash, and links to them by name. */
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "dnb-hub-"));
  snapshot = join(cache, "models--tiny--sdxl/snapshots/0123456789abcdef0123456789abcdef01234567");
  const from = join(pipelines, "sdxl");
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.parentPath.endsWith("expected")) continue;
    const source = join(entry.parentPath, entry.name);
    await linked(relative(from, source), await readFile(source));
  }
});

afterEach(() => rm(cache, { recursive: true }));

const blobs = (): string => join(cache, "models--tiny--sdxl/blobs");

/** Large files by sha256, as LFS has them; small ones by git's hash. */
async function linked(file: string, bytes: Uint8Array): Promise<string> {
  const blob = join(
    blobs(),
    bytes.length > LARGE
      ? createHash("sha256").update(bytes).digest("hex")
      : createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex"),
  );
  await mkdir(blobs(), { recursive: true });
  await writeFile(blob, bytes);
  await replaced(file, blob);
  return blob;
}

async function replaced(file: string, target: string): Promise<void> {
  const name = join(snapshot, file);
  await mkdir(dirname(name), { recursive: true });
  await rm(name, { force: true });
  await symlink(relative(dirname(name), target), name);
}

const open = async (folder = snapshot): Promise<Session> =>
  new Session(await openModel(folder, { device: "cpu", threads: 1 }));

const request = { condition: "a red house", steps: 1, guidance: 1, seeds: [3] };

test("a snapshot of Hugging Face's cache opens as the plain folder does, data beside a graph included", async () => {
  const [own, plain] = [await open(), await open(join(pipelines, "sdxl"))];
  const [a, b] = [await own.sample(request), await plain.sample(request)];
  expect(own.model.sha256).toBe(plain.model.sha256);
  expect([...a.images[0]!.data]).toEqual([...b.images[0]!.data]);
  await own.dispose();
  await plain.dispose();
});

describe("any other link is refused", () => {
  const refused = "which is outside its folder. That is refused. The reason: a link leads out.";

  test("to the blobs of another model", async () => {
    const other = join(cache, "models--tiny--other/blobs");
    await cp(blobs(), other, { recursive: true });
    const [name] = await readdir(other);
    await replaced("vae_decoder/model.onnx", join(other, name!));
    await expect(open()).rejects.toThrow(refused);
  });

  test("to what is no blob: by its name, or because it lies deeper", async () => {
    const bytes = await readFile(join(snapshot, "vae_decoder/model.onnx"));
    await writeFile(join(blobs(), "model.onnx"), bytes);
    await replaced("vae_decoder/model.onnx", join(blobs(), "model.onnx"));
    await expect(open()).rejects.toThrow(refused);
    await mkdir(join(blobs(), "deeper"));
    const deeper = join(blobs(), "deeper", "0".repeat(40));
    await writeFile(deeper, bytes);
    await replaced("vae_decoder/model.onnx", deeper);
    await expect(open()).rejects.toThrow(refused);
  });

  test("to a blob that is itself a link out", async () => {
    const outside = join(cache, "outside.onnx");
    await copyFile(join(snapshot, "vae_decoder/model.onnx"), outside);
    const blob = join(blobs(), "1".repeat(40));
    await symlink(outside, blob);
    await replaced("vae_decoder/model.onnx", blob);
    await expect(open()).rejects.toThrow(refused);
  });

  test("out of a folder that is no snapshot, though blobs lie where a snapshot's would", async () => {
    const folder = join(cache, "models--tiny--sdxl/plain/0123");
    await cp(snapshot, folder, { recursive: true, verbatimSymlinks: true });
    await expect(open(folder)).rejects.toThrow(refused);
  });
});

test.each(["model.onnx", "model.onnx_data"])(
  "unet/%s: a blob that is not what its name says is damaged",
  async (name) => {
    const bytes = await readFile(join(snapshot, "unet", name));
    const blob = await linked(join("unet", name), bytes);
    expect(bytes.length).toBeGreaterThan(LARGE);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(blob, bytes);
    await expect(open()).rejects.toThrow(
      new RegExp(
        `^unet/${name} is damaged: its sha256 is not the name of .*blobs.[0-9a-f]{64}, which the cache gave it when it was fetched\\. Delete that file and fetch the model again\\.$`,
      ),
    );
  },
);
