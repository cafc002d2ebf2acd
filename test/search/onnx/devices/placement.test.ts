import { expect, test } from "vitest";
import { nodesOn, parseProfile } from "../../../../src/search/onnx/devices/placement.js";

const node = (name: string, operator: string, provider: string, dur: number): unknown => ({
  cat: "Node",
  name,
  dur,
  args: { op_name: operator, provider },
});

test("operators and time are counted for each provider, a node of two runs once", () => {
  const events = [
    { cat: "Session", name: "session_initialization", dur: 900, args: {} },
    node("conv_fence_before", "Conv", "WebGpuExecutionProvider", 500),
    node("conv_kernel_time", "Conv", "WebGpuExecutionProvider", 2000),
    node("conv_kernel_time", "Conv", "WebGpuExecutionProvider", 1000),
    node("add_kernel_time", "Add", "WebGpuExecutionProvider", 500),
    node("shape_kernel_time", "Gather", "CPUExecutionProvider", 10),
    node("other_kernel_time", "Gather", "CPUExecutionProvider", 10),
    node("odd_kernel_time", "Tile", "OddExecutionProvider", 4),
  ];
  const placement = parseProfile(JSON.stringify(events), "webgpu");
  expect(placement.providers.map(({ provider, nodes }) => [provider, nodes])).toEqual([
    ["webgpu", 2],
    ["cpu", 2],
    ["OddExecutionProvider", 1],
  ]);
  expect(placement.providers.map(({ milliseconds }) => milliseconds)).toEqual([3.5, 0.02, 0.004]);
  expect(placement.fallbackOperators).toEqual(["Gather", "Tile"]);
  expect(nodesOn("webgpu", placement)).toEqual([2, 5]);
  expect(nodesOn("cuda", placement)).toEqual([0, 5]);
});

test("events that are none, and a profile that is cut off", () => {
  const odd = [null, 3, { cat: "Node" }, { cat: "Node", name: "x_kernel_time", dur: 1 }];
  expect(parseProfile(JSON.stringify(odd), "cpu")).toEqual({ providers: [], fallbackOperators: [] });
  expect(() => parseProfile('[{"cat":', "cpu")).toThrow(SyntaxError);
});
