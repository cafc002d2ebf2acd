import { cpus } from "node:os";
import { expect, test } from "vitest";
import { deviceNames, providerOf, type Device } from "../../../../src/search/onnx/devices/device.js";
import { missingFor } from "../../../../src/search/onnx/devices/missing.js";
import { openFashion } from "../../helpers/fashion.js";

const absent = (Object.keys(providerOf) as Device[]).filter((device) => missingFor(device) !== undefined);

test("the report is of what ran: every operator of the denoiser, on the CPU", async () => {
  const { device, dispose } = await openFashion({ device: "cpu" }).then((engine) => ({
    device: engine.device,
    dispose: () => engine.dispose(),
  }));
  expect(device).toMatchObject({ provider: "cpu", precision: "float32", fallbackOperators: [], tried: [] });
  expect(device.adapter).toBe(cpus()[0]!.model.trim());
  expect(device.providers).toHaveLength(1);
  expect(device.providers![0]!.provider).toBe("cpu");
  expect(device.providers![0]!.nodes).toBeGreaterThan(20);
  expect(device.providers![0]!.milliseconds).toBeGreaterThan(0);
  await dispose();
});

test.each(absent)(
  "%s, which this machine lacks, is refused by name with what is missing and the advice",
  async (device) => {
    const refused = openFashion({ device });
    await expect(refused).rejects.toThrow(`Device "${device}" does not run here: ${missingFor(device)}.`);
    await expect(refused).rejects.toThrow(/"auto" takes the best that does\.$/);
  },
);

test.runIf(absent.length > 0)("auto says of each device that is missing why it was passed over", async () => {
  const engine = await openFashion({ device: "auto" });
  for (const { device, reason, advice } of engine.device.tried!) {
    expect(deviceNames).toContain(device);
    expect(reason).not.toBe("");
    expect(advice).not.toBe("");
  }
  await engine.dispose();
});

test("a device that there is not is an error that lists those there are", async () => {
  await expect(openFashion({ device: "gpu" as "cpu" })).rejects.toThrow(
    "There is: auto, cpu, webgpu, cuda, dml, coreml.",
  );
});
