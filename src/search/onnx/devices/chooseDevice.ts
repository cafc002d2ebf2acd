import type { TriedDevice } from "../../engine/deviceReport.js";
import { InputError } from "../../inputError.js";
import { adviceFor } from "./adviceFor.js";
import type { Device, DeviceName } from "./device.js";
import { DeviceFailure } from "./deviceFailure.js";
import { leavesMost, nodesOn, type Placement } from "./placement.js";
import type { DeviceProbe } from "./probeDevice.js";

export interface ChoiceParts<T> {
  readonly order: readonly Device[];
  /** Throws a `DeviceFailure` when the device does not work at all. */
  readonly probe: (device: Device) => Promise<DeviceProbe>;
  /** Loads the model there; the same. What else it throws is the model's fault. */
  readonly load: (device: Device) => Promise<T>;
  readonly placement: (loaded: T) => Placement;
  readonly unload: (loaded: T) => Promise<void>;
}

export interface Choice<T> {
  readonly device: Device;
  readonly loaded: T;
  readonly tried: readonly TriedDevice[];
}

/**
 * Loads a model on the device asked for, or on the best one that works. One asked for by name that does not work is an error; "auto" passes
 * over it, and over a GPU that is none and one that would leave most of the model to the CPU (`leavesMost`), and says so in `tried`.
 */
export async function chooseDevice<T>(asked: DeviceName, parts: ChoiceParts<T>): Promise<Choice<T>> {
  const isAuto = asked === "auto";
  const tried: TriedDevice[] = [];
  for (const device of isAuto ? parts.order : [asked]) {
    try {
      return { device, loaded: await take(device, isAuto, parts), tried };
    } catch (error) {
      if (!(error instanceof DeviceFailure)) throw error;
      tried.push({ device, reason: error.message, advice: adviceFor(device) });
    }
  }
  const [first] = tried;
  if (isAuto || !first) throw new InputError(`No device runs the model: ${tried.map(sentence).join(" ")}`);
  const advice = first.advice && ` ${first.advice}`;
  throw new InputError(
    `Device "${asked}" does not run here: ${first.reason}.${advice} "auto" takes the best that does.`,
  );
}

async function take<T>(device: Device, isAuto: boolean, parts: ChoiceParts<T>): Promise<T> {
  if (device !== "cpu") {
    const { isSoftware, milliseconds } = await parts.probe(device);
    if (isAuto && isSoftware)
      throw new DeviceFailure(
        `its GPU is computed on the processor: ${Math.round(milliseconds)} ms for two small products of matrices`,
      );
  }
  const loaded = await parts.load(device);
  const placement = parts.placement(loaded);
  const [there] = nodesOn(device, placement);
  const failure =
    there === 0
      ? "the CPU would run all of the model in its place"
      : isAuto
        ? leavesMost(device, placement)
        : undefined;
  if (failure === undefined) return loaded;
  await parts.unload(loaded);
  throw new DeviceFailure(failure);
}

const sentence = ({ device, reason }: TriedDevice): string => `${device}: ${reason}.`;
