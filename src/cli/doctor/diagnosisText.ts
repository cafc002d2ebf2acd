import type { Diagnosis } from "../../kernel/protocol.js";

type Model = NonNullable<Diagnosis["model"]>;

/** A diagnosis as a person reads it: a table of devices, and under it the advice. Ends with a line break. */
export function diagnosisText(
  found: Diagnosis & { readonly version: string; readonly vscode: string },
): string {
  const { devices, threads, bestThreads, adapters, model } = found;
  const lines = [
    `Diffusion Notebook ${found.version}, for VS Code ${found.vscode}`,
    `Node.js ${found.node.replace(/^v/, "")} on ${found.platform}, onnxruntime ${found.runtime}`,
    `Processor  ${found.processor}, ${found.cores} ${found.cores === 1 ? "core" : "cores"}`,
    `Memory     ${gigabytes(found.memoryBytes)}, ${gigabytes(found.freeBytes)} of it free`,
    ...adapters.map(({ name, memoryBytes, driver }) =>
      [
        "Graphics ",
        [name, memoryBytes && gigabytes(memoryBytes), driver && `driver ${driver}`]
          .filter(Boolean)
          .join(", "),
      ].join("  "),
    ),
    ...(adapters.length ? [] : ["Graphics   none that the system names"]),
    "",
    "Device  Here",
  ];
  for (const { device, works, milliseconds, reason } of devices) {
    const time = milliseconds === undefined ? "" : ` (${milliseconds.toPrecision(2)} ms there and back)`;
    const word = works ? `works${time}` : "no";
    lines.push(`${device.padEnd(7)} ${word}${reason === undefined ? "" : `: ${reason}`}`);
  }
  lines.push("", ...threadLines(threads, bestThreads));
  if (model) lines.push("", ...modelLines(model));
  const advice = devices.flatMap(({ device, advice }) => (advice ? [`${device}: ${advice}`] : []));
  if (advice.length) lines.push("", "For more", ...advice);
  return `${lines.join("\n")}\n`;
}

function threadLines(threads: Diagnosis["threads"], best: number): string[] {
  if (threads.length === 0) return ["Threads    not measured: there is no embedded model here"];
  const times = threads.map(({ threads, milliseconds }) => `${threads}: ${milliseconds.toFixed(1)} ms`);
  return [
    `Threads    ${best} ${best === 1 ? "is" : "are"} fastest now (8 images of the embedded model, ${times.join(", ")})`,
  ];
}

/** What ran where in a call of each graph. Parts without shares run on the processor as a whole. */
function modelLines({ name, provider, parts, tried }: Model): string[] {
  const where = ({ provider, providers = [], fallbackOperators = [] }: Model["parts"][number]): string => {
    const shares = providers.map(
      ({ provider, nodes, milliseconds }) =>
        `${provider} ${nodes} operators in ${milliseconds.toFixed(1)} ms`,
    );
    const fallen = fallbackOperators.length ? ` (${fallbackOperators.join(", ")})` : "";
    return `${shares.join(", ") || provider}${fallen}`;
  };
  // What "auto" passed over before the model was tried is in the table of devices.
  const own = tried.filter(({ device }) => device === provider);
  return [
    `Model      ${name}, opened as a session does, runs on ${provider}`,
    ...parts.map((part) => `  ${part.part}: ${where(part)}`),
    ...own.map(({ reason }) => `  ${reason}`),
  ];
}

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;
