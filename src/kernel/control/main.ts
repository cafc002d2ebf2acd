import { closeSync } from "node:fs";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { FrameChannel } from "../protocol/frames.js";
import { parseRequest } from "../protocol/parseRequest.js";
import type { KernelEvent, Request } from "../protocol.js";
import type { Client } from "./client.js";
import { Kernel } from "./kernel.js";
import { ALREADY_THERE, isToken, listen, takeListenOptions, type Listening } from "./listen.js";
import { standIn } from "./standIn.js";
// Before any thread starts, which would inherit them.
import "./handedKeys.js";

// What the process was started with is of no concern to cells, nor to the programs that they start.
delete process.env["NODE_OPTIONS"];
delete process.env["ELECTRON_RUN_AS_NODE"];
const listening = takeListenOptions(process.env);

/** File descriptor of the protocol: 1 and 2 belong to whatever native code prints. Of a kernel that listens: closed when it does. */
const PROTOCOL_FD = 3;
const LEAVE_PATIENCE = 1500;
/** How long a connection may take to say hello. */
const HELLO_PATIENCE = 5000;

let complained = false;
let server: Listening | undefined;
let quietSince = performance.now();
const clients = new Set<Client>();

const kernel = new Kernel({
  everybody: (event) => {
    for (const client of clients) client.send(event);
  },
  leave: () => void leave(),
  remembers: listening !== undefined,
});

const log = (level: "warning" | "error", text: string): void => {
  for (const client of clients) client.send({ type: "log", level, text });
};

const complain = (reason: string): void => {
  if (complained) return;
  complained = true;
  log("warning", `Dropped a malformed message: ${reason}. Further ones are dropped silently.`);
};

/** `token`: what the first request must be a hello with; without one the other side is trusted, because it started this process. */
function serve(stream: Duplex, token: string | undefined, gone: () => void): void {
  const channel = new FrameChannel(stream, {
    message: (value) => {
      let request: Request;
      try {
        request = parseRequest(value);
      } catch (error) {
        if (!clients.has(client)) return channel.close();
        return complain(error instanceof Error ? error.message : String(error));
      }
      if (!clients.has(client)) {
        if (request.type !== "hello" || !isToken(request.token, token ?? "")) return channel.close();
        clearTimeout(stranger);
        clients.add(client);
      }
      void kernel.handle(request, client);
    },
    garbage: (reason) => (clients.has(client) ? complain(reason) : channel.close()),
    close: () => {
      clearTimeout(stranger);
      if (!clients.delete(client)) return;
      kernel.leave(client);
      quietSince = performance.now();
      gone();
    },
  });
  const client: Client = {
    send: (event: KernelEvent) => {
      try {
        return channel.send(event);
      } catch (error) {
        return channel.send(standIn(event, error instanceof Error ? error.message : String(error)));
      }
    },
  };
  const stranger = token === undefined ? undefined : setTimeout(() => channel.close(), HELLO_PATIENCE);
  if (token === undefined) clients.add(client);
}

if (listening)
  listen(listening, (socket) => serve(socket, server?.token, () => undefined)).then(
    (there) => {
      server = there;
      closeSync(PROTOCOL_FD);
    },
    (error: unknown) => {
      console.error(error);
      process.exit((error as NodeJS.ErrnoException).code === "EADDRINUSE" ? ALREADY_THERE : 1);
    },
  );
else serve(new Socket({ fd: PROTOCOL_FD, readable: true, writable: true }), undefined, () => void leave());

const heartbeat = setInterval(() => {
  kernel.heartbeat();
  if (!listening) return;
  // With 0 it ends with its window, whatever runs.
  if (clients.size || (kernel.isRunning && listening.idle > 0)) quietSince = performance.now();
  else if (performance.now() - quietSince >= listening.idle * 1000) void leave();
}, 1000);

// A mistake of the control thread's own must not take the notebooks with it.
process.on("uncaughtException", (error) => log("error", error.stack ?? error.message));
process.on("unhandledRejection", (error) => log("error", String(error)));
// The terminal of a detached kernel's first window is not its own.
if (listening) for (const signal of ["SIGHUP", "SIGINT"] as const) process.on(signal, () => undefined);

async function leave(): Promise<void> {
  clearInterval(heartbeat);
  server?.close();
  // `exit` would wait for a thread inside a native call for as long as that takes.
  setTimeout(() => process.kill(process.pid, "SIGKILL"), LEAVE_PATIENCE);
  await kernel.close();
  process.exit(0);
}
