/** A device that a graph does not run on, and why. Not the graph's fault as far as is known: on the CPU it may be fine. */
export class DeviceFailure extends Error {
  override readonly name = "DeviceFailure";
}

/** The runtime's messages have its own source lines and functions in them, and the conditions that did not hold. */
export function reasonOf(message: string): string {
  const line = message.trim().split("\n")[0] ?? "";
  const reason = line
    .replace(
      /^Non-zero status code returned while running (\S+) node\. Name:'(.*?)' Status Message: /,
      'operator $1 "$2": ',
    )
    .replace(/(^|: )\/onnxruntime_src\/.*?\bwas false\. */, "$1")
    .replace(/(^|: )\/\S+:\d+ /, "$1")
    .replace(/(^|: )\S+ onnxruntime::[\w:]+\(.*?\) /, "$1");
  return reason.trim().replace(/\.$/, "") || "the runtime does not say why";
}
