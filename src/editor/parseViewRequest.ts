import type { SearchAction, ViewRequest } from "../kernel/protocol.js";
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
  if (!isObject(action)) return undefined;
  const { kind, rounds } = action;
  switch (kind) {
    case "run":
    case "pause":
    case "stop":
      return { kind };
    case "step":
      if (typeof rounds !== "number" || !Number.isSafeInteger(rounds) || rounds < 1) return undefined;
      return { kind, rounds };
    default:
      return undefined;
  }
}
