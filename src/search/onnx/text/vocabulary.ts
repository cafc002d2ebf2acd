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
 * of its own. A prompt that is no class is its known words; what it does not know is left out, and said.
 */
export class Vocabulary {
  readonly #words: ReadonlyMap<string, number>;
  /** Words of each class, by number. */
  readonly #classes: readonly (readonly number[])[];
  readonly #weights: BagWeights;

  private constructor(
    words: readonly string[],
    classes: readonly (readonly number[])[],
    weights: BagWeights,
    readonly width: number,
  ) {
    this.#words = new Map(words.map((word, k) => [word, k]));
    this.#classes = classes;
    this.#weights = weights;
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
    const concepts = root
      .list("concepts")
      .map((concept) => concept.list("words").map((k) => k.asInteger(0, words.length - 1)));
    if (concepts.length !== classes)
      root.field("concepts").fail(`has ${concepts.length} entries, but the model has ${classes} labels`);
    return new Vocabulary(words, concepts, weights, width);
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

  #remarks(text: string, what: string): string[] {
    if (text.trim() === "") return [`The ${what} is empty: ${ANYTHING}.`];
    const all = wordsOf(text);
    const unknown = [...new Set(all.filter((word) => !this.#words.has(word)))];
    const known = this.#known(text);
    const remarks: string[] = [];
    if (unknown.length > 0) {
      const near = unknown.flatMap((word) => nearest(word, [...this.#words.keys()]) ?? []);
      const hint = near.length > 0 ? ` ${listed("Near ones", [...new Set(near)])}.` : "";
      remarks.push(`The ${what} has words that the model does not know: ${some(unknown)}.${hint}`);
    }
    if (known.length === 0)
      remarks.push(
        `The ${what} ${JSON.stringify(shortened(text))} has no word that the model knows: ${ANYTHING}.`,
      );
    if (known.length > this.width)
      remarks.push(
        `The ${what} has ${known.length} words, and the model takes ${this.width}: it sees the first ones.`,
      );
    return remarks;
  }

  /** Numbers of the words of a text, each once. */
  #known(text: string): number[] {
    return [...new Set(wordsOf(text).flatMap((word) => this.#words.get(word) ?? []))];
  }
}

/** Words of a text as training splits it: no accents, no case, no apostrophes. */
export function wordsOf(text: string): string[] {
  const plain = text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/['’]/g, "");
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !SMALL.has(word));
}

const ANYTHING = "the picture is of anything";
const MOST = 8;

function some(words: readonly string[]): string {
  const shown = words.slice(0, MOST).map((word) => JSON.stringify(shortened(word)));
  return shown.join(", ") + (words.length > MOST ? ` and ${words.length - MOST} more` : "");
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
