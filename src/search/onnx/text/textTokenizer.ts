import { Tokenizer } from "@huggingface/tokenizers";
import { listed, messageOf, shown } from "../../check.js";
import { InputError } from "../../inputError.js";
import { readJson } from "../files/jsonFile.js";
import type { FileReader } from "../files/notedFiles.js";
import { splitsAtSpaces } from "./splitsAtSpaces.js";
import { lowers, lowerSigmas, withRustSpaces } from "./asInRust.js";
import { clipTokenizerJson } from "./clipTokenizerJson.js";

/** A prompt as an encoder takes it, padded to its length. */
export interface Tokens {
  readonly ids: readonly number[];
  /** 1 where there is a token of the prompt or a mark of its ends, 0 where there is padding. */
  readonly mask: readonly number[];
  /** What did not fit, as text, of very much its beginning; absent if all did. */
  readonly lost?: string;
}

/** Tokens of what does not fit that are kept, to say what it was. */
const LOST = 512;
/** Characters that make a token, or fewer. */
const CHARACTERS = 8;
/** Characters that are looked at, or a little more, when they make fewer tokens than are wanted. */
const MOST = 16_384;

/** The tokenizer of one folder, e.g. "tokenizer_2": tokenizer.json, or CLIP's vocab.json and merges.txt. */
export class TextTokenizer {
  /** Tokens that the folder says the encoder takes; undefined where it says none or a number beyond use. */
  readonly maxLength: number | undefined;
  readonly #tokenizer: Tokenizer;
  readonly #pad: number;
  /** Whether a long text may be tokenized up to a space alone. */
  readonly #byWords: boolean;
  readonly #lowers: boolean;
  readonly #marks: { readonly before: readonly number[]; readonly after: readonly number[] };

  private constructor(
    tokenizer: Tokenizer,
    pad: number,
    maxLength: number | undefined,
    byWords: boolean,
    lowers: boolean,
  ) {
    this.#tokenizer = tokenizer;
    this.#pad = pad;
    this.#byWords = byWords;
    this.#lowers = lowers;
    this.maxLength = maxLength;
    const marks = tokenizer.encode("").ids;
    this.#marks =
      marks.length < 2
        ? { before: [], after: marks }
        : { before: marks.slice(0, -1), after: marks.slice(-1) };
  }

  static async load(files: FileReader, folder: string): Promise<TextTokenizer> {
    const config = await optionalJson(files, `${folder}/tokenizer_config.json`);
    const special = await optionalJson(files, `${folder}/special_tokens_map.json`);
    const json = await definition(files, folder);
    let tokenizer: Tokenizer;
    try {
      // Without the class: the library has habits for some, which the file does not have.
      const whole = withSpecial(withRustSpaces(json), [...Object.values(special), config["pad_token"]]);
      tokenizer = new Tokenizer(whole, {});
    } catch (error) {
      throw new InputError(
        `${folder} holds a tokenizer that cannot be used: ${messageOf(error)}. Save it again with transformers' save_pretrained.`,
      );
    }
    const name = contentOf(special["pad_token"] ?? config["pad_token"]) ?? "<|endoftext|>";
    const pad = tokenizer.token_to_id(name);
    if (pad === undefined) {
      throw new InputError(
        `${folder} pads with ${shown(name)}, which is not in its vocabulary. Save it again with transformers' save_pretrained.`,
      );
    }
    const length = config["model_max_length"];
    const useful =
      typeof length === "number" && Number.isSafeInteger(length) && length > 1 && length < 100_000;
    return new TextTokenizer(tokenizer, pad, useful ? length : undefined, splitsAtSpaces(json), lowers(json));
  }

