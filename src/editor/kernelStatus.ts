/** What the status bar says of a notebook's kernel. Pure: `StatusBar` shows it. */
export interface KernelStatus {
  readonly state: "untrusted" | "stopped" | "starting" | "idle" | "running" | "busy";
  /** Since when, in milliseconds of the clock. */
  readonly since: number;
  readonly rss?: number;
}

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
}

export function kernelStatusText({ state, since, rss }: KernelStatus, now: number): StatusText {
  const seconds = Math.max(0, Math.floor((now - since) / 1000));
  const time = seconds > 0 ? ` ${seconds} s` : "";
  const memory = rss === undefined ? "" : ` The kernel process holds ${Math.round(rss / 2 ** 20)} MB.`;
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
      return { text: "$(circle-large-outline) dnb: idle", tooltip: `The kernel waits for a cell.${memory}` };
    case "running":
      return { text: `$(sync~spin) dnb: running${time}`, tooltip: `A cell runs.${memory}` };
    case "busy":
      return {
        text: `$(sync~spin) dnb: busy${time}`,
        tooltip: `A cell computes without a pause; Interrupt stops it.${memory}`,
      };
  }
}

/** Keeps `since` while the state stays the same. */
export function nextKernelStatus(
  before: KernelStatus | undefined,
  state: KernelStatus["state"],
  now: number,
  rss?: number,
): KernelStatus {
  const active = (value: KernelStatus["state"] | undefined) => value === "running" || value === "busy";
  // Running turns into busy and back while the same cell runs; the time shown is the cell's.
  const same = before?.state === state || (active(before?.state) && active(state));
  return { state, since: same && before ? before.since : now, ...(rss === undefined ? {} : { rss }) };
}
