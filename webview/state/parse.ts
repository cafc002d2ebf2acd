import type {
  AtlasChunk,
  CandidateRecord,
  CandidateStatus,
  Cost,
  ParticleRecord,
  PickRecord,
  QuestionRecord,
  RoundRecord,
  RunState,
  SearchOutput,
  SearchRecord,
  VerifierRecord,
} from "../../src/search/record.js";

/**
 * A record comes from a file that anyone may have written. What is needed to draw is checked; a candidate or a score that makes no
 * sense is left out and counted, so that one odd entry does not hide the rest; only a record without a frame is refused.
 */
export class RecordError extends Error {
  override readonly name = "RecordError";
  constructor(path: string, expected: string) {
    super(`This result cannot be drawn: ${path} should be ${expected}.`);
  }
}

export interface Oddities {
  candidates: number;
  scores: number;
  pictures: number;
}

type Dictionary = Readonly<Record<string, unknown>>;

/** More than this in one saved output is not a search that anyone ran. */
const MOST_CANDIDATES = 500_000;
const MOST_VERIFIERS = 64;
/** Of one PNG: those of this project have a sixteenth. */
const MOST_PIXELS = 4096 * 4096;
const STATES: readonly RunState[] = [
  "ready",
  "running",
  "paused",
  "waiting",
  "finished",
  "stopped",
  "failed",
];
const STATUSES: readonly CandidateStatus[] = ["live", "dropped", "kept", "final", "failed"];

export function parseOutput(value: unknown, odd: Oddities = noOddities()): SearchOutput {
  const output = dictionary(value, "the output");
  const record = parseRecord(output["record"], odd);
  return { record, atlas: parseAtlas(output["atlas"], odd) };
}

