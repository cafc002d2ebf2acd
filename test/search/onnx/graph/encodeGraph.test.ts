import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import {
  identityGraph,
  stepGraph,
  twiceGraph,
  type StepKind,
} from "../../../../src/search/onnx/devices/stepGraphs.js";
import { encodeGraph, type Graph } from "../../../../src/search/onnx/graph/encodeGraph.js";

const shape = [1, 2, 2] as const;

async function runAll(graph: Graph, feeds: Record<string, Tensor>): Promise<Tensor[]> {
  const session = await InferenceSession.create(encodeGraph(graph), { executionProviders: ["cpu"] });
  const outputs = await session.run(feeds);
  await session.release();
  return session.outputNames.map((name) => outputs[name]!);
}

const run = async (graph: Graph, feeds: Record<string, Tensor>): Promise<Tensor> =>
  (await runAll(graph, feeds))[0]!;

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
  expect((await run(identityGraph(4), { x: states(1, 2, 3, 4) })).data).toEqual(Float32Array.of(1, 2, 3, 4));
  const both = await run(twiceGraph(shape), { x: states(1, 2, 3, 4) });
  expect(both.dims).toEqual([2, 1, 2, 2]);
  expect(both.data).toEqual(Float32Array.of(1, 2, 3, 4, 1, 2, 3, 4));
});

const plain: StepKind = { guided: false, noisy: false, past: false, remembers: false, learned: false };

test("a step is a x + b (null + w (conditional - null)) + c z", async () => {
  const next = await run(stepGraph(shape, { ...plain, guided: true, noisy: true }), {
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
  expect((await run(stepGraph(shape, plain), feeds)).data).toEqual(Float32Array.of(-0.25, 0.5, 1.25, 2));
});

test("what the step before remembered goes in times p, and what this one remembers is e x + f out", async () => {
  const feeds = {
    ...{ x: states(1, 2, 3, 4), out: states(5, 6, 7, 8), m: states(1, 0, 0, -1) },
    ...{ a: scalar(1), b: scalar(1), p: scalar(10), e: scalar(2), f: scalar(-1) },
  };
  const [next, memory] = await runAll(stepGraph(shape, { ...plain, past: true, remembers: true }), feeds);
  expect(next!.data).toEqual(Float32Array.of(16, 8, 10, 2));
  expect(memory!.data).toEqual(Float32Array.of(-3, -2, -1, 0));
});

test("a learned variance is left out, of both passes", async () => {
  const out = new Tensor(
    "float32",
    Float32Array.from({ length: 16 }, (_, i) => i),
    [2, 2, 2, 2],
  );
  const feeds = { x: states(0, 0, 0, 0), out, a: scalar(0), b: scalar(1), w: scalar(2) };
  const next = await run(stepGraph(shape, { ...plain, guided: true, learned: true }), feeds);
  // Of the first pass 0 to 3, of the second 8 to 11.
  expect(next.data).toEqual(Float32Array.of(-8, -7, -6, -5));
});
