import type { EngineCondition } from "../../engine/engine.js";
import { listed } from "../../check.js";
import { nearest } from "../../condition.js";
import { CardReader } from "../cardReader.js";

/** Small words that say nothing about the picture; training leaves them out too. */
const SMALL = new Set(["a", "an", "the", "with", "of", "on", "in", "to", "and", "or", "for", "at", "s"]);

/** Weights of a bag's tokens, as in training: a word of the prompt, and the token of the class as a whole. */
export interface BagWeights {
  readonly label: number;
  readonly concept: number;
}

/** What a text graph takes of one prompt: tokens (0 pads) with their weights, both `width` long. */
export interface Bag {
  readonly tokens: readonly number[];
  readonly weights: readonly number[];
}

/**
 * The words that a bag-of-words text encoder knows, and the classes of its model. Token k + 1 is word k; after the words, each class has a token
 * of its own. A prompt that is no class is its known words, an emoji the words of its class; what it does not know is left out, and said.
 */
export class Vocabulary {
  readonly #words: ReadonlyMap<string, number>;
  /** Words of each class, by number. */
  readonly #classes: readonly (readonly number[])[];
  readonly #weights: BagWeights;
  /** Emoji of the classes that have one, without selectors of presentation, with the words of the class. */
  readonly #emoji: ReadonlyMap<string, string>;
  /** Any of them, the longest first. */
  readonly #anyEmoji: RegExp | undefined;

  private constructor(
    words: readonly string[],
    classes: readonly (readonly number[])[],
    emoji: readonly (string | undefined)[],
    weights: BagWeights,
    readonly width: number,
  ) {
    this.#words = new Map(words.map((word, k) => [word, k]));
    this.#classes = classes;
    this.#weights = weights;
    const spelt = emoji.flatMap((one, k): [string, string][] =>
      one === undefined ? [] : [[bare(one), classes[k]!.map((word) => words[word]!).join(" ")]],
    );
    // Nothing that means something in a pattern.
    this.#emoji = new Map(spelt.filter(([one]) => PICTURE.test(one) && /^\P{ASCII}+$/u.test(one)));
    const longest = [...this.#emoji.keys()].sort((a, b) => b.length - a.length);
    if (longest.length > 0) this.#anyEmoji = new RegExp(longest.join("|"), "gu");
  }

  /** `value`: vocabulary.json, for `classes` classes. */
  static parse(
    value: unknown,
    file: string,
    classes: number,
    weights: BagWeights,
    width: number,
  ): Vocabulary {
    const root = CardReader.root(value, file);
    const words = root.list("words").map((word) => word.asText());
    const entries = root.list("concepts");
    const concepts = entries.map((concept) =>
      concept.list("words").map((k) => k.asInteger(0, words.length - 1)),
    );
    const emoji = entries.map((concept) => (concept.has("emoji") ? concept.text("emoji") : undefined));
    if (concepts.length !== classes)
      root.field("concepts").fail(`has ${concepts.length} entries, but the model has ${classes} labels`);
    return new Vocabulary(words, concepts, emoji, weights, width);
  }

  /** Tokens that there are, padding included. */
  get size(): number {
    return 1 + this.#words.size + this.#classes.length;
  }

  /** `own`: whether a class's own token is there too; an encoder that was trained on words alone knows none. */
  bag({ label, prompt }: EngineCondition, own: boolean): Bag {
    const words = label === undefined ? this.#known(prompt ?? "") : this.#classes[label]!;
    const class_ = label === undefined || !own ? [] : [[1 + this.#words.size + label, this.#weights.concept]];
    const entries = [...class_, ...words.map((k) => [k + 1, this.#weights.label])].slice(0, this.width);
    const padded = (column: 0 | 1): number[] =>
      Array.from({ length: this.width }, (_, i) => entries[i]?.[column] ?? 0);
    return { tokens: padded(0), weights: padded(1) };
  }

  /** What the user has to know of how a prompt is taken, a sentence each. */
  remarks({ label, prompt, negative }: EngineCondition): readonly string[] {
    const remarks = label === undefined && prompt !== undefined ? this.#remarks(prompt, "prompt") : [];
    return [...remarks, ...(negative === undefined ? [] : this.#remarks(negative, "negative prompt"))];
  }

  #remarks(text: string, what: "prompt" | "negative prompt"): string[] {
    const outcome = NOTHING[what];
    if (text.trim() === "") return [`The ${what} is empty: ${outcome}.`];
    const unknown = this.#unknown(text);
    const known = this.#known(text);
    const remarks: string[] = [];
    if (unknown.size > 0) {
      const words = [...this.#words.keys()];
      const near = [...unknown.keys()].slice(0, MOST).flatMap((word) => nearest(word, words) ?? []);
      const hint = near.length > 0 ? ` ${listed("Near ones", [...new Set(near)])}.` : "";
      const written = [...new Set(unknown.values())];
      remarks.push(`The ${what} has words that the model does not know: ${some(written)}.${hint}`);
    }
    if (known.length === 0)
      remarks.push(
        `The ${what} ${JSON.stringify(shortened(text))} has no word that the model knows: ${outcome}.`,
      );
    if (known.length > this.width)
      remarks.push(
        `The ${what} has ${known.length} words, and the model takes ${this.width}: it sees the first ones.`,
      );
    return remarks;
  }

  /** Words that are not there, as they are compared, with how the text has them: whole, with accents and the signs of other scripts. */
  #unknown(text: string): ReadonlyMap<string, string> {
    const unknown = new Map<string, string>();
    const add = (word: string, written: string): void => {
      if (!this.#words.has(word) && !unknown.has(word)) unknown.set(word, written);
    };
    const spelt = this.#spelt(text);
    for (const written of spelt.normalize("NFC").match(/[\p{L}\p{N}\p{M}'’]+/gu) ?? [])
      for (const word of wordsOf(written)) add(word, written);
    // What becomes letters only when it is taken apart, such as "℃".
    for (const word of wordsOf(spelt)) add(word, word);
    for (const [sign] of spelt.matchAll(/\p{Extended_Pictographic}/gu)) add(sign, sign);
    return unknown;
  }

  /** Numbers of the words of a text, each once. */
  #known(text: string): number[] {
    return [...new Set(wordsOf(this.#spelt(text)).flatMap((word) => this.#words.get(word) ?? []))];
  }

  /** With the words of a class where the text has its emoji. */
  #spelt(text: string): string {
    if (!this.#anyEmoji || !PICTURE.test(text)) return text;
    return bare(text).replace(this.#anyEmoji, (one) => ` ${this.#emoji.get(one)!} `);
  }
}

const PICTURE = /\p{Extended_Pictographic}/u;
const bare = (text: string): string => text.replaceAll("\ufe0f", "");

/** Words of a text as training splits it: no accents, no case, no apostrophes. */
export function wordsOf(text: string): string[] {
  const plain = text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/['’]/g, "");
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !SMALL.has(word));
}

/** What becomes of a text of which nothing is left. */
const NOTHING = {
  prompt: "the picture is of anything, and what scores against the prompt has nothing to go by",
  "negative prompt": "it is as if there were none",
};
/** Words that a sentence names. */
const MOST = 8;

function some(words: readonly string[]): string {
  const shown = words.slice(0, MOST).map((word) => JSON.stringify(shortened(word)));
  return shown.join(", ") + (words.length > MOST ? ` and ${words.length - MOST} more` : "");
}

/** Cut between characters, also those of two code units. */
function shortened(text: string): string {
  const first = [...text.slice(0, 80)].slice(0, 40).join("");
  return first.length < text.length ? `${first}…` : text;
}
