import type { Graph, GraphNode } from "../graph/encodeGraph.js";

/** Shape of one state as the network takes it: [C, H, W], or [tokens, channels]. */
export type StateShape = readonly number[];

/** y = x, of any shape of this rank. With an output in the processor's memory it is the way to read a tensor that lies on a device. */
export function identityGraph(rank: number): Graph {
  const shape = Array.from({ length: rank }, (_, i) => `side${i}`);
  return {
    name: "read",
    inputs: [{ name: "x", shape }],
    outputs: [{ name: "y", shape }],
    nodes: [{ operator: "Identity", inputs: ["x"], outputs: ["y"] }],
  };
}

/** The batch twice, [B] to [2B]: the input of both passes of guidance. */
export function twiceGraph(shape: StateShape): Graph {
  return {
    name: "twice",
    inputs: [{ name: "x", shape: ["batch", ...shape] }],
    outputs: [{ name: "y", shape: ["both", ...shape] }],
    nodes: [{ operator: "Concat", inputs: ["x", "x"], outputs: ["y"], attributes: { axis: 0 } }],
  };
}

/** What a step has beside state and output. */
export interface StepKind {
  /** `out` has both passes, [conditional, unconditional], and is combined first: null + w (out - null). */
  readonly guided: boolean;
  readonly noisy: boolean;
  /** It takes what the step before remembered. */
  readonly past: boolean;
  readonly remembers: boolean;
  /** `out` has a learned variance in as many channels more, which is left out. */
  readonly learned: boolean;
}

/**
 * One step of a sampler that is affine in state and model output: next = a x + b out (+ c z) (+ p m), and what it remembers is e x + f out, with
 * scalars of shape [1]: Euler, DDIM, the ancestral and the bridge samplers, and with a memory Heun's and second-order multistep methods, for any
 * prediction.
 */
export function stepGraph(shape: StateShape, { guided, noisy, past, remembers, learned }: StepKind): Graph {
  const state = ["batch", ...shape];
  const nodes: GraphNode[] = [];
  const binary = (operator: string, left: string, right: string, output: string): string => {
    nodes.push({ operator, inputs: [left, right], outputs: [output] });
    return output;
  };
  const split = (input: string, outputs: [string, string], axis: number): void => {
    nodes.push({ operator: "Split", inputs: [input], outputs, attributes: { axis } });
  };
  /** The sum of scalars times tensors. */
  const sum = (terms: readonly (readonly [scalar: string, tensor: string])[], output: string): void => {
    const products = terms.map(([scalar, tensor]) => binary("Mul", scalar, tensor, `${scalar}_${tensor}`));
    products
      .slice(1)
      .reduce(
        (left, right, i) => binary("Add", left, right, i === terms.length - 2 ? output : `${output}_${i}`),
        products[0]!,
      );
  };
  let out = "out";
  if (learned) {
    split(out, ["prediction", "variance"], 1);
    out = "prediction";
  }
  if (guided) {
    split(out, ["conditional", "null"], 0);
    const scaled = binary("Mul", "w", binary("Sub", "conditional", "null", "difference"), "scaled");
    out = binary("Add", "null", scaled, "combined");
  }
  sum(
    [["a", "x"], ["b", out], ...(noisy ? [["c", "z"] as const] : []), ...(past ? [["p", "m"] as const] : [])],
    "next",
  );
  if (remembers) {
    sum(
      [
        ["e", "x"],
        ["f", out],
      ],
      "memory",
    );
  }
  const [channels, ...sides] = shape;
  const given = learned ? [2 * channels!, ...sides] : shape;
  const scalars = [
    ...["a", "b"],
    ...(guided ? ["w"] : []),
    ...(noisy ? ["c"] : []),
    ...(past ? ["p"] : []),
    ...(remembers ? ["e", "f"] : []),
  ];
  return {
    name: "step",
    inputs: [
      { name: "x", shape: state },
      { name: "out", shape: [guided ? "both" : "batch", ...given] },
      ...(noisy ? [{ name: "z", shape: state }] : []),
      ...(past ? [{ name: "m", shape: state }] : []),
      ...scalars.map((name) => ({ name, shape: [1] })),
    ],
    outputs: [{ name: "next", shape: state }, ...(remembers ? [{ name: "memory", shape: state }] : [])],
    nodes,
  };
}
