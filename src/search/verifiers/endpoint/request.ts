import { messageOf } from "../../check.js";
import type { EndpointSettings } from "./endpointOptions.js";

/** An answer that is no use, and whether to ask again. */
export class BadAnswer extends Error {
  constructor(
    message: string,
    readonly again: boolean,
    /** Seconds that the endpoint asks to be left alone. */
    readonly after = 0,
  ) {
    super(message);
  }
}

/** Bytes of an answer that are read; a list of numbers is never longer. */
const MOST_BYTES = 4 << 20;
/** Of an answer, shown in a message. */
const QUOTED = 160;

/**
 * One request: POST of `body` as JSON; gives the parsed answer. Throws `BadAnswer` for whatever else comes of it; the key is in no message.
 */
export async function request(
  { url, timeout }: EndpointSettings,
  body: string,
  key: string | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  const hidden = (text: string): string =>
    key === undefined || key === "" ? text : text.replaceAll(key, "***");
  const late = AbortSignal.timeout(Math.ceil(timeout * 1000));
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      // Another address would get the images, and perhaps the key.
      redirect: "manual",
      signal: AbortSignal.any([signal, late]),
    });
    text = await read(response);
  } catch (error) {
    if (error instanceof BadAnswer || signal.aborted) throw error;
    if (late.aborted) throw new BadAnswer(`it gave no answer within ${timeout} s`, true);
    throw new BadAnswer(`it cannot be reached (${hidden(reasonOf(error))})`, true);
  }
  const { status } = response;
  if (status >= 300 && status < 400) {
    throw new BadAnswer(
      `it redirects to ${hidden(response.headers.get("location") ?? "nowhere")}; give that address`,
      false,
    );
  }
  if (!response.ok) {
    const again = status === 408 || status === 425 || status === 429 || status >= 500;
    throw new BadAnswer(`it answered ${status} ${hidden(quoted(text))}`.trim(), again, waitOf(response));
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new BadAnswer(`its answer is no JSON: ${hidden(quoted(text))}`, true);
  }
}

async function read(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const stream = response.body as AsyncIterable<Uint8Array> | null;
  for await (const part of stream ?? []) {
    length += part.length;
    if (length > MOST_BYTES) throw new BadAnswer(`its answer is longer than ${MOST_BYTES} bytes`, true);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  return cause?.code ?? cause?.message ?? messageOf(error);
}

function quoted(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > QUOTED ? `${line.slice(0, QUOTED)}…` : line;
}

function waitOf(response: Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? "0");
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}
