import type { Graph, GraphNode } from "../graph/encodeGraph.js";

/** Shape of the states [B, C, H, W] as ports have it. */
export type StateShape = readonly [channels: number, height: number, width: number];

/** y = x. With an output in the processor's memory it is the way to read a tensor that lies on a device. */
export function identityGraph(shape: StateShape): Graph {
  return {
    name: "read",
    inputs: [{ name: "x", shape: ["batch", ...shape] }],
    outputs: [{ name: "y", shape: ["batch", ...shape] }],
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

/**
 * One step of a sampler that is affine in state and model output: next = a x + b out (+ c z), with scalars a, b, c of shape [1]: Euler,
 * DDIM, the ancestral and the bridge samplers for any prediction. `guided`: `out` has both passes, [conditional, unconditional], and is
 * combined first: null + w (out - null).
 */
export function stepGraph(shape: StateShape, guided: boolean, noisy: boolean): Graph {
  const state = ["batch", ...shape];
  const nodes: GraphNode[] = [];
  const binary = (operator: string, left: string, right: string, output: string): string => {
    nodes.push({ operator, inputs: [left, right], outputs: [output] });
    return output;
  };
  let out = "out";
  if (guided) {
    nodes.push({
      operator: "Split",
      inputs: ["out"],
      outputs: ["conditional", "null"],
      attributes: { axis: 0 },
    });
    out = binary(
      "Add",
      "null",
      binary("Mul", "w", binary("Sub", "conditional", "null", "difference"), "scaled"),
      "combined",
    );
  }
  const sum = binary(
    "Add",
    binary("Mul", "a", "x", "ax"),
    binary("Mul", "b", out, "bout"),
    noisy ? "drift" : "next",
  );
  if (noisy) binary("Add", sum, binary("Mul", "c", "z", "cz"), "next");
  const scalars = ["a", "b", ...(guided ? ["w"] : []), ...(noisy ? ["c"] : [])];
  return {
    name: "step",
    inputs: [
      { name: "x", shape: state },
      { name: "out", shape: guided ? ["both", ...shape] : state },
      ...(noisy ? [{ name: "z", shape: state }] : []),
      ...scalars.map((name) => ({ name, shape: [1] })),
    ],
    outputs: [{ name: "next", shape: state }],
    nodes,
  };
}
