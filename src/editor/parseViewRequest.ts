import type { ViewRequest } from "../kernel/protocol.js";
import { parseLooks, parseSearchAction } from "../kernel/protocol/parseRequest.js";
import { MalformedMessage } from "../kernel/protocol/shape.js";
import { isObject } from "./plainOutput.js";

/** A renderer's message, or undefined for what is none of ours: any script in a webview can post. */
export function parseViewRequest(message: unknown): ViewRequest | undefined {
  if (!isObject(message) || typeof message["run"] !== "string" || message["run"].length > 200)
    return undefined;
  const { type, run } = message;
  if (type === "ready" || type === "inspect") return { type, run };
  if (type === "write") return parseWrite(run, message);
  if (type === "looked") return parseLooked(run, message["looked"]);
  if (type === "others") return parseOthers(run, message["runs"]);
  if (type === "look") {
    const looks = attempt(() => parseLooks(message["looks"]));
    return looks && { type, run, looks };
  }
  const action = type === "search" ? attempt(() => parseSearchAction(message["action"])) : undefined;
  return action ? { type: "search", run, action } : undefined;
}

function parseLooked(run: string, value: unknown): ViewRequest | undefined {
  if (!isObject(value)) return undefined;
  const { view, measure, log, columns, colour, selected } = value;
  const isText = (name: unknown, most: number): name is string =>
    typeof name === "string" && name.length <= most;
  const isName = (name: unknown): name is string => isText(name, 40);
  if (!isName(view) || !isName(measure) || !isName(columns) || typeof log !== "boolean") return undefined;
  if (selected !== undefined && !isName(selected)) return undefined;
  if (colour !== undefined && !isText(colour, 200)) return undefined;
  const looked = {
    ...{ view, measure, log, columns },
    ...(colour === undefined ? {} : { colour }),
    ...(selected === undefined ? {} : { selected }),
  };
  return { type: "looked", run, looked };
}

function parseOthers(run: string, runs: unknown): ViewRequest | undefined {
  if (!Array.isArray(runs) || runs.length > 20) return undefined;
  const isName = (value: unknown): value is string => typeof value === "string" && value.length <= 200;
  return runs.every(isName) ? { type: "others", run, runs } : undefined;
}

/** As records name candidates: nothing else may get into code. */
const CANDIDATE = /^r\d{1,9}-c\d{1,9}$/;

function parseWrite(run: string, message: Readonly<Record<string, unknown>>): ViewRequest | undefined {
  const { candidate, compared } = message;
  const kind = (["fork", "continue", "pick", "insert"] as const).find((one) => one === message["kind"]);
  const isName = (value: unknown): value is string => typeof value === "string" && CANDIDATE.test(value);
  if (!kind || !isName(candidate) || !(compared === undefined || isName(compared))) return undefined;
  return { type: "write", run, kind, candidate, ...(compared === undefined ? {} : { compared }) };
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedMessage) return undefined;
    throw error;
  }
}
