import type { Duplex } from "node:stream";

/** No message is near this; a length above it is garbage, and the bytes it announces are skipped. */
const LARGEST = 256 * 1024 * 1024;

/** uint32 little endian, then that many bytes of UTF-8 JSON. Throws for what is no JSON or larger than a reader takes. */
export function encodeFrame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message), "utf8");
  if (body.length > LARGEST)
    throw new RangeError(`${Math.ceil(body.length / 1e6)} MB are too much for one message`);
  const frame = Buffer.allocUnsafe(body.length + 4);
  frame.writeUInt32LE(body.length, 0);
  body.copy(frame, 4);
  return frame;
}

/** Reassembles frames from chunks of any size. `garbage` hears of what is no JSON or too large; the frames after it still arrive. */
export class FrameDecoder {
  #chunks: Buffer[] = [];
  #size = 0;
  #skip = 0;

  constructor(
    private readonly message: (value: unknown) => void,
    private readonly garbage: (reason: string) => void,
  ) {}

  push(chunk: Buffer): void {
    if (this.#skip) {
      const skipped = Math.min(this.#skip, chunk.length);
      this.#skip -= skipped;
      chunk = chunk.subarray(skipped);
    }
    if (!chunk.length) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    for (;;) {
      const length = this.#length();
      if (length === undefined) return;
      if (length > LARGEST) {
        this.garbage(`a frame of ${length} bytes`);
        const rest = this.#take(this.#size).subarray(4);
        this.#skip = length;
        return this.push(rest);
      }
      if (this.#size < length + 4) return;
      this.#deliver(this.#take(length + 4).subarray(4));
    }
  }

  #length(): number | undefined {
    if (this.#size < 4) return undefined;
    if ((this.#chunks[0]?.length ?? 0) < 4) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]?.readUInt32LE(0);
  }

  #take(bytes: number): Buffer {
    const all = this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks);
    const rest = all.subarray(bytes);
    this.#chunks = rest.length ? [rest] : [];
    this.#size = rest.length;
    return all.subarray(0, bytes);
  }

  #deliver(body: Buffer): void {
    let value: unknown;
    try {
      value = JSON.parse(body.toString("utf8"));
    } catch {
      return this.garbage("a frame that is no JSON");
    }
    this.message(value);
  }
}

/** Both directions of a connection. A unix socket serves as well as a pipe. */
export class FrameChannel {
  #closed = false;

  constructor(
    private readonly stream: Duplex,
    on: {
      readonly message: (value: unknown) => void;
      readonly garbage: (reason: string) => void;
      readonly close: () => void;
    },
  ) {
    const decoder = new FrameDecoder(on.message, on.garbage);
    stream.on("data", (chunk: Buffer) => decoder.push(chunk));
    const close = (): void => {
      if (this.#closed) return;
      this.#closed = true;
      on.close();
    };
    stream.on("end", close);
    stream.on("close", close);
    // The other side has gone; "close" follows.
    stream.on("error", close);
  }

  /** False when the other side has gone. */
  send(message: unknown): boolean {
    if (this.#closed || this.stream.destroyed || !this.stream.writable) return false;
    this.stream.write(encodeFrame(message));
    return true;
  }

  close(): void {
    this.#closed = true;
    this.stream.destroy();
  }
}
