import { Tensor } from "onnxruntime-node";
import type { Vocabulary } from "../text/vocabulary.js";
import type { BagEncoder } from "./bagEncoder.js";
import type { ConditionInputs } from "./conditionInputs.js";

/** text float32 [B, D], the embedding of a class or a prompt, and style int64 [B], `nullStyle` for none. */
export async function textInputs(
  encoder: BagEncoder,
  vocabulary: Vocabulary,
  nullStyle: number,
): Promise<ConditionInputs> {
  const nothing = await encoder.embedding(vocabulary.bag({}, true));
  const size = nothing.length;
  const made = new Map<number, { text: Tensor; style: Tensor }>();
  const inputsOf = (count: number): { text: Tensor; style: Tensor } => {
    const inputs = made.get(count) ?? {
      text: new Tensor("float32", new Float32Array(count * size), [count, size]),
      style: new Tensor("int64", new BigInt64Array(count), [count]),
    };
    made.set(count, inputs);
    return inputs;
  };
  return {
    signature: {
      text: { type: "float32", shape: ["batch", size] },
      style: { type: "int64", shape: ["batch"] },
    },
    async fill(conditions) {
      const texts = await Promise.all(
        conditions.map((condition) =>
          condition ? encoder.embedding(vocabulary.bag(condition, true)) : Promise.resolve(nothing),
        ),
      );
      const { text, style } = inputsOf(conditions.length);
      texts.forEach((one, i) => (text.data as Float32Array).set(one, i * size));
      const styles = style.data as BigInt64Array;
      conditions.forEach((condition, i) => (styles[i] = BigInt(condition?.style ?? nullStyle)));
      return { text, style };
    },
    remarks: (condition) => vocabulary.remarks(condition),
    release: () => encoder.release(),
  };
}
