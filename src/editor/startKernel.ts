import { KernelClient } from "../kernel/client/kernelClient.js";
import type { KernelConnection, KernelExit, StartKernel } from "./kernelConnection.js";
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
}

/** A process that has not said hello by then never will. */
const HELLO_WITHIN = 20_000;

/** Starts kernel processes; `settings` and the `keys` of judges are read at each start. */
export function kernelStarter(
  script: string,
  settings: () => KernelSettings,
  keys: () => Promise<Readonly<Record<string, string>>>,
  log: Log,
): StartKernel {
  return async (folder) => {
    const { node, model, cache, cacheSize, code, logs, device, heapLimit, memoryLimit } = settings();
    const secrets = await keys();
    const options = {
      script,
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
      const client = new KernelClient({ ...options, node: candidate });
      const connection = connect(client);
      try {
        const { pid, node: version } = await within(HELLO_WITHIN, client.hello());
        log.info(
          `Kernel started: process ${pid}, Node.js ${version} (${candidate})${folder ? `, in ${folder}` : ""}.`,
        );
        return connection;
      } catch (error) {
        client.kill();
        failures.push(messageOf(error));
        log.warn(`The kernel did not start with ${candidate}: ${messageOf(error)}`);
      }
    }
    throw new Error(failures.join("\n"));
  };
}

function connect(client: KernelClient): KernelConnection {
  return {
    request: (body) => client.request(body),
    onEvent: (listener) => {
      client.onEvent((event) => {
        if (event.type !== "exited") listener(event);
      });
    },
    onExit: (listener) => {
      const once = (exit: KernelExit) => listener({ reason: exit.reason, stderr: exit.stderr });
      if (client.exit) once(client.exit);
      else client.onEvent((event) => event.type === "exited" && once(event));
    },
    dispose: () => client.dispose(),
    kill: () => client.kill(),
  };
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`It did not answer within ${milliseconds / 1000} s.`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
