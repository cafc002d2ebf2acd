import type { KernelEvent, ModelState, NotebookId } from "../kernel/protocol.js";

type Heartbeat = Extract<KernelEvent, { readonly type: "heartbeat" }>;

/** A line of the Kernels view. Pure: `KernelsView` shows it. */
export interface KernelRow {
  /** Also what the menu of the view goes by. */
  readonly kind: "kernel" | "otherKernel" | "notebook" | "model";
  /** No two rows have the same one: VS Code shows nothing of a list in which two have. What was no parent cannot become one by its id. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly pid: number;
  readonly notebook?: NotebookId;
  readonly children: readonly KernelRow[];
}

export interface LiveKernel {
  readonly pid: number;
  /** Path; empty for a window without a folder. */
  readonly folder: string;
  readonly heartbeat: Heartbeat | undefined;
}

/** A kernel that this window is not connected to. */
export interface OtherKernel {
  readonly pid: number;
  readonly folder: string;
}

/** `others` may name those that are among `live`, and those of `starting` folders, which are this window's in a moment. */
export function kernelRows(
  live: readonly LiveKernel[],
  others: readonly OtherKernel[],
  starting: readonly string[] = [],
): KernelRow[] {
  const known = new Set(live.map(({ pid }) => pid));
  return [
    ...live.map(liveRow),
    ...others
      .filter(({ pid, folder }) => !known.has(pid) && !starting.includes(folder))
      .map(({ pid, folder }): KernelRow => ({
        kind: "otherKernel",
        id: `other/${pid}`,
        label: nameOf(folder),
        description: `process ${pid}, not this window's`,
        icon: "server-environment",
        pid,
        children: [],
      })),
  ];
}

function liveRow({ pid, folder, heartbeat }: LiveKernel): KernelRow {
  const { rss, notebooks = [], models = [] } = heartbeat ?? {};
  const memory = rss === undefined ? "" : `, ${roundedMegabytes(rss)}`;
  return {
    kind: "kernel",
    id: `${pid}`,
    label: nameOf(folder),
    description: `process ${pid}${memory}`,
    icon: "server-process",
    pid,
    // Models first: they are few and heavy, and notebooks may be many.
    children: [
      ...models.map((model, index) => {
        const twins = models.slice(0, index).filter((other) => isSame(other, model)).length;
        return modelRow(pid, model, twins);
      }),
      ...notebooks.map(({ notebook, state }): KernelRow => ({
        kind: "notebook",
        id: `${pid}/${notebook}`,
        label: nameOf(decodeURIComponent(notebook.replace(/#\d+$/, ""))),
        description: state,
        icon: state === "idle" ? "notebook" : "sync~spin",
        pid,
        notebook,
        children: [],
      })),
    ],
  };
}

/** One model may be loaded twice, with other options. */
const isSame = (a: ModelState, b: ModelState): boolean => a.name === b.name && a.device === b.device;

function modelRow(pid: number, { name, device, bytes, state, users }: ModelState, twins: number): KernelRow {
  const size = bytes === undefined ? "" : `${Math.round(bytes / 2 ** 20)} MB, `;
  const where =
    state === "loading"
      ? "is being loaded"
      : state === "away"
        ? "out of memory until it is used"
        : `on ${device ?? "its device"} for ${users === 1 ? "1 session" : `${users} sessions`}`;
  return {
    kind: "model",
    id: `${pid}/model/${name}/${device ?? ""}/${twins}`,
    label: name,
    description: size + where,
    icon: state === "loading" ? "loading~spin" : "circuit-board",
    pid,
    children: [],
  };
}

/** In steps of 10 MB: a list that changes every second cannot be read. */
const roundedMegabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20 / 10) * 10} MB`;

const nameOf = (path: string): string => path.split(/[/\\]/).filter(Boolean).at(-1) ?? "No folder";
