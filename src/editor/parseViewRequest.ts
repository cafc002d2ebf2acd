import type { SearchAction, ViewRequest } from "../kernel/protocol.js";
import { parseSearchAction } from "../kernel/protocol/parseRequest.js";
import { MalformedMessage } from "../kernel/protocol/shape.js";
import { isObject } from "./plainOutput.js";

/** A renderer's message, or undefined for what is none of ours: any script in a webview can post. */
export function parseViewRequest(message: unknown): ViewRequest | undefined {
  if (!isObject(message) || typeof message["run"] !== "string" || message["run"].length > 200)
    return undefined;
  const { type, run } = message;
  if (type === "ready") return { type, run };
  const action = type === "search" ? parseAction(message["action"]) : undefined;
  return action ? { type: "search", run, action } : undefined;
}

function parseAction(action: unknown): SearchAction | undefined {
  try {
    return parseSearchAction(action);
  } catch (error) {
    if (error instanceof MalformedMessage) return undefined;
    throw error;
  }
}
