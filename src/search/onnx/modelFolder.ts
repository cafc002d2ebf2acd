import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, sep } from "node:path";
import { InputError } from "../inputError.js";
import { messageOf } from "../check.js";
import { parseModelCard, type FolderCard, type ModelFile } from "./modelCard.js";

/** Files whose bytes have had the right hash: "device/inode/size/mtime" to the hash. A changed file is hashed again. */
const verified = new Map<string, string>();

/** A folder with `model.json` and the files that it names. Nothing outside it is read, and no byte is given on before it is checked. */
export class ModelFolder {
  readonly card: FolderCard;
  /** Real path, links resolved. */
  readonly #path: string;

  private constructor(path: string, card: FolderCard) {
    this.#path = path;
    this.card = card;
  }

  static async open(folder: string): Promise<ModelFolder> {
    const path = await realpath(folder).catch(() => {
      throw new InputError(`There is no model folder ${folder}.`);
    });
    const text = await readFile(join(path, "model.json"), "utf8").catch((error: unknown) => {
      throw new InputError(
        `${folder} is no model folder: its model.json cannot be read (${messageOf(error)}).`,
      );
    });
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new InputError(`model.json in ${folder} is not JSON: ${messageOf(error)}.`);
    }
    return new ModelFolder(path, parseModelCard(value));
  }

  /** The bytes of a file of the card, with the size and the hash that the card says. */
  async read(entry: ModelFile): Promise<Uint8Array> {
    const path = await this.#inside(entry.file);
    const { size, mtimeMs, ino, dev } = await stat(path);
    if (size !== entry.bytes) {
      throw new InputError(
        `${entry.file} has ${size} bytes, but model.json says ${entry.bytes}: the file is truncated or of another version. Fetch the model again.`,
      );
    }
    const bytes = await readFile(path);
    const identity = [dev, ino, size, mtimeMs].join("/");
    if (verified.get(identity) !== entry.sha256) {
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      if (sha256 !== entry.sha256) {
        throw new InputError(
          `${entry.file} has the sha256 ${sha256}, but model.json says ${entry.sha256}: the file is damaged or not the one that was published. Fetch the model again.`,
        );
      }
      verified.set(identity, sha256);
    }
    return bytes;
  }

  async #inside(file: string): Promise<string> {
    const outside = (): never => {
      throw new InputError(
        `model.json names ${JSON.stringify(file)}, which is outside its folder. That is refused.`,
      );
    };
    if (isAbsolute(file) || /^[a-z]:/i.test(file) || file.split(/[\\/]/).includes("..")) return outside();
    const path = await realpath(join(this.#path, file)).catch(() => {
      throw new InputError(`${file} is missing from the model folder ${this.#path}.`);
    });
    return path.startsWith(this.#path + sep) ? path : outside();
  }
}
