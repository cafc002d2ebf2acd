import { expect, test } from "vitest";
import { chooseDevice, type ChoiceParts } from "../../../../src/search/onnx/devices/chooseDevice.js";
import type { Device } from "../../../../src/search/onnx/devices/device.js";
import { DeviceFailure } from "../../../../src/search/onnx/devices/deviceFailure.js";
import { leavesMost } from "../../../../src/search/onnx/devices/placement.js";
import { InputError } from "../../../../src/search/index.js";

interface Loaded {
  readonly device: Device;
  /** Operators there, and on the CPU. */
  readonly nodes: readonly [number, number];
}

/** A machine with `devices`: what each answers to the probe and to the model. */
function machine(
  devices: Partial<
    Record<Device, { probe?: Error; software?: boolean; load?: Error; nodes?: [number, number] }>
  >,
): { parts: ChoiceParts<Loaded>; log: string[] } {
  const log: string[] = [];
  const parts: ChoiceParts<Loaded> = {
    order: ["cuda", "webgpu", "cpu"],
    probe: async (device) => {
      log.push(`probe ${device}`);
      const { probe, software = false } = devices[device] ?? { probe: new DeviceFailure("there is none") };
      if (probe) throw probe;
      return { milliseconds: software ? 80 : 1, isSoftware: software };
    },
    load: async (device) => {
      log.push(`load ${device}`);
      const { load, nodes = [10, 0] } = devices[device] ?? {};
      if (load) throw load;
      return { device, nodes };
    },
    placement: ({ device, nodes: [there, fallen] }) => ({
      providers: [
        { provider: device, nodes: there, milliseconds: 1 },
        ...(fallen ? [{ provider: "cpu", nodes: fallen, milliseconds: 1 }] : []),
      ],
      fallbackOperators: [],
    }),
    unload: async ({ device }) => void log.push(`unload ${device}`),
  };
  return { parts, log };
}

test("auto takes the first that works, and says why not those before it", async () => {
  const { parts, log } = machine({ webgpu: {}, cpu: {} });
  const { device, tried } = await chooseDevice("auto", parts);
  expect(device).toBe("webgpu");
  expect(tried).toEqual([
    { device: "cuda", reason: "there is none", advice: expect.stringContaining("CUDA") as string },
  ]);
  expect(log).toEqual(["probe cuda", "probe webgpu", "load webgpu"]);
});

test("auto passes over a GPU computed on the processor; asked for by name it is taken", async () => {
  const devices = { webgpu: { software: true }, cpu: {} };
  const auto = await chooseDevice("auto", machine(devices).parts);
  expect(auto.device).toBe("cpu");
  expect(auto.tried[1]!.reason).toBe(
    "its GPU is computed on the processor: 80 ms for two small products of matrices",
  );
  expect((await chooseDevice("webgpu", machine(devices).parts)).device).toBe("webgpu");
});

test("auto passes over a device that leaves most of the model, or refuses it, and unloads what it had loaded", async () => {
  const { parts, log } = machine({
    cuda: { nodes: [4, 6] },
    webgpu: { load: new DeviceFailure("out of memory") },
    cpu: {},
  });
  const { device, tried } = await chooseDevice("auto", parts);
  expect(device).toBe("cpu");
  expect(tried.map(({ reason }) => reason)).toEqual([
    "only 4 of the model's 10 operators run there",
    "out of memory",
  ]);
  expect(log).toContain("unload cuda");
});

test.each([
  // What Core ML takes over is one node, however many operators it has.
  ["coreml", 1, 40, 6, 0.3, undefined],
  ["coreml", 3, 1, 40, 200, "the CPU took 200.0 of the 201.0 ms of a call in its place"],
  ["dml", 1, 2, 9, 0.2, undefined],
  ["webgpu", 1, 40, 6, 0.3, "only 1 of the model's 7 operators run there"],
] as const)(
  "%s with %d operators and %d ms, and %d operators and %d ms on the CPU, leaves most: %s",
  (device, nodes, milliseconds, fallen, wait, reason) => {
    const providers = [
      { provider: device, nodes, milliseconds },
      { provider: "cpu", nodes: fallen, milliseconds: wait },
    ];
    expect(leavesMost(device, { providers, fallbackOperators: [] })).toBe(reason);
  },
);

test("a device asked for by name that does not run is an error with the reason and the advice", async () => {
  const { parts } = machine({ cpu: {} });
  const failure = chooseDevice("cuda", parts);
  await expect(failure).rejects.toThrow(InputError);
  await expect(failure).rejects.toThrow(
    /^Device "cuda" does not run here: there is none\. CUDA .* "auto" takes the best that does\.$/,
  );
});

test("a device that loads the model and lets the CPU run all of it is not taken for one that runs", async () => {
  const { parts, log } = machine({ coreml: { nodes: [0, 10] } });
  await expect(chooseDevice("coreml", parts)).rejects.toThrow(
    "the CPU would run all of the model in its place",
  );
  expect(log).toEqual(["probe coreml", "load coreml", "unload coreml"]);
});

test("a mistake in the model is the model's, whatever the device", async () => {
  const { parts } = machine({ cuda: { load: new InputError("x has no input t") }, cpu: {} });
  await expect(chooseDevice("auto", parts)).rejects.toThrow("x has no input t");
});
