import { createHash } from "node:crypto";
import { Unzip, UnzipInflate, zipSync } from "fflate";
import { UnreadableError } from "../files.js";

/** Paths in an archive, with "/" between folders, to the files' bytes. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** What an archive may hold; more is refused while it is being unpacked, whatever it claims beforehand. */
export interface Limits {
  readonly bytes: number;
  readonly entries: number;
}

export const LIMITS: Limits = { bytes: 1_000_000_000, entries: 10_000 };

/** Name, size and sha256 of every other file; so a byte that was changed on the way is found. */
const MANIFEST = ".dnb/manifest.json";
const CHUNK = 65_536;
/** The first moment that a zip can name: the same files make the same archive. */
const TIME = new Date(1980, 0, 2);

export function packed(files: Files): Uint8Array {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const manifest = Object.fromEntries(
    sorted.map(([name, bytes]) => [name, { bytes: bytes.length, sha256: sha256(bytes) }]),
  );
  const text = new TextEncoder().encode(`${JSON.stringify({ dnb: 1, files: manifest }, null, 1)}\n`);
  return zipSync(Object.fromEntries([[MANIFEST, text], ...sorted]), { mtime: TIME, level: 6 });
}

/** Throws UnreadableError for an archive that is damaged, too large, or names a place outside of the folder that it is unpacked to. */
export function unpacked(archive: Uint8Array, limits = LIMITS): Files {
  const listed = directory(archive, limits);
  const files = new Map<string, Uint8Array>();
  let total = 0;
  const unzip = new Unzip((entry) => {
    checkName(entry.name);
    if (!listed.has(entry.name) || files.has(entry.name))
      refuse(`${entry.name} stands in it twice, or is not in its directory`);
    const chunks: Uint8Array[] = [];
    files.set(entry.name, new Uint8Array());
    entry.ondata = (error, chunk, final) => {
      if (error) refuse(`${entry.name} cannot be unpacked: ${error.message}`);
      // What really comes out counts: sizes in an archive are claims.
      total += chunk.length;
      if (total > limits.bytes) refuse(`it holds more than ${limits.bytes} bytes`);
      chunks.push(chunk);
      if (final) files.set(entry.name, Buffer.concat(chunks));
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  try {
    for (let at = 0; at < archive.length; at += CHUNK)
      unzip.push(archive.subarray(at, at + CHUNK), at + CHUNK >= archive.length);
  } catch (error) {
    if (error instanceof UnreadableError) throw error;
    refuse(error instanceof Error ? error.message : String(error));
  }
  return checked(files);
}

/** The files, once each is what the manifest says. */
function checked(files: Map<string, Uint8Array>): Files {
  const manifest = files.get(MANIFEST);
  if (!manifest) refuse(`it has no ${MANIFEST}, so it was not made by dnb pack`);
  files.delete(MANIFEST);
  let expected: Readonly<Record<string, { readonly sha256?: unknown }>>;
  try {
    const { files: listed } = JSON.parse(new TextDecoder().decode(manifest)) as { files: typeof expected };
    expected = listed;
    if (typeof expected !== "object" || expected === null) throw new Error("it names no files");
  } catch (error) {
    return refuse(
      `its ${MANIFEST} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  for (const name of Object.keys(expected)) if (!files.has(name)) refuse(`${name} is missing`);
  for (const [name, bytes] of files) {
    const found = Object.hasOwn(expected, name) ? expected[name]?.sha256 : undefined;
    if (found !== sha256(bytes)) refuse(`${name} was changed after it was packed`);
  }
  return files;
}

/** The names in the archive's directory at its end, which alone says what is a link. PKWARE's APPNOTE, sections 4.3.12 and 4.3.16. */
function directory(archive: Uint8Array, { entries }: Limits): Set<string> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  let end = archive.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) refuse("it is no zip file, or was cut off");
  const count = view.getUint16(end + 10, true);
  if (count > entries) refuse(`it has ${count} entries; ${entries} are allowed`);
  const names = new Set<string>();
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index++) {
    if (at + 46 > archive.length || view.getUint32(at, true) !== 0x02014b50)
      refuse("its directory is damaged");
    const length = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(archive.subarray(at + 46, at + 46 + length));
    // The upper half of the external attributes is the Unix mode; 0xA000 is a symbolic link.
    if (view.getUint32(at + 38, true) >>> 28 === 0xa) refuse(`${name} is a link`);
    checkName(name);
    names.add(name);
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return names;
}

/** Whether it is a relative path of plain names: nothing that any system takes for a way out, a drive or a device. */
export const isPlainName = (name: string): boolean =>
  name.length <= 500 &&
  name
    .split("/")
    .every(
      (part) =>
        part !== "" &&
        part !== "." &&
        part !== ".." &&
        !/[\\:*?"<>|\u0000-\u001f]|[. ]$/.test(part) &&
        !/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(part),
    );

function checkName(name: string): void {
  if (!isPlainName(name))
    refuse(`it names ${JSON.stringify(name.slice(0, 100))}, which is no plain relative path`);
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function refuse(why: string): never {
  throw new UnreadableError(`the archive was not unpacked: ${why}`);
}