export function noOddities(): Oddities {
  return { candidates: 0, scores: 0, pictures: 0 };
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

/** What a person was asked and has answered, of a record or a delta's head. */
export function parsePeople(record: {
  readonly question?: unknown;
  readonly picks?: unknown;
}): Pick<SearchRecord, "question" | "picks"> {
  const picks = list(record.picks).filter(isDictionary).map(parsePick);
  const question = isDictionary(record.question) ? parseQuestion(record.question) : undefined;
  return { ...(picks.length > 0 ? { picks } : {}), ...(question ? { question } : {}) };
}

function parsePick(pick: Dictionary): PickRecord {
  return {
    verifier: string(pick["verifier"]),
    round: count(pick["round"]),
    candidates: names(pick["candidates"]),
    order: list(pick["order"]).map(names),
    dropped: names(pick["dropped"]),
  };
}

function parseQuestion(question: Dictionary): QuestionRecord | undefined {
  const candidates = names(question["candidates"]);
  const asked = question["text"];
  if (candidates.length === 0) return undefined;
  return {
    number: count(question["number"]),
    verifier: string(question["verifier"]),
    ...(typeof asked === "string" ? { text: asked } : {}),
    round: count(question["round"]),
    candidates,
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

export function parseCandidates(value: unknown, odd: Oddities): CandidateRecord[] {
  const entries = list(value);
  // A table that could not be read is left in its place.
  if (isDictionary(value)) odd.candidates++;
  if (entries.length > MOST_CANDIDATES)
    throw new RecordError("record.candidates", `at most ${MOST_CANDIDATES} entries`);
  const byId = new Map<string, CandidateRecord>();
  for (const entry of entries) {
    if (!isDictionary(entry) || typeof entry["id"] !== "string" || byId.has(entry["id"])) odd.candidates++;
    else byId.set(entry["id"], parseCandidate(entry, entry["id"], odd));
  }
  return [...byId.values()];
}

function parseCandidate(entry: Dictionary, id: string, odd: Oddities): CandidateRecord {
  const at = isDictionary(entry["at"]) ? entry["at"] : undefined;
  const weight = number(entry["logWeight"]);
  const earlier = list(entry["earlier"]).flatMap((before) => {
    const level = isDictionary(before) ? number(before["level"]) : undefined;
    return level === undefined ? [] : [{ level, scores: parseScores((before as Dictionary)["scores"], odd) }];
  });
  return {
    id,
    parents: list(entry["parents"]).filter((parent): parent is string => typeof parent === "string"),
    round: Math.min(1e6, Math.max(0, Math.trunc(number(entry["round"]) ?? 0))),
    op: string(entry["op"]),
    from: unit(entry["from"], 1),
    level: unit(entry["level"], 0),
    status: oneOf(STATUSES, entry["status"], "live"),
    scores: parseScores(entry["scores"], odd),
    ...(earlier.length > 0 ? { earlier } : {}),
    ...(typeof entry["failure"] === "string" ? { failure: entry["failure"] } : {}),
    ...(weight === undefined ? {} : { logWeight: weight }),
    key: string(entry["key"]),
    cost: parseCost(entry["cost"]),
    ...(at
      ? {
          at: {
            nfe: count(at["nfe"]),
            forwards: count(at["forwards"]),
            verifierCalls: count(at["verifierCalls"]),
          },
        }
      : {}),
  };
}

function parseScores(value: unknown, odd: Oddities): Record<string, number> {
  // Without a prototype: a verifier may be called "constructor", and nobody has such a score.
  const scores = Object.create(null) as Record<string, number>;
  if (!isDictionary(value)) return scores;
  for (const name of Object.keys(value)) {
    const score = value[name];
    if (typeof score !== "number" || !Number.isFinite(score)) odd.scores++;
    else scores[name] = score;
  }
  return scores;
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

/** A picture is shown only when it says that it is a PNG: no other kind of data ever reaches an image element. */
export function parseAtlas(value: unknown, odd: Oddities): AtlasChunk[] {
  const chunks: AtlasChunk[] = [];
  for (const entry of list(value)) {
    const chunk = isDictionary(entry) ? entry : {};
    const [width, height] = list(chunk["tile"]).map(number);
    const columns = number(chunk["columns"]);
    const png = chunk["png"];
    if (!width || !height || !columns || !sane(width) || !sane(height) || !sane(columns) || !isPng(png))
      odd.pictures++;
    else {
      const ids = list(chunk["ids"]).filter((id): id is string => typeof id === "string");
      chunks.push({ ids, tile: [width, height], columns, png });
    }
  }
  return chunks;
}

export function parseCost(value: unknown): Cost {
  const cost = isDictionary(value) ? value : {};
  const cold = isDictionary(cost["cold"]) ? cost["cold"] : cost;
  return {
    nfe: count(cost["nfe"]),
    forwards: count(cost["forwards"]),
    decodes: count(cost["decodes"]),
    verifierCalls: parseScores(cost["verifierCalls"], noOddities()),
    cold: { nfe: count(cold["nfe"]), forwards: count(cold["forwards"]), decodes: count(cold["decodes"]) },
  };
}

const isDictionary = (value: unknown): value is Dictionary =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
const unit = (value: unknown, otherwise: number): number =>
  Math.min(1, Math.max(0, number(value) ?? otherwise));
const count = (value: unknown): number => Math.max(0, number(value) ?? 0);
const string = (value: unknown): string => (typeof value === "string" ? value : "");
const sane = (side: number): boolean => Number.isInteger(side) && side > 0 && side <= 4096;
const isPng = (value: unknown): value is string =>
  typeof value === "string" &&
  value.startsWith("iVBORw0KGgo") &&
  /^[A-Za-z0-9+/]+=*$/.test(value) &&
  pixelsOf(value) <= MOST_PIXELS;

/** By its header: a few bytes may say that they unfold to more than a window can draw in time. */
function pixelsOf(png: string): number {
  const bytes = atob(png.slice(0, 32));
  const side = (at: number): number =>
    [0, 1, 2, 3].reduce((sum, i) => 256 * sum + (bytes.charCodeAt(at + i) || 0), 0);
  return side(16) * side(20);
}

const names = (value: unknown): string[] =>
  list(value).filter((name): name is string => typeof name === "string");

function strings(value: Dictionary): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function oneOf<T extends string>(known: readonly T[], value: unknown, otherwise: T): T {
  return known.find((name) => name === value) ?? otherwise;
}

function dictionary(value: unknown, path: string): Dictionary {
  if (!isDictionary(value)) throw new RecordError(path, "an object");
  return value;
}

function text(value: unknown, path: string): string {
  if (typeof value !== "string" || value === "") throw new RecordError(path, "a text");
  return value;
}
