import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { totalmem } from "node:os";
import { posix } from "node:path";
import { InputError } from "../../inputError.js";
import type { FolderFiles } from "./folderFiles.js";
import { readTensors } from "./onnxTensors.js";

/** A checked ONNX file: what the runtime may be given. */
export interface GraphFile {
  /** In its folder, e.g. "unet/model.onnx". */
  readonly file: string;
  /** Its path, beside which the runtime finds its external files by their names. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Real paths of the files beside the graph that hold its larger constants, by the name in the graph. */
  readonly external: ReadonlyMap<string, string>;
  /** Of all floating-point and integer constants. */
  readonly parameters: number;
  /** Lower-case hex, of the graph and of all external files. */
  readonly sha256: string;
}

/** Hashes of external files by what identifies a state of one: they are large and rarely change. */
const hashes = new Map<string, string>();

/**
 * Reads an ONNX file and looks at every place outside it that it names, before the runtime sees a byte: names that leave the model's
 * folder, ranges beyond the end of their file, constants larger than their range and sums larger than `memory` (bytes; by default this
 * machine's) are refused.
 */
export async function readGraphFile(
  files: FolderFiles,
  file: string,
  namedBy: string,
  memory: number = totalmem(),
): Promise<GraphFile> {
  const { bytes } = await files.read(file, namedBy);
  const tensors = readTensors(file, bytes);
  const sizes = new Map<string, number>();
  const external = new Map<string, string>();
  let total = bytes.length;
  let parameters = 0;
  for (const { name, dims, bytes: wanted, external: place } of tensors) {
    parameters += dims.reduce((product, side) => product * side, 1);
    if (!place) continue;
    const who = `${file}, tensor "${name}",`;
    const beside = posix.join(posix.dirname(file), place.location);
    if (place.location === "")
      throw new InputError(`${who} says that its values lie elsewhere, but not where.`);
    if (!external.has(place.location)) {
      // First the name as it stands, then the file: "a/../../b" would look harmless once joined.
      refuseLeaving(place.location, who);
      external.set(place.location, await files.resolve(beside, who));
      sizes.set(place.location, await files.size(beside, who));
    }
    const size = sizes.get(place.location)!;
    const length = place.length ?? wanted ?? 0;
    if (place.offset + length > size) {
      throw new InputError(
        `${who} lies at bytes ${place.offset} to ${place.offset + length} of ${beside}, which has ${size}: the file is truncated or of another export. Fetch it again.`,
      );
    }
    if (wanted !== undefined && wanted !== length) {
      throw new InputError(
        `${who} has the shape [${dims.join(", ")}], which takes ${wanted} bytes, but ${length} bytes in ${beside}. The export is damaged: export it again.`,
      );
    }
    total += length;
    if (total > memory) {
      throw new InputError(
        `${file} declares more than ${total} bytes of constants, but this machine has ${memory} bytes of memory. Take a smaller or a float16 export.`,
      );
    }
  }
  const hash = createHash("sha256").update(bytes);
  for (const [location, path] of [...external].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${location}\0${await hashOf(files, posix.join(posix.dirname(file), location), path)}`);
  }
  return {
    file,
    path: await files.nameOf(file, namedBy),
    bytes,
    external,
    parameters,
    sha256: hash.digest("hex"),
  };
}

/**
 * Bytes of a graph and of the files that it keeps constants in. It is read for their names only where others lie in its folder; what is wrong
 * with them `readGraphFile` says.
 */
export async function graphSize(files: FolderFiles, file: string, namedBy: string): Promise<number> {
  const own = await files.size(file, namedBy);
  const others = (await files.list(posix.dirname(file))).filter((name) => !/\.(json|txt|md)$/i.test(name));
  if (others.every((name) => name === posix.basename(file))) return own;
  const { bytes } = await files.read(file, namedBy);
  const locations = new Set(readTensors(file, bytes).map(({ external }) => external?.location ?? ""));
  let total = own;
  for (const location of locations) {
    const beside = posix.join(posix.dirname(file), location);
    if (location === "" || leaves(location) || !(await files.has(beside))) continue;
    total += await files.size(beside, namedBy);
  }
  return total;
}

const leaves = (location: string): boolean =>
  /^[\\/]|^[a-z]:|\0/i.test(location) || location.split(/[\\/]/).includes("..");

function refuseLeaving(location: string, who: string): void {
  if (!leaves(location)) return;
  throw new InputError(
    `${who} has its values in ${JSON.stringify(location)}, which is outside the model's folder. That is refused. Export the model with its data beside it.`,
  );
}

async function hashOf(files: FolderFiles, file: string, path: string): Promise<string> {
  const identity = await files.identity(file, file);
  const known = hashes.get(identity);
  if (known !== undefined) return known;
  const hash: Hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  const hex = hash.digest("hex");
  files.checkBlob(file, path, hex);
  hashes.set(identity, hex);
  return hex;
}
