import type { ViewRequest } from "../kernel/protocol.js";
import { parseLooks, parseSearchAction } from "../kernel/protocol/parseRequest.js";
import { MalformedMessage } from "../kernel/protocol/shape.js";
import { isObject } from "./plainOutput.js";

/** A renderer's message, or undefined for what is none of ours: any script in a webview can post. */
export function parseViewRequest(message: unknown): ViewRequest | undefined {
  if (!isObject(message) || typeof message["run"] !== "string" || message["run"].length > 200)
    return undefined;
  const { type, run } = message;
  if (type === "ready") return { type, run };
  if (type === "look") {
    const looks = attempt(() => parseLooks(message["looks"]));
    return looks && { type, run, looks };
  }
  const action = type === "search" ? attempt(() => parseSearchAction(message["action"])) : undefined;
  return action ? { type: "search", run, action } : undefined;
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedMessage) return undefined;
    throw error;
  }
}
