import type { Request, RequestBody, SearchAction } from "../protocol.js";
import { fields, MalformedMessage, number, oneOf, text, type Fields } from "./shape.js";

/** Throws `MalformedMessage`. */
export function parseRequest(value: unknown): Request {
  const message = fields(value, "request");
  return { id: number(message, "id"), ...parseBody(message) };
}

function parseBody(message: Fields): RequestBody {
  const type = text(message, "type");
  switch (type) {
    case "hello":
      return { type, protocol: number(message, "protocol") };
    case "ping":
    case "shutdown":
      return { type };
    case "open":
      return { type, notebook: text(message, "notebook"), directory: text(message, "directory") };
    case "close":
    case "interrupt":
    case "restart":
      return { type, notebook: text(message, "notebook") };
    case "execute": {
      const cell = fields(message["cell"], "cell");
      return {
        type,
        notebook: text(message, "notebook"),
        execution: text(message, "execution"),
        cell: { id: text(cell, "id", "cell."), number: number(cell, "number", "cell.") },
        source: text(message, "source"),
      };
    }
    case "search":
      return {
        type,
        notebook: text(message, "notebook"),
        run: text(message, "run"),
        action: parseSearchAction(message["action"]),
      };
    case "snapshot":
      return { type, notebook: text(message, "notebook"), run: text(message, "run") };
    default:
      throw new MalformedMessage(`type: no request is called ${JSON.stringify(type)}`);
  }
}

/** Also what a view asks for through the editor. */
export function parseSearchAction(value: unknown): SearchAction {
  const action = fields(value, "action");
  const kind = oneOf(action, "kind", ["step", "run", "pause", "stop"], "action.");
  if (kind !== "step") return { kind };
  const rounds = number(action, "rounds", "action.");
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new MalformedMessage("action.rounds: expected 1 or more");
  return { kind, rounds };
}
