import { Socket } from "node:net";
import { FrameChannel } from "../protocol/frames.js";
import { parseRequest } from "../protocol/parseRequest.js";
import type { KernelEvent } from "../protocol.js";
import { Kernel } from "./kernel.js";
// Before any thread starts, which would inherit them.
import "./handedKeys.js";

// What the process was started with is of no concern to cells, nor to the programs that they start.
delete process.env["NODE_OPTIONS"];
delete process.env["ELECTRON_RUN_AS_NODE"];

/** File descriptor of the protocol: 1 and 2 belong to whatever native code prints. */
const PROTOCOL_FD = 3;
const LEAVE_PATIENCE = 1500;

let complained = false;

const emit = (event: KernelEvent): void => void channel.send(event);

const complain = (reason: string): void => {
  if (complained) return;
  complained = true;
  emit({
    type: "log",
    level: "warning",
    text: `Dropped a malformed message: ${reason}. Further ones are dropped silently.`,
  });
};

const kernel = new Kernel(emit, () => void leave());

const channel = new FrameChannel(new Socket({ fd: PROTOCOL_FD, readable: true, writable: true }), {
  message: (value) => {
    try {
      void kernel.handle(parseRequest(value));
    } catch (error) {
      complain(error instanceof Error ? error.message : String(error));
    }
  },
  garbage: complain,
  close: () => void leave(),
});

const heartbeat = setInterval(() => kernel.heartbeat(), 1000);

// A mistake of the control thread's own must not take the notebooks with it.
process.on("uncaughtException", (error) =>
  emit({ type: "log", level: "error", text: error.stack ?? error.message }),
);
process.on("unhandledRejection", (error) => emit({ type: "log", level: "error", text: String(error) }));

async function leave(): Promise<void> {
  clearInterval(heartbeat);
  // `exit` would wait for a thread inside a native call for as long as that takes.
  setTimeout(() => process.kill(process.pid, "SIGKILL"), LEAVE_PATIENCE);
  await kernel.close();
  process.exit(0);
}
