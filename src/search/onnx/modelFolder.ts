import { createHash } from "node:crypto";
import { InputError } from "../inputError.js";
import type { FolderFiles } from "./files/folderFiles.js";
import { readTensors } from "./files/onnxTensors.js";
import { parseJsonBytes, readJson } from "./files/jsonFile.js";
import { Vocabulary } from "./text/vocabulary.js";
import { parseModelCard, type FolderCard, type ModelFile } from "./modelCard.js";

/** Files whose bytes have had the right hash: what identifies a state of one, to the hash. A changed file is hashed again. */
const verified = new Map<string, string>();

/** A folder with `model.json` and the files that it names. Nothing outside it is read, and no byte is given on before it is checked. */
export class ModelFolder {
  readonly card: FolderCard;
  readonly #files: FolderFiles;

  private constructor(files: FolderFiles, card: FolderCard) {
    this.#files = files;
    this.card = card;
  }

  static async open(files: FolderFiles): Promise<ModelFolder> {
    return new ModelFolder(files, parseModelCard(await readJson(files, "model.json")));
  }

  /** The bytes of a file of the card, with the size and the hash that the card says. */
  async read(entry: ModelFile): Promise<Uint8Array> {
    const { bytes, identity } = await this.#files.read(entry.file, "model.json", (size) => {
      if (size === entry.bytes) return;
      throw new InputError(
        `${entry.file} has ${size} bytes, but model.json says ${entry.bytes}: the file is truncated or of another version. Fetch the model again.`,
      );
    });
    if (verified.get(identity) !== entry.sha256) {
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      if (sha256 !== entry.sha256) {
        throw new InputError(
          `${entry.file} has the sha256 ${sha256}, but model.json says ${entry.sha256}: the file is damaged or not the one that was published. Fetch the model again.`,
        );
      }
      verified.set(identity, sha256);
    }
    if (entry.file.endsWith(".onnx")) refuseExternal(entry.file, bytes);
    return bytes;
  }

  /** Of a model that takes prompts. */
  async vocabulary(): Promise<Vocabulary> {
    const { text, labels } = this.card;
    if (!text) throw new InputError("model.json: text is missing, so there are no prompts to read.");
    const { file } = text.vocabulary;
    const value = parseJsonBytes(await this.read(text.vocabulary), file);
    return Vocabulary.parse(value, file, labels.length, text.weights, text.width);
  }
}

/** A file of a card is whole: what it named beside itself would have no hash. */
function refuseExternal(file: string, bytes: Uint8Array): void {
  const tensor = readTensors(file, bytes).find(({ external }) => external);
  if (!tensor) return;
  throw new InputError(
    `${file} keeps its tensor "${tensor.name}" in the file ${JSON.stringify(tensor.external!.location)}, for which model.json has no hash. Save the graph with its data inside.`,
  );
}
