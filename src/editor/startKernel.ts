import { attachKernel, startDetachedKernel, type AttachedKernel } from "../kernel/client/detachedKernel.js";
import { kernelPlace, kernelRoom, readCards, type KernelPlace } from "../kernel/client/kernelRoom.js";
import type { KernelConnection, KernelExit, Kernels } from "./kernelConnection.js";
import { messageOf } from "./log.js";
import type { Log } from "./log.js";

export interface KernelSettings {
  /** Path of a Node.js; empty for the one that runs the extension host. */
  readonly node: string;
  /** The model that `openSession()` means. */
  readonly model: string;
  /** Folder in which results are kept; "none": they are kept in memory. */
  readonly cache: string;
  /** Bytes of all its files together. */
  readonly cacheSize: number;
  /** Folder in which V8's code of the kernel is kept between starts. */
  readonly code: string;
  /** Folder for the logs of cells that print more than a notebook keeps. */
  readonly logs: string;
  /** Where models run when a cell does not say. */
  readonly device: string;
  /** MB of JavaScript values that one notebook may hold; 0: Node's own limit. */
  readonly heapLimit: number;
  /** Bytes of model files that may be loaded at a time; 0: half of the machine's memory. */
  readonly memoryLimit: number;
  /** Seconds without a window and without a running cell after which the process ends. */
  readonly idle: number;
}

/** Starts and finds kernel processes; `settings` and the `keys` of judges are read at each start. */
export function detachedKernels(
  script: string,
  settings: () => KernelSettings,
  keys: () => Promise<Readonly<Record<string, string>>>,
  log: Log,
): Kernels {
  const placeOf = (folder = ""): KernelPlace => kernelPlace(kernelRoom(), folder);

  const attach = async (folder: string | undefined): Promise<KernelConnection | undefined> => {
    const kernel = await attachKernel(placeOf(folder));
    if (kernel)
      log.info(`Connected to the kernel that is there: process ${kernel.hello.pid}${inFolder(folder)}.`);
    return kernel && connection(kernel);
  };

  const start = async (folder: string | undefined): Promise<KernelConnection> => {
    const there = await attach(folder);
    if (there) return there;
    const { node, model, cache, cacheSize, code, logs, device, heapLimit, memoryLimit, idle } = settings();
    const secrets = await keys();
    const options = {
      script,
      place: placeOf(folder),
      idle,
      ...(folder === undefined ? {} : { directory: folder }),
      // Under the desktop's Electron, execPath is only a Node with this variable.
      env: {
        ...process.env,
        ELECTRON_RUN_AS_NODE: "1",
        DNB_MODEL: model,
        DNB_CACHE: cache,
        DNB_CACHE_SIZE: String(cacheSize),
        DNB_CODE_CACHE: code,
        DNB_LOGS: logs,
        DNB_DEVICE: device,
        DNB_HEAP_LIMIT: String(heapLimit),
        DNB_MEMORY_LIMIT: String(memoryLimit),
        DNB_KEYS: JSON.stringify(secrets),
      },
    };
    // One that the user has named is the one to use, or to be told about.
    const candidates = node ? [node] : [process.execPath, "node"];
    const failures: string[] = [];
    for (const candidate of candidates) {
      try {
        const kernel = await startDetachedKernel({ ...options, node: candidate });
        const { pid, node: version } = kernel.hello;
        log.info(`Kernel started: process ${pid}, Node.js ${version} (${candidate})${inFolder(folder)}.`);
        return connection(kernel);
      } catch (error) {
        failures.push(messageOf(error));
        log.warn(`The kernel did not start with ${candidate}: ${messageOf(error)}`);
      }
    }
    throw new Error(failures.join("\n"));
  };

  const end = async (pid: number): Promise<void> => {
    const card = readCards(kernelRoom()).find((known) => known.pid === pid);
    const kernel = card && (await attachKernel(placeOf(card.folder)));
    if (card && !kernel)
      throw new Error(`The kernel does not answer. End the process ${pid} by other means.`);
    kernel?.client.dispose();
  };

  return { start, attach, others: () => readCards(kernelRoom()), end };
}

const inFolder = (folder: string | undefined): string => (folder ? `, in ${folder}` : "");

function connection({ client, hello }: AttachedKernel): KernelConnection {
  return {
    pid: hello.pid,
    notebooks: hello.notebooks,
    request: (body) => client.request(body),
    onEvent: (listener) => {
      client.onEvent((event) => {
        if (event.type !== "exited") listener(event);
      });
    },
    onExit: (listener) => {
      const once = ({ reason, stderr, lives }: KernelExit) =>
        listener({ reason, stderr, ...(lives && { lives }) });
      if (client.exit) once(client.exit);
      else client.onEvent((event) => event.type === "exited" && once(event));
    },
    dispose: () => client.dispose(),
    leave: () => client.disconnect(),
    kill: () => client.kill(),
  };
}
