import type { Tensor } from "onnxruntime-node";
import { messageOf } from "../check.js";
import { InputError } from "../inputError.js";
import type { Device } from "./devices/device.js";
import { reasonOf } from "./devices/deviceFailure.js";

/** What to do where the runtime says that memory is not enough; undefined where it says something else. */
export function memoryAdvice(message: string): string | undefined {
  return /memory|alloc/i.test(message)
    ? "That is more memory than there is: take a smaller batch, smaller pictures or a float16 export"
    : undefined;
}

/** What the runtime threw when it ran a graph, as an error that names the file, what was fed and what to do next. */
export function runFailure(
  file: string,
  device: Device,
  feeds: Readonly<Record<string, Pick<Tensor, "type" | "dims">>>,
  error: unknown,
): InputError {
  const fed = Object.entries(feeds).map(([name, { type, dims }]) => `${name} ${type} [${dims.join(", ")}]`);
  const message = messageOf(error);
  return new InputError(
    `${file} failed when it ran (device ${device}): ${reasonOf(message)}. It was fed ${fed.join(", ")}. ${nextStep(device, message)}.`,
  );
}

function nextStep(device: Device, message: string): string {
  const advice = memoryAdvice(message);
  if (advice !== undefined) return advice;
  if (device !== "cpu") return 'Take device: "cpu", or smaller batches';
  if (/out of (data )?bounds|indices/i.test(message))
    return "Its table has no such entry: take tokenizer and graph from the same export";
  return "Export it again with free sizes (optimum-cli export onnx), or take the sizes that it was exported for";
}
