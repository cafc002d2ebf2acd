import type { ModelState } from "../kernel/protocol.js";

/** What the status bar says of a notebook's kernel. Pure: `StatusBar` shows it. */
export interface KernelStatus {
  readonly state: "untrusted" | "stopped" | "starting" | "idle" | "running" | "busy";
  /** Since when, in milliseconds of the clock. */
  readonly since: number;
  readonly rss?: number;
  /** What the kernel's engine has loaded. */
  readonly models?: readonly ModelState[];
}

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
}

export function kernelStatusText({ state, since, rss, models = [] }: KernelStatus, now: number): StatusText {
  const seconds = Math.max(0, Math.floor((now - since) / 1000));
  const time = seconds > 0 ? ` ${seconds} s` : "";
  const memory =
    (rss === undefined ? "" : ` The kernel process holds ${megabytes(rss)}.`) + models.map(sentence).join("");
  const device = deviceText(models);
  switch (state) {
    case "untrusted":
      return {
        text: "$(workspace-untrusted) dnb: not trusted",
        tooltip: "Cells run once the workspace is trusted.",
      };
    case "stopped":
      return { text: "$(circle-outline) dnb: not started", tooltip: "Run a cell to start the kernel." };
    case "starting":
      return { text: "$(loading~spin) dnb: starting", tooltip: "The kernel is starting." };
    case "idle":
      return {
        text: `$(circle-large-outline) dnb: idle${device}`,
        tooltip: `The kernel waits for a cell.${memory}`,
      };
    case "running":
      return { text: `$(sync~spin) dnb: running${time}${device}`, tooltip: `A cell runs.${memory}` };
    case "busy":
      return {
        text: `$(sync~spin) dnb: busy${time}${device}`,
        tooltip: `A cell computes without a pause; Interrupt stops it.${memory}`,
      };
  }
}

/** The devices that models run on, or that one is being loaded; nothing while there is no model. */
function deviceText(models: readonly ModelState[]): string {
  if (models.some(({ state }) => state === "loading")) return " · loading a model";
  const devices = new Set(models.flatMap(({ device }) => (device === undefined ? [] : [device])));
  return devices.size ? ` · ${[...devices].join(", ")}` : "";
}

function sentence({ name, device, bytes, state, users }: ModelState): string {
  const size = bytes === undefined ? "" : ` (${megabytes(bytes)})`;
  if (state === "loading") return ` Model ${name} is being loaded.`;
  if (state === "away") return ` Model ${name}${size} is out of memory until it is used.`;
  const sessions = users === 1 ? "1 session" : `${users} sessions`;
  return ` Model ${name}${size} is loaded on ${device ?? "its device"} for ${sessions}.`;
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

/** Keeps `since` while the state stays the same. */
export function nextKernelStatus(
  before: KernelStatus | undefined,
  state: KernelStatus["state"],
  now: number,
  heard: Pick<KernelStatus, "rss" | "models"> = {},
): KernelStatus {
  const active = (value: KernelStatus["state"] | undefined) => value === "running" || value === "busy";
  // Running turns into busy and back while the same cell runs; the time shown is the cell's.
  const same = before?.state === state || (active(before?.state) && active(state));
  return { state, since: same && before ? before.since : now, ...heard };
}
