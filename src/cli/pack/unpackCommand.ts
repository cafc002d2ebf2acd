import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError, type Command } from "../command.js";
import { EXIT } from "../exit.js";
import { decodeNamed, prepareFolder, UnreadableError } from "../files.js";
import { oneOperand, readArguments } from "../readArguments.js";
import { unpacked, type Files } from "./archive.js";

export const unpackCommand: Command = {
  name: "unpack",
  summary: "take out what dnb pack has put into a zip",
  usage: `Usage: dnb unpack <file.zip> [-o <folder>]

Into a folder that is new or empty; all of it or nothing. Refused: names that lead out of the folder, links, more than 1 GB, files that were
changed after they were packed.

  -o, --output <folder>   where it goes (default: the archive's name)`,
  run: async (args) => {
    const { values, positionals } = readArguments(args, { output: { type: "string", short: "o" } });
    const input = oneOperand("unpack", "archive", positionals);
    const folder = resolve(values.output ?? basename(input).replace(/(?:\.dnb)?\.zip$/, ""));
    if (existsSync(folder) && readdirSync(folder).length) throw new UsageError(`${folder} is not empty`);
    prepareFolder(folder);
    let archive: Uint8Array;
    try {
      archive = readFileSync(input);
    } catch (error) {
      throw new UnreadableError(`${input}: ${error instanceof Error ? error.message : String(error)}`);
    }
    const files = unpacked(archive);
    for (const [name, bytes] of files) if (name.endsWith(".dnb")) decodeNamed(name, bytes);
    writeAll(folder, files);
    process.stdout.write([...files.keys()].map((name) => `${name}\n`).join(""));
    return EXIT.ok;
  },
};

/** Beside and renamed, so that a full disk leaves no half of it. */
function writeAll(folder: string, files: Files): void {
  const draft = `${folder}.${process.pid}.tmp`;
  try {
    for (const [name, bytes] of files) {
      const path = join(draft, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes, { flag: "wx" });
    }
    if (existsSync(folder)) rmdirSync(folder);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}
