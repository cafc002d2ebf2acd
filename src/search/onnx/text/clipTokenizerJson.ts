/**
 * The tokenizer.json that Hugging Face's fast CLIP tokenizer has for a vocab.json and merges.txt: lower case, NFC, byte-level BPE whose
 * words end in "</w>" (openai/CLIP, simple_tokenizer.py; transformers, convert_slow_tokenizer.py, CLIPConverter).
 */
export function clipTokenizerJson(
  vocab: Readonly<Record<string, number>>,
  merges: string,
): Record<string, unknown> {
  const [start, end] = ["<|startoftext|>", "<|endoftext|>"];
  const special = (content: string): object => ({
    id: vocab[content],
    content,
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: content === start, special: true },
  });
  return {
    version: "1.0",
    added_tokens: [special(start), special(end)],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Lowercase" },
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        {
          type: "Split",
          pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
          behavior: "Removed",
          invert: true,
        },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: "RobertaProcessing",
      sep: [end, vocab[end]],
      cls: [start, vocab[start]],
      ...{ trim_offsets: false, add_prefix_space: false },
    },
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      ...{ dropout: null, unk_token: end, continuing_subword_prefix: "", end_of_word_suffix: "</w>" },
      ...{ fuse_unk: false, byte_fallback: false },
      vocab,
      merges: merges.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#version")),
    },
  };
}
