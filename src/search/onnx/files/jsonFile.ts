import { messageOf } from "../../check.js";
import { InputError } from "../../inputError.js";
import type { FileReader } from "./notedFiles.js";

/** The value of a JSON file in a model's folder. */
export async function readJson(files: Pick<FileReader, "read">, file: string): Promise<unknown> {
  const { bytes } = await files.read(file, "The model");
  return parseJsonBytes(bytes, file);
}

/** The value of a JSON file's bytes. */
export function parseJsonBytes(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch (error) {
    throw new InputError(`${file} is not JSON: ${messageOf(error)}. Fetch the model again.`);
  }
}