  /** `length` ids, marks of the ends and padding included. What is too long is cut at its end, as in transformers. */
  encode(text: string, length: number): Tokens {
    const { before, after } = this.#marks;
    const room = length - before.length - after.length;
    const { ids: all, unread } = this.#idsOf(text, room + LOST);
    const ids = [...before, ...all.slice(0, room), ...after];
    const padding = new Array<number>(length - ids.length).fill(0);
    const rest = all.slice(room, room + LOST);
    const decoded = rest.length > 0 ? this.#tokenizer.decode(rest).replaceAll("</w>", " ").trim() : "";
    const lost = rest.length > 0 ? decoded : unread === "" ? undefined : unread.slice(0, LOST);
    return {
      ids: [...ids, ...padding.map(() => this.#pad)],
      mask: [...ids.map(() => 1), ...padding],
      ...(lost === undefined ? {} : { lost }),
    };
  }

  /**
   * The ids of a text, or the first ones, at least `wanted` of them, and what of it was not looked at. Of a long text so many words are tokenized as have
   * them; where there is no word's end near, what two cuts of different lengths agree on is taken.
   */
  #idsOf(text: string, wanted: number): { readonly ids: readonly number[]; readonly unread: string } {
    for (let length = CHARACTERS * wanted; length < text.length; length *= 2) {
      const end = this.#byWords ? endOfWord(text, length) : undefined;
      const read = end ?? length;
      const ids = this.#ids(text.slice(0, read));
      const isSure =
        ids.length >= wanted &&
        (end !== undefined || isStart(ids, this.#ids(text.slice(0, 1.5 * length)), wanted));
      if (isSure || read >= MOST) return { ids, unread: text.slice(read) };
    }
    return { ids: this.#ids(text), unread: "" };
  }

  #ids(text: string): readonly number[] {
    const spelt = this.#lowers ? lowerSigmas(text) : text;
    return spelt === "" ? [] : this.#tokenizer.encode(spelt, { add_special_tokens: false }).ids;
  }
}

const isStart = (ids: readonly number[], longer: readonly number[], wanted: number): boolean =>
  ids.slice(0, wanted).every((id, i) => id === longer[i]);

/** The first place from `start` on, and before twice as far, with a space after what is no white space; undefined if there is none. */
function endOfWord(text: string, start: number): number | undefined {
  const found = /\S(?= )/u.exec(text.slice(start, 2 * start));
  return found ? start + found.index + found[0].length : undefined;
}

/** tokenizer.json as it stands, or as it follows from CLIP's two files. */
async function definition(files: FileReader, folder: string): Promise<Record<string, unknown>> {
  const [whole, vocab, merges] = ["tokenizer.json", "vocab.json", "merges.txt"].map(
    (name) => `${folder}/${name}`,
  ) as [string, string, string];
  if (await files.has(whole)) return readObject(files, whole);
  if ((await files.has(vocab)) && (await files.has(merges))) {
    const words = await readObject(files, vocab);
    const wrong = Object.entries(words).find(([, id]) => !Number.isSafeInteger(id));
    if (wrong)
      throw new InputError(
        `${vocab} gives ${shown(wrong[0])} the id ${shown(wrong[1])}, which is no number.`,
      );
    for (const mark of ["<|startoftext|>", "<|endoftext|>"]) {
      if (!Object.hasOwn(words, mark))
        throw new InputError(`${vocab} has no ${mark}, so it is not CLIP's vocabulary.`);
    }
    const { bytes } = await files.read(merges, folder);
    const text = new TextDecoder().decode(bytes);
    refuseTruncated(Object.keys(words), text, vocab, merges);
    return clipTokenizerJson(words as Record<string, number>, text);
  }
  const compiled = await files.has(`${folder}/spiece.model`);
  throw new InputError(
    `The tokenizer ${folder} is missing. ${listed("Looked for", [whole, `${vocab} with merges.txt`])}. ${
      compiled
        ? `${folder}/spiece.model alone does not do: save the tokenizer.json beside it with transformers, AutoTokenizer.from_pretrained(...).save_pretrained(...).`
        : "Copy it from the model's repository."
    }`,
  );
}

/** Every longer word of a vocabulary is made by a merge; a twentieth may be out of reach, as in vocabularies that were cut by hand. */
function refuseTruncated(words: readonly string[], text: string, vocab: string, merges: string): void {
  const made = new Set(text.split(/\r?\n/).map((line) => line.split(" ").join("")));
  const longer = words.filter((word) => !word.startsWith("<|") && word.replace("</w>", "").length > 1);
  const lost = longer.filter((word) => !made.has(word)).length;
  if (lost <= 0.05 * longer.length) return;
  throw new InputError(
    `${merges} does not make ${lost} of the ${longer.length} longer words of ${vocab}: it is truncated, or of another model. Fetch it again.`,
  );
}

async function readObject(files: FileReader, file: string): Promise<Record<string, unknown>> {
  const value = await readJson(files, file);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new InputError(`${file} is ${shown(value)}, but must be an object.`);
}

function optionalJson(files: FileReader, file: string): Promise<Record<string, unknown>> {
  return files.has(file).then((there) => (there ? readObject(files, file) : {}));
}

/**
 * Special tokens are found in a prompt before any other, whatever a tokenizer.json says: as in transformers, "!" is the padding of SDXL's
 * second encoder wherever it stands.
 */
function withSpecial(json: Record<string, unknown>, special: readonly unknown[]): object {
  const added = Array.isArray(json["added_tokens"]) ? (json["added_tokens"] as { content?: unknown }[]) : [];
  const vocab = (json["model"] as { vocab?: Record<string, number> } | undefined)?.vocab ?? {};
  const names = new Set(special.map(contentOf).filter((name) => name !== undefined));
  const missing = [...names].filter(
    (name) => Object.hasOwn(vocab, name) && !added.some(({ content }) => content === name),
  );
  const more = missing.map((content) => ({
    ...{ id: vocab[content], content, special: true },
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
  }));
  return { ...json, added_tokens: [...added, ...more] };
}

/** A special token is a text, or an object with its text. */
function contentOf(token: unknown): string | undefined {
  if (typeof token === "string") return token;
  const content =
    typeof token === "object" && token !== null ? (token as { content?: unknown }).content : undefined;
  return typeof content === "string" ? content : undefined;
}
