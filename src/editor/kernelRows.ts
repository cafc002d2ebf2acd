import type { KernelEvent, ModelState, NotebookId } from "../kernel/protocol.js";

type Heartbeat = Extract<KernelEvent, { readonly type: "heartbeat" }>;

/** A line of the Kernels view. Pure: `KernelsView` shows it. */
export interface KernelRow {
  /** Also what the menu of the view goes by. */
  readonly kind: "kernel" | "otherKernel" | "notebook" | "model";
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

/** `others` may name those that are among `live`. */
export function kernelRows(live: readonly LiveKernel[], others: readonly OtherKernel[]): KernelRow[] {
  const known = new Set(live.map(({ pid }) => pid));
  return [
    ...live.map(liveRow),
    ...others
      .filter(({ pid }) => !known.has(pid))
      .map(({ pid, folder }): KernelRow => ({
        kind: "otherKernel",
        id: `${pid}`,
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
    children: [
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
      ...models.map((model) => modelRow(pid, model)),
    ],
  };
}

function modelRow(pid: number, { name, device, bytes, state, users }: ModelState): KernelRow {
  const size = bytes === undefined ? "" : `${Math.round(bytes / 2 ** 20)} MB, `;
  const where =
    state === "loading"
      ? "is being loaded"
      : state === "away"
        ? "out of memory until it is used"
        : `on ${device ?? "its device"} for ${users === 1 ? "1 session" : `${users} sessions`}`;
  return {
    kind: "model",
    id: `${pid}/model/${name}/${device ?? ""}`,
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
