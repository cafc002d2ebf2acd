import type { DeviceReport, PartReport, TriedDevice } from "../../engine/deviceReport.js";
import { adapterOf } from "./adapters.js";
import { adviceFor } from "./adviceFor.js";
import { chooseDevice } from "./chooseDevice.js";
import { devicesBestFirst, type Device, type DeviceName, type Place } from "./device.js";
import { DeviceFailure } from "./deviceFailure.js";
import type { Placement } from "./placement.js";
import { probeDevice } from "./probeDevice.js";

/** A model's denoiser on its device, where its other graphs go too. */
export interface Placed<T> {
  readonly denoiser: T;
  /** Where it is, to load it there once more: what runs there is known. */
  readonly place: Place;
  /**
   * Loads a further graph there. Off the CPU it is run once, on zeros; what the device cannot load or run goes to the CPU, and the report says so.
   */
  beside<U>(name: string, load: (place: Place) => Promise<U>): Promise<U>;
  report(): Omit<DeviceReport, "batch" | "threads">;
}

/** Loads the denoiser of a model where `asked` says; `order`: what "auto" tries. `load` gets a place that is profiled: the report is of what really ran. */
export async function placeModel<
  T extends { readonly placement: Placement | undefined; dispose(): Promise<void> },
>(
  asked: DeviceName,
  threads: number,
  load: (place: Place) => Promise<T>,
  order = devicesBestFirst(process.platform, process.arch),
): Promise<Placed<T>> {
  const placeOn = (device: Device): Place => ({ device, threads, keepsOutputs: device === "webgpu" });
  const none: Placement = { providers: [], fallbackOperators: [] };
  const { device, loaded, tried } = await chooseDevice(asked, {
    order,
    probe: probeDevice,
    load: (device) => load({ ...placeOn(device), profiled: true }),
    placement: ({ placement }) => placement ?? none,
    unload: (denoiser) => denoiser.dispose(),
  });
  const { providers, fallbackOperators } = loaded.placement ?? none;
  const adapter = await adapterOf(device);
  const passedOver: TriedDevice[] = [...tried];
  const parts: PartReport[] = [];
  return {
    denoiser: loaded,
    place: placeOn(device),
    async beside(name, load) {
      if (device === "cpu") return load({ device, threads });
      try {
        let found = none;
        const placed = (placement: Placement): void => void (found = placement);
        const loaded = await load({ device, threads, profiled: true, placed });
        parts.push({ part: name, provider: device, ...found });
        return loaded;
      } catch (error) {
        if (!(error instanceof DeviceFailure)) throw error;
        parts.push({ part: name, provider: "cpu" });
        passedOver.push({
          device,
          reason: `${name} does not run there, and runs on the CPU: ${error.message}`,
          advice: adviceFor(device),
        });
        return load({ device: "cpu", threads });
      }
    },
    report: () => ({
      provider: device,
      ...(adapter ? { adapter: adapter.name } : {}),
      ...(adapter?.memoryBytes === undefined ? {} : { memoryBytes: adapter.memoryBytes }),
      ...(adapter?.driver === undefined ? {} : { driver: adapter.driver }),
      precision: "float32",
      fallbackOperators,
      providers,
      parts,
      tried: passedOver,
    }),
  };
}
