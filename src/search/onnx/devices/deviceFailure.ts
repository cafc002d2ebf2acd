/** A device that a graph does not run on, and why. Not the graph's fault as far as is known: on the CPU it may be fine. */
export class DeviceFailure extends Error {
  override readonly name = "DeviceFailure";
}

/** The runtime's messages begin with its own source line and the condition that did not hold. */
export function reasonOf(message: string): string {
  const line = message.trim().split("\n")[0] ?? "";
  const reason = line.replace(/^\/onnxruntime_src\/.*?\bwas false\. */, "").replace(/^\/\S+:\d+ /, "");
  return reason.trim().replace(/\.$/, "") || "the runtime does not say why";
}
