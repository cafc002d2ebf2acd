import { execFileSync } from "node:child_process";
import { link, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FolderFiles } from "../../../../src/search/onnx/files/folderFiles.js";
import { readGraphFile, type GraphFile } from "../../../../src/search/onnx/files/graphFile.js";
import { onnxTensors } from "../../../../src/search/onnx/files/onnxTensors.js";
import { ProtobufWriter } from "../../../../src/search/onnx/graph/protobuf.js";

let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "dnb-graph-"));
  folder = join(root, "model");
  await mkdir(join(folder, "unet"), { recursive: true });
  await writeFile(join(root, "secret"), new Uint8Array(64));
});

afterEach(() => rm(root, { recursive: true }));

const writer = (): ProtobufWriter => new ProtobufWriter();

/** A TensorProto of float32 whose values lie where `place` says. */
function tensor(place: Record<string, string>, dims: readonly number[] = [4, 4]): ProtobufWriter {
  const made = writer();
  for (const side of dims) made.integer(1, side);
  made.integer(2, 1).text(8, "w");
  for (const [key, value] of Object.entries(place)) made.message(13, writer().text(1, key).text(2, value));
  return made.integer(14, 1);
}

/** The places in an ONNX model where a tensor may hide. */
const hidings: Record<string, (hidden: ProtobufWriter) => ProtobufWriter> = {
  "an initializer": (hidden) => writer().message(7, writer().message(5, hidden)),
  "a sparse initializer": (hidden) => writer().message(7, writer().message(15, writer().message(1, hidden))),
  "a node's attribute": (hidden) =>
    writer().message(7, writer().message(1, writer().message(5, writer().message(5, hidden)))),
  "a list in an attribute": (hidden) =>
    writer().message(7, writer().message(1, writer().message(5, writer().message(10, hidden)))),
  "the graph of a branch": (hidden) =>
    writer().message(
      7,
      writer().message(1, writer().message(5, writer().message(6, writer().message(5, hidden)))),
    ),
  "a function": (hidden) =>
    writer()
      .message(7, writer())
      .message(25, writer().message(7, writer().message(5, writer().message(5, hidden)))),
  "what training starts from": (hidden) =>
    writer()
      .message(7, writer())
      .message(20, writer().message(1, writer().message(5, hidden))),
};

async function read(model: ProtobufWriter | Uint8Array, memory?: number): Promise<GraphFile> {
  await writeFile(join(folder, "unet/model.onnx"), model instanceof Uint8Array ? model : model.finish());
  return readGraphFile(await FolderFiles.open(folder), "unet/model.onnx", "The model", memory);
}

const initializer = hidings["an initializer"]!;

