import type { AtlasChunk, SearchDelta, SearchOutput } from "../../search/record.js";
import type {
  CellReference,
  FinishedOutput,
  KernelEvent,
  ModelState,
  ReplyResult,
  VariableState,
  WireError,
  WireItem,
} from "../protocol.js";
import { parseDiagnosis } from "./parseDiagnosis.js";
import { fields, list, MalformedMessage, number, oneOf, optional, text, type Fields } from "./shape.js";

/** Throws `MalformedMessage`. The inside of records is the kernel's own and is not walked here. */
export function parseEvent(value: unknown): KernelEvent {
  const message = fields(value, "event");
  const type = text(message, "type");
  switch (type) {
    case "reply": {
      const id = number(message, "id");
      return message["ok"] === true
        ? { type, id, ok: true, result: parseResult(fields(message["result"], "result")) }
        : { type, id, ok: false, error: parseError(message["error"]) };
    }
    case "started":
      return { type, notebook: text(message, "notebook"), execution: text(message, "execution") };
    case "stream":
      return {
        type,
        notebook: text(message, "notebook"),
        execution: text(message, "execution"),
        name: oneOf(message, "name", ["stdout", "stderr"]),
        text: text(message, "text"),
      };
    case "display":
      return {
        type,
        notebook: text(message, "notebook"),
        execution: text(message, "execution"),
        display: text(message, "display"),
        items: list(message, "items").map(parseItem),
      };
    case "stale":
      return {
        type,
        notebook: text(message, "notebook"),
        cells: list(message, "cells").map((entry) => {
          const one = fields(entry, "cells");
          return { cell: text(one, "cell", "cells."), reason: text(one, "reason", "cells.") };
        }),
      };
    case "input": {
      const value = optional(message, "value", text);
      return {
        type,
        notebook: text(message, "notebook"),
        execution: text(message, "execution"),
        question: text(message, "question"),
        prompt: text(message, "prompt"),
        ...(value !== undefined && { value }),
        ...(message["secret"] === true && { secret: true }),
      };
    }
    case "update":
      return {
        type,
        notebook: text(message, "notebook"),
        display: text(message, "display"),
        items: list(message, "items").map(parseItem),
      };
    case "delta":
      return { type, notebook: text(message, "notebook"), delta: parseDelta(message["delta"]) };
    case "heartbeat":
      return {
        type,
        rss: number(message, "rss"),
        notebooks: list(message, "notebooks").map((item, index) => {
          const entry = fields(item, `notebooks[${index}]`);
          return {
            notebook: text(entry, "notebook"),
            state: oneOf(entry, "state", ["idle", "running", "busy"]),
          };
        }),
        models: list(message, "models").map(parseModel),
      };
    case "missed":
      return parseMissed(message);
    case "taken":
      return { type, notebook: text(message, "notebook") };
    case "log":
      return {
        type,
        level: oneOf(message, "level", ["info", "warning", "error"]),
        text: text(message, "text"),
      };
    default:
      throw new MalformedMessage(`type: no event is called ${JSON.stringify(type)}`);
  }
}

function parseModel(value: unknown, index: number): ModelState {
  const model = fields(value, `models[${index}]`);
  const device = optional(model, "device", text);
  const bytes = optional(model, "bytes", number);
  return {
    name: text(model, "name"),
    ...(device !== undefined && { device }),
    ...(bytes !== undefined && { bytes }),
    state: oneOf(model, "state", ["loading", "loaded", "away"]),
    users: number(model, "users"),
  };
}

function parseResult(result: Fields): ReplyResult {
  const type = oneOf(
    result,
    "type",
    [
      "hello",
      "executed",
      "snapshot",
      "look",
      "variables",
      "text",
      "debugging",
      "diagnosis",
      "environment",
      "done",
    ],
    "result.",
  );
  switch (type) {
    case "hello":
      return {
        type,
        protocol: number(result, "protocol"),
        pid: number(result, "pid"),
        node: text(result, "node"),
        version: text(result, "version"),
        notebooks: list(result, "notebooks").filter((notebook) => typeof notebook === "string"),
      };
    case "executed": {
      const outcome = oneOf(result, "outcome", ["ok", "error", "interrupted", "cancelled"], "result.");
      return result["error"] === undefined
        ? { type, outcome }
        : { type, outcome, error: parseError(result["error"]) };
    }
    case "snapshot": {
      const status = fields(result["status"], "result.status");
      const milliseconds = number(status, "milliseconds", "result.status.");
      const output = fields(result["output"], "result.output");
      fields(output["record"], "result.output.record");
      list(output, "atlas", "result.output.");
      return {
        type,
        // SAFETY: the record was written by the search core of the same build; its outline was checked above.
        output: output as unknown as SearchOutput,
        sequence: number(result, "sequence", "result."),
        status: { milliseconds, live: true, ends: (optional(status, "ends", list) ?? []).map(Number) },
      };
    }
    case "look":
      // SAFETY: written by the kernel of the same build; the view parses tiles that it draws.
      return { type, atlas: list(result, "atlas", "result.") as readonly AtlasChunk[] };
    case "variables":
      return { type, variables: list(result, "variables", "result.").map(parseVariable) };
    case "text":
      return { type, text: text(result, "text", "result.") };
    case "debugging":
      return { type, port: number(result, "port", "result.") };
    case "diagnosis":
      return { type, diagnosis: parseDiagnosis(result["diagnosis"]) };
    case "environment": {
      const environment = fields(result["environment"], "result.environment");
      const names = Object.keys(environment);
      return {
        type,
        environment: Object.fromEntries(
          names.map((name) => [name, text(environment, name, "result.environment.")]),
        ),
      };
    }
    case "done":
      return { type };
  }
}

