import type { Tensor, Verifier } from "../../../src/search/index.js";

/** A verifier of states, "odd": their sum, or no number where `fails` of the call's place among all and the sum. */
export function failing(fails: (call: number, sum: number) => boolean): Verifier {
  let calls = 0;
  return {
    name: "odd",
    direction: "higher",
    needsCondition: false,
    score: () => Promise.reject(new Error("It scores states.")),
    scoreLatents: async (states: readonly Tensor[]) =>
      states.map(({ data }) => {
        const sum = data.reduce((total, value) => total + value, 0);
        return fails(calls++, sum) ? NaN : sum;
      }),
  };
}
