import { Tensor } from "onnxruntime-node";
import type { ConditionInputs } from "./conditionInputs.js";

/** y int64 [B]: the class, `nullLabel` for none. */
export function classInputs(nullLabel: number): ConditionInputs {
  const made = new Map<number, Tensor>();
  return {
    signature: { y: { type: "int64", shape: ["batch"] } },
    fill(conditions) {
      const count = conditions.length;
      const y = made.get(count) ?? new Tensor("int64", new BigInt64Array(count), [count]);
      made.set(count, y);
      const classes = y.data as BigInt64Array;
      conditions.forEach((condition, i) => (classes[i] = BigInt(condition?.label ?? nullLabel)));
      return Promise.resolve({ y });
    },
    release: () => Promise.resolve(),
  };
}
