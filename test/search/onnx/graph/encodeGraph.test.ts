import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { identityGraph, stepGraph, twiceGraph } from "../../../../src/search/onnx/devices/stepGraphs.js";
import { encodeGraph, type Graph } from "../../../../src/search/onnx/graph/encodeGraph.js";

const shape = [1, 2, 2] as const;

async function run(graph: Graph, feeds: Record<string, Tensor>): Promise<Tensor> {
  const session = await InferenceSession.create(encodeGraph(graph), { executionProviders: ["cpu"] });
  const outputs = await session.run(feeds);
  await session.release();
  return outputs[session.outputNames[0]!]!;
}

const states = (...values: number[]): Tensor =>
  new Tensor("float32", Float32Array.from(values), [values.length / 4, ...shape]);
const scalar = (value: number): Tensor => new Tensor("float32", Float32Array.of(value), [1]);

test("a graph with a constant of more than 127 bytes is read by the runtime as it was meant", async () => {
  const data = Float32Array.from({ length: 300 }, (_, i) => i / 8);
  const graph: Graph = {
    name: "shift",
    inputs: [{ name: "x", shape: ["n", 300] }],
    outputs: [{ name: "y", shape: ["n", 300] }],
    nodes: [{ operator: "Add", inputs: ["x", "shift"], outputs: ["y"] }],
    constants: [{ name: "shift", shape: [300], data }],
  };
  const y = await run(graph, { x: new Tensor("float32", new Float32Array(300).fill(1), [1, 300]) });
  expect(y.data).toEqual(data.map((value) => value + 1));
});

test("a read gives what it gets, and twice gives it two times", async () => {
  expect((await run(identityGraph(shape), { x: states(1, 2, 3, 4) })).data).toEqual(
    Float32Array.of(1, 2, 3, 4),
  );
  const both = await run(twiceGraph(shape), { x: states(1, 2, 3, 4) });
  expect(both.dims).toEqual([2, 1, 2, 2]);
  expect(both.data).toEqual(Float32Array.of(1, 2, 3, 4, 1, 2, 3, 4));
});

test("a step is a x + b (null + w (conditional - null)) + c z", async () => {
  const next = await run(stepGraph(shape, true, true), {
    ...{ x: states(1, 2, 3, 4), z: states(1, 1, -1, -1) },
    out: states(5, 6, 7, 8, 1, 1, 1, 1),
    ...{ a: scalar(2), b: scalar(-1), c: scalar(0.5), w: scalar(3) },
  });
  expect([...(next.data as Float32Array)]).toEqual(
    [5, 6, 7, 8].map((out, i) => 2 * (i + 1) - (1 + 3 * (out - 1)) + (i < 2 ? 0.5 : -0.5)),
  );
});

test("a step without guidance and chance is a x + b out", async () => {
  const feeds = { x: states(1, 2, 3, 4), out: states(5, 6, 7, 8), a: scalar(1), b: scalar(-0.25) };
  expect((await run(stepGraph(shape, false, false), feeds)).data).toEqual(
    Float32Array.of(-0.25, 0.5, 1.25, 2),
  );
});
