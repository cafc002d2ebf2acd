import type {
  ParticleRecord,
  RoundRecord,
  RunState,
  SearchOutput,
  SearchRecord,
  VerifierRecord,
} from "../../src/search/record.js";
import { count, isDictionary, list, number, oneOf, string, strings, type Dictionary } from "./fields.js";
import { noOddities, type Oddities } from "./oddities.js";
import { parseAtlas } from "./parseAtlas.js";
import { parseCandidates } from "./parseCandidates.js";
import { parseCost } from "./parseCost.js";
import { parsePeople } from "./parsePeople.js";
import { RecordError } from "./recordError.js";

const MOST_VERIFIERS = 64;
const STATES: readonly RunState[] = [
  "ready",
  "running",
  "paused",
  "waiting",
  "finished",
  "stopped",
  "failed",
];

/**
 * A record comes from a file that anyone may have written. What is needed to draw is checked; a candidate or a score that makes no
 * sense is left out and counted, so that one odd entry does not hide the rest; only a record without a frame is refused (RecordError).
 */
export function parseOutput(value: unknown, odd: Oddities = noOddities()): SearchOutput {
  const output = dictionary(value, "the output");
  const record = parseRecord(output["record"], odd);
  return { record, atlas: parseAtlas(output["atlas"], odd) };
}

function parseRecord(value: unknown, odd: Oddities): SearchRecord {
  const record: Dictionary & { readonly question?: unknown; readonly picks?: unknown } = dictionary(
    value,
    "record",
  );
  if (record["version"] !== 1) throw new RecordError("record.version", `1, the only version known here`);
  const algorithm = dictionary(record["algorithm"], "record.algorithm");
  const problem = dictionary(record["problem"], "record.problem");
  const model = isDictionary(record["model"]) ? record["model"] : {};
  const image = list(model["image"]).map((side) => number(side) ?? 1);
  const levels = list(record["levels"]).filter((level): level is number => number(level) !== undefined);
  const best = record["best"];
  return {
    version: 1,
    id: text(record["id"], "record.id"),
    algorithm: {
      name: text(algorithm["name"], "record.algorithm.name"),
      options: isDictionary(algorithm["options"]) ? algorithm["options"] : {},
    },
    model: {
      name: string(model["name"]),
      version: string(model["version"]),
      sha256: string(model["sha256"]),
      image: [image[0] ?? 1, image[1] ?? 1, image[2] ?? 1],
    },
    problem: parseProblem(problem),
    verifiers: parseVerifiers(record["verifiers"]),
    levels,
    state: oneOf(STATES, record["state"], "stopped"),
    ...(typeof record["reason"] === "string" ? { reason: record["reason"] } : {}),
    rounds: parseRounds(record["rounds"]),
    candidates: parseCandidates(record["candidates"], odd),
    ...(typeof best === "string" ? { best } : {}),
    spent: parseCost(record["spent"]),
    notices: list(record["notices"]).filter((notice): notice is string => typeof notice === "string"),
    ...parsePeople(record),
  };
}

function parseProblem(problem: Dictionary): SearchRecord["problem"] {
  const condition = problem["condition"];
  const budget = isDictionary(problem["budget"]) ? problem["budget"] : {};
  const limits = (["nfe", "verifierCalls", "seconds", "rounds"] as const).flatMap((name) => {
    const limit = number(budget[name]);
    return limit === undefined || limit <= 0 ? [] : [[name, limit] as const];
  });
  return {
    ...(typeof condition === "string" ? { condition } : {}),
    ...(isDictionary(condition) ? { condition: strings(condition) } : {}),
    seed: number(problem["seed"]) ?? 0,
    solver: string(problem["solver"]),
    steps: Math.max(1, number(problem["steps"]) ?? 1),
    guidance: number(problem["guidance"]) ?? 1,
    eta: number(problem["eta"]) ?? 0,
    verifier: string(problem["verifier"]),
    heldOut: list(problem["heldOut"]).filter((name): name is string => typeof name === "string"),
    budget: Object.fromEntries(limits),
    noise: oneOf(["dnb", "torch-cpu", "torch-cuda"] as const, problem["noise"], "dnb"),
  };
}

function parseVerifiers(value: unknown): VerifierRecord[] {
  const entries = list(value);
  if (entries.length > MOST_VERIFIERS)
    throw new RecordError("record.verifiers", `at most ${MOST_VERIFIERS} entries`);
  return entries.filter(isDictionary).map(parseVerifier);
}

function parseVerifier(verifier: Dictionary): VerifierRecord {
  return {
    name: string(verifier["name"]),
    role: verifier["role"] === "searched" ? "searched" : "held-out",
    direction: verifier["direction"] === "lower" ? "lower" : "higher",
  };
}

export function parseRounds(value: unknown): RoundRecord[] {
  const byIndex = new Map<number, RoundRecord>();
  for (const entry of list(value).filter(isDictionary)) {
    const index = number(entry["index"]);
    if (index === undefined || index < 1 || index > 1e6) continue;
    byIndex.set(index, {
      index,
      candidates: list(entry["candidates"]).filter((id): id is string => typeof id === "string"),
      ...(typeof entry["best"] === "string" ? { best: entry["best"] } : {}),
      spent: parseCost(entry["spent"]),
      ...(isDictionary(entry["particles"]) ? { particles: parseParticles(entry["particles"]) } : {}),
    });
  }
  return [...byIndex.values()].sort((a, b) => a.index - b.index);
}

function parseParticles(particles: Dictionary): ParticleRecord {
  return {
    count: count(particles["count"]),
    ess: count(particles["ess"]),
    ancestors: count(particles["ancestors"]),
    logZ: number(particles["logZ"]) ?? 0,
    resampled: particles["resampled"] === true,
  };
}

function dictionary(value: unknown, path: string): Dictionary {
  if (!isDictionary(value)) throw new RecordError(path, "an object");
  return value;
}

function text(value: unknown, path: string): string {
  if (typeof value !== "string" || value === "") throw new RecordError(path, "a text");
  return value;
}
