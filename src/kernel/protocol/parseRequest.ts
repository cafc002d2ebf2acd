import type { Look, PeopleState, Request, RequestBody, SearchAction } from "../protocol.js";
import { parsePicks } from "./recordedPicks.js";
import { fields, list, MalformedMessage, number, oneOf, optional, text, type Fields } from "./shape.js";

/** Throws `MalformedMessage`. */
export function parseRequest(value: unknown): Request {
  const message = fields(value, "request");
  return { id: number(message, "id"), ...parseBody(message) };
}

function parseBody(message: Fields): RequestBody {
  const type = text(message, "type");
  switch (type) {
    case "hello":
      return {
        type,
        protocol: number(message, "protocol"),
        ...(message["token"] !== undefined && { token: text(message, "token") }),
      };
    case "diagnose":
      return { type, ...(message["model"] !== undefined && { model: text(message, "model") }) };
    case "ping":
    case "environment":
    case "shutdown":
      return { type };
    case "open":
      return {
        type,
        notebook: text(message, "notebook"),
        directory: text(message, "directory"),
        ...(message["takeOver"] === true && { takeOver: true }),
      };
    case "await":
      return { type, notebook: text(message, "notebook"), execution: text(message, "execution") };
    case "variable":
      return {
        type,
        notebook: text(message, "notebook"),
        name: text(message, "name"),
        action: oneOf(message, "action", ["text", "forget"]),
      };
    case "debug":
      return { type, on: message["on"] === true };
    case "debugReady":
    case "variables":
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
        ...(message["file"] !== undefined && { file: text(message, "file") }),
        ...(message["debug"] === true && { debug: true }),
        ...(message["people"] === undefined ? {} : { people: parsePeople(message["people"]) }),
        ...(message["mayFail"] === true ? { mayFail: true } : {}),
      };
    }
    case "search":
      return {
        type,
        notebook: text(message, "notebook"),
        run: text(message, "run"),
        action: parseSearchAction(message["action"]),
      };
    case "look":
      return {
        type,
        notebook: text(message, "notebook"),
        run: text(message, "run"),
        looks: parseLooks(message["looks"]),
      };
    case "answer": {
      const answer = optional(message, "text", text);
      return {
        type,
        notebook: text(message, "notebook"),
        question: text(message, "question"),
        ...(answer !== undefined && { text: answer }),
      };
    }
    case "snapshot":
      return { type, notebook: text(message, "notebook"), run: text(message, "run") };
    default:
      throw new MalformedMessage(`type: no request is called ${JSON.stringify(type)}`);
  }
}

/** Also what a view asks for through the editor. */
export function parseSearchAction(value: unknown): SearchAction {
  const action = fields(value, "action");
  const kind = oneOf(action, "kind", ["step", "run", "pause", "stop", "pick"], "action.");
  if (kind === "pick") {
    const order = list(action, "order", "action.").map((_, i, groups) => names(groups, i, "action.order"));
    const dropped = list(action, "dropped", "action.").map((_, i, all) => name(all, i, "action.dropped"));
    return { kind, question: number(action, "question", "action."), order, dropped };
  }
  if (kind !== "step") return { kind };
  const rounds = number(action, "rounds", "action.");
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new MalformedMessage("action.rounds: expected 1 or more");
  return { kind, rounds };
}

const MOST_LOOKS = 64;

/** Also what a view asks for through the editor. */
export function parseLooks(value: unknown): Look[] {
  if (!Array.isArray(value) || value.length > MOST_LOOKS)
    throw new MalformedMessage(`looks: expected an array of at most ${MOST_LOOKS}`);
  return value.map((entry, i) => {
    const one = fields(entry, `looks[${i}]`);
    const level = optional(one, "level", number);
    if (level !== undefined && !(level >= 0 && level <= 1))
      throw new MalformedMessage(`looks[${i}].level: expected 0 to 1`);
    return { candidate: text(one, "candidate", `looks[${i}].`), ...(level === undefined ? {} : { level }) };
  });
}

function parsePeople(value: unknown): PeopleState {
  const people = fields(value, "people");
  const picks = Object.entries(fields(people["picks"], "people.picks"));
  return {
    canAsk: people["canAsk"] === true,
    picks: Object.fromEntries(picks.map(([run, known]) => [run, parsePicks(known)])),
    ...(people["holds"] === undefined ? {} : { holds: parseHolds(people["holds"]) }),
  };
}

function parseHolds(value: unknown): Record<string, number> {
  const holds = fields(value, "people.holds");
  return Object.fromEntries(Object.keys(holds).map((run) => [run, number(holds, run, "people.holds.")]));
}

function names(groups: readonly unknown[], index: number, path: string): string[] {
  const group = groups[index];
  if (!Array.isArray(group)) throw new MalformedMessage(`${path}[${index}]: expected an array`);
  return group.map((_, i) => name(group, i, `${path}[${index}]`));
}

function name(all: readonly unknown[], index: number, path: string): string {
  const value = all[index];
  if (typeof value !== "string") throw new MalformedMessage(`${path}[${index}]: expected a string`);
  return value;
}