function parseMissed(message: Fields): KernelEvent {
  return {
    type: "missed",
    notebook: text(message, "notebook"),
    executions: list(message, "executions").map((item, index) => {
      const entry = fields(item, `executions[${index}]`);
      const started = optional(entry, "started", number);
      return {
        execution: text(entry, "execution"),
        cell: parseCell(entry["cell"], `executions[${index}].cell`),
        source: text(entry, "source"),
        ...(started !== undefined && { started }),
      };
    }),
    events: list(message, "events").map((item) => {
      const event = parseEvent(item);
      switch (event.type) {
        case "started":
        case "stream":
        case "display":
        case "update":
        case "input":
          return event;
        default:
          throw new MalformedMessage(`events: a ${event.type} cannot be missed`);
      }
    }),
    finished: list(message, "finished").map((item, index) => {
      const path = `finished[${index}].`;
      const run = fields(item, `finished[${index}]`);
      return {
        execution: text(run, "execution", path),
        cell: parseCell(run["cell"], `${path}cell`),
        source: text(run, "source", path),
        ended: number(run, "ended", path),
        outputs: list(run, "outputs", path).map((output) => parseFinished(fields(output, `${path}outputs`))),
      };
    }),
    dropped: number(message, "dropped"),
  };
}

function parseFinished(output: Fields): FinishedOutput {
  if (output["display"] !== undefined)
    return {
      display: text(output, "display"),
      ...(output["items"] !== undefined && { items: list(output, "items").map(parseItem) }),
    };
  if (output["stream"] === undefined) return { error: parseError(output["error"]) };
  const printed = optional(output, "text", text);
  return {
    stream: oneOf(output, "stream", ["stdout", "stderr"]),
    ...(printed !== undefined && { text: printed }),
  };
}

function parseCell(value: unknown, path: string): CellReference {
  const cell = fields(value, path);
  return { id: text(cell, "id", `${path}.`), number: number(cell, "number", `${path}.`) };
}

function parseVariable(value: unknown, index: number): VariableState {
  const variable = fields(value, `variables[${index}]`);
  const size = optional(variable, "size", text);
  return {
    name: text(variable, "name"),
    type: text(variable, "type"),
    ...(size !== undefined && { size }),
    preview: text(variable, "preview"),
    cell: parseCell(variable["cell"], `variables[${index}].cell`),
  };
}

function parseDelta(value: unknown): SearchDelta {
  const delta = fields(value, "delta");
  text(delta, "run", "delta.");
  number(delta, "sequence", "delta.");
  fields(delta["head"], "delta.head");
  for (const key of ["candidates", "rounds", "atlas"]) list(delta, key, "delta.");
  // SAFETY: written by the search core of the same build; its outline was checked above.
  return delta as unknown as SearchDelta;
}

function parseError(value: unknown): WireError {
  const error = fields(value, "error");
  const stack = optional(error, "stack", text);
  const line = optional(error, "line", number);
  const column = optional(error, "column", number);
  return {
    name: text(error, "name", "error."),
    message: text(error, "message", "error."),
    ...(stack !== undefined && { stack }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  };
}

export function parseItem(value: unknown): WireItem {
  const item = fields(value, "item");
  const mime = text(item, "mime", "item.");
  if (typeof item["text"] === "string") return { mime, text: item["text"] };
  if (typeof item["base64"] === "string") return { mime, base64: item["base64"] };
  if ("json" in item) return { mime, json: item["json"] };
  throw new MalformedMessage("item: expected one of text, json and base64");
}
