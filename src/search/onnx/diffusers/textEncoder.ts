import { InputError } from "../../inputError.js";
import type { Tokens, TextTokenizer } from "../text/textTokenizer.js";
import type { PipelineFolder } from "./pipelineFolder.js";
import type { Feeds, PipelineGraph, Values } from "./pipelineGraph.js";

/** Prompts whose tokens are kept: those of the last conditions, and the negative ones. */
const KEPT = 8;

const RULES = {
  input_ids: { type: "integer", ranks: [2] },
  attention_mask: { type: "number", ranks: [2], optional: true },
} as const;

/** A prompt's tokens and all that its encoder gave for them, of a batch of one. */
export interface Encoded {
  readonly tokens: Tokens;
  readonly outputs: ReadonlyMap<string, Values>;
}

/** One text encoder of a pipeline with its tokenizer. */
export class TextEncoder {
  readonly file: string;
  readonly #tokenizer: TextTokenizer;
  readonly #graph: PipelineGraph;
  readonly #length: number;
  readonly #tokens = new Map<string, Tokens>();

  private constructor(tokenizer: TextTokenizer, graph: PipelineGraph, length: number) {
    this.file = graph.file;
    this.#tokenizer = tokenizer;
    this.#graph = graph;
    this.#length = length;
  }

  /** `which`: "" for text_encoder, "_2" and "_3" for the others. `length`: tokens, absent = what the tokenizer's folder says, else 77. */
  static async load(folder: PipelineFolder, which: "" | "_2" | "_3", length?: number): Promise<TextEncoder> {
    const tokenizer = await folder.tokenizer(`tokenizer${which}`);
    const checked = (graph: PipelineGraph): TextEncoder => {
      graph.check(RULES);
      const fixed = graph.inputs.get("input_ids")!.shape[1];
      const wanted = length ?? tokenizer.maxLength ?? 77;
      return new TextEncoder(tokenizer, graph, typeof fixed === "number" && fixed > 0 ? fixed : wanted);
    };
    const graph = await folder.graph(`text_encoder${which}`, (probed) => {
      const encoder = checked(probed);
      return encoder.#feeds(tokenizer.encode("", encoder.#length));
    });
    return checked(graph);
  }

  /** The end that a prompt loses, with where: nothing, or one phrase. */
  cut(prompt: string): string[] {
    const { lost } = this.#tokensOf(prompt);
    return lost === undefined
      ? []
      : [`the ${this.#length} tokens of ${this.file}: ${JSON.stringify(shortened(lost))}`];
  }

  /** A prompt that is too long loses its end. */
  async encode(prompt: string): Promise<Encoded> {
    const tokens = this.#tokensOf(prompt);
    return { tokens, outputs: await this.#graph.run(this.#feeds(tokens)) };
  }

  /** Made once: a prompt is asked for by its encoding and by its notice. */
  #tokensOf(prompt: string): Tokens {
    const tokens = this.#tokens.get(prompt) ?? this.#tokenizer.encode(prompt, this.#length);
    const [oldest] = this.#tokens.keys();
    this.#tokens.delete(prompt);
    this.#tokens.set(prompt, tokens);
    if (this.#tokens.size > KEPT) this.#tokens.delete(oldest!);
    return tokens;
  }

  #feeds({ ids, mask }: Tokens): Feeds {
    const dims = [1, this.#length];
    return {
      input_ids: { data: Float32Array.from(ids), dims },
      ...(this.#graph.inputs.has("attention_mask")
        ? { attention_mask: { data: Float32Array.from(mask), dims } }
        : {}),
    };
  }

  /** The output of this name, without its batch dimension; every value is finite. */
  output({ outputs }: Encoded, name: string): Values {
    const found = outputs.get(name);
    if (!found) {
      throw new InputError(
        `${this.file} has no output "${name}"; its outputs are: ${[...outputs.keys()].join(", ")}. Export it in optimum's layout.`,
      );
    }
    // Here and not of all outputs: what nobody takes may overflow.
    if (!found.data.every(Number.isFinite)) {
      throw new InputError(
        `${this.file} gave values that are no numbers for a prompt, in its output "${name}". A float16 text encoder may overflow (T5's does): take a float32 export of it.`,
      );
    }
    return { data: found.data, dims: found.dims.slice(1) };
  }

  /** The hidden state before the last one, which SDXL and SD3 take. */
  penultimate(encoded: Encoded): Values {
    const layers = [...encoded.outputs.keys()].filter((name) => /^hidden_states\.\d+$/.test(name)).length;
    return this.output(encoded, `hidden_states.${Math.max(0, layers - 2)}`);
  }
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