describe("values beside the graph", () => {
  test("are found wherever they hide, and make part of the hash", async () => {
    await writeFile(join(folder, "unet/data"), new Uint8Array(64));
    const hashes = new Set<string>();
    for (const hide of Object.values(hidings)) {
      const { external, parameters, sha256 } = await read(hide(tensor({ location: "data" })));
      expect([...external]).toEqual([["data", join(folder, "unet/data")]]);
      expect(parameters).toBe(16);
      hashes.add(sha256);
    }
    await writeFile(join(folder, "unet/data"), new Uint8Array(64).fill(1));
    hashes.add((await read(hidings["a function"]!(tensor({ location: "data" })))).sha256);
    expect(hashes.size).toBe(8);
  });

  test.each(Object.keys(hidings))("in %s may not lie outside the folder", async (where) => {
    await expect(read(hidings[where]!(tensor({ location: "../../secret" })))).rejects.toThrow(
      'unet/model.onnx, tensor "w", has its values in "../../secret", which is outside the model\'s folder. That is refused.',
    );
  });

  test.each([
    "../data",
    "/etc/hostname",
    "C:\\secret",
    "c:secret",
    "\\\\server\\share\\secret",
    "//server/share/secret",
    "sub/../../../secret",
    "..\\secret",
    "data\0.bin",
  ])("may not be called %j", async (location) => {
    await writeFile(join(folder, "data"), new Uint8Array(64));
    await expect(read(initializer(tensor({ location })))).rejects.toThrow("That is refused.");
  });

  test("may not come through a link that leads out, nor through a hard link", async () => {
    await symlink(join(root, "secret"), join(folder, "unet/data"));
    await expect(read(initializer(tensor({ location: "data" })))).rejects.toThrow("a link leads out");
    await rm(join(folder, "unet/data"));
    await link(join(root, "secret"), join(folder, "unet/data"));
    await expect(read(initializer(tensor({ location: "data" })))).rejects.toThrow("has 2 names (hard links)");
  });

  test("may not be a folder, nor missing, nor nowhere", async () => {
    await expect(read(initializer(tensor({ location: "." })))).rejects.toThrow("unet in the model folder");
    await expect(read(initializer(tensor({ location: "data" })))).rejects.toThrow("unet/data is missing");
    await expect(read(initializer(tensor({})))).rejects.toThrow("its values lie elsewhere, but not where");
  });

  test("must have a name that the runtime reads as it is read here", async () => {
    await writeFile(join(folder, "unet/data"), new Uint8Array(64));
    await expect(read(initializer(tensor({ location: "\ufeffdata" })))).rejects.toThrow(
      "unet/\ufeffdata is missing",
    );
    const latin = initializer(tensor({ location: "data" })).finish();
    latin[Buffer.from(latin).indexOf("data")] = 0xff;
    await expect(read(latin)).rejects.toThrow("a name that is no UTF-8");
    // The runtime reads the lower 32 bits of such a number: field 13, a place.
    const hidden = Buffer.from(initializer(tensor({ location: "../../secret" })).finish());
    const place = hidden.indexOf(writer().text(1, "location").finish()) - 2;
    const long = [hidden.subarray(0, place), Uint8Array.of(0xea, 0x80, 0x80, 0x80, 0x10)];
    const graph = Buffer.concat([...long, hidden.subarray(place + 1)]);
    for (const at of [1, 3]) graph[at]! += 4;
    await expect(read(graph)).rejects.toThrow("a field of a number beyond 2^29");
  });

  test("must be as long as the shape says, inside the file and inside the memory", async () => {
    await writeFile(join(folder, "unet/data"), new Uint8Array(64));
    await expect(read(initializer(tensor({ location: "data", offset: "8" })))).rejects.toThrow(
      'unet/model.onnx, tensor "w", lies at bytes 8 to 72 of unet/data, which has 64: the file is truncated',
    );
    await expect(read(initializer(tensor({ location: "data", length: "60" })))).rejects.toThrow(
      "has the shape [4, 4], which takes 64 bytes, but 60 bytes in unet/data",
    );
    await expect(read(initializer(tensor({ location: "data", offset: "-8" })))).rejects.toThrow(
      'the offset "-8", which is no number of bytes',
    );
    await expect(
      read(initializer(tensor({ location: "data", length: "99999999999999999999" }))),
    ).rejects.toThrow("which is no number of bytes");
    await expect(read(initializer(tensor({ location: "data" })), 80)).rejects.toThrow(
      "but this machine has 80 bytes of memory. Take a smaller or a float16 export.",
    );
    const minus4 = Uint8Array.of(0xfc, 255, 255, 255, 255, 255, 255, 255, 255, 1);
    await expect(read(initializer(tensor({ location: "data" }).bytes(1, minus4)))).rejects.toThrow(
      'tensor "w" has the shape [4, 4, -4], which no tensor has',
    );
    await expect(read(initializer(tensor({ location: "data" }, [2 ** 40, 2 ** 40])))).rejects.toThrow(
      "which no tensor has",
    );
    await truncate(join(folder, "unet/data"), 63);
    await expect(read(initializer(tensor({ location: "data" })))).rejects.toThrow("which has 63");
  });
});

describe("bytes that are no graph", () => {
  test("are refused by name, however they end", async () => {
    const whole = initializer(tensor({ location: "data" })).finish();
    for (let length = 0; length < whole.length; length++) {
      await expect(read(whole.subarray(0, length))).rejects.toThrow(
        "unet/model.onnx is no graph that the runtime can load, or it is truncated",
      );
    }
    await expect(
      read(new TextEncoder().encode("version https://git-lfs.github.com/spec/v1")),
    ).rejects.toThrow("Fetch or export it again.");
  });

  test("are never more than refused: a hundred thousand random ones", () => {
    let state = 1;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const whole = initializer(tensor({ location: "data" })).finish();
    for (let i = 0; i < 100_000; i++) {
      const bytes = whole.slice(0, 1 + Math.floor(random() * whole.length));
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      try {
        onnxTensors(bytes);
      } catch (error) {
        expect((error as Error).name).toBe("WireError");
      }
    }
  });

  test("a file of more than 2 GiB is refused by name, before it is read", async () => {
    await writeFile(join(folder, "unet/model.onnx"), "");
    await truncate(join(folder, "unet/model.onnx"), 2 ** 31);
    const files = await FolderFiles.open(folder);
    await expect(readGraphFile(files, "unet/model.onnx", "The model")).rejects.toThrow(
      "unet/model.onnx has 2147483648 bytes, but 2147483647 are the most that such a file may have",
    );
  });

  test.skipIf(process.platform === "win32")("a pipe is refused, and not waited for", async () => {
    execFileSync("mkfifo", [join(folder, "unet/model.onnx")]);
    const files = await FolderFiles.open(folder);
    await expect(readGraphFile(files, "unet/model.onnx", "The model")).rejects.toThrow("is not a file");
  });

  test("graphs in graphs without end are refused", async () => {
    let graph = writer();
    for (let i = 0; i < 200; i++)
      graph = writer().message(1, writer().message(5, writer().message(6, graph)));
    await expect(read(writer().message(7, graph))).rejects.toThrow("more than 64 deep");
  });
});
