import type { Condition } from "../condition.js";
import type { ScoreResult, TensorId } from "../engine/engine.js";
import type { Image } from "../image.js";
import { judgeImage, judgeImages } from "./judge.js";
import { Unavailable } from "./unavailable.js";
import type { Verifier } from "./verifier.js";

/** Of one verifier. A search of more candidates than this asks again for the oldest. */
const MOST = 100_000;

interface Known {
  readonly score: number;
  /** Whether the score has been given to somebody, who was billed for it. */
  given: boolean;
}

/** Judges behind an address of which the scores are kept. */
const MOST_JUDGES = 64;

/**
 * Scores of verifiers outside of the engine, by the image's content address and the condition. Those of a function belong to the verifier object
 * itself: a cell that makes it anew, perhaps with other numbers around its function, begins with none.
 */
const byObject = new WeakMap<Verifier, Map<string, Known>>();

/** Those of a judge behind an address belong to what it is asked as: a cell that is run again does not pay for them again. */
const byFingerprint = new Map<string, Map<string, Known>>();

/** What the scores of a verifier outside of the engine are remembered by. */
export function memoryKey(by: Verifier): Verifier | string {
  return by.endpoint !== undefined && by.fingerprint !== undefined ? by.fingerprint : by;
}

function rememberedOf(by: Verifier): Map<string, Known> {
  const key = memoryKey(by);
  const known =
    (typeof key === "string" ? byFingerprint.get(key) : byObject.get(key)) ?? new Map<string, Known>();
  if (typeof key !== "string") {
    byObject.set(key, known);
    return known;
  }
  // In the order of their last use.
  byFingerprint.delete(key);
  byFingerprint.set(key, known);
  const [oldest] = byFingerprint.keys();
  if (byFingerprint.size > MOST_JUDGES) byFingerprint.delete(oldest!);
  return known;
}

/** What is judged: images, and for a verifier that compares the preview of each. */
export interface Judged {
  readonly ids: readonly TensorId[];
  readonly references: readonly (TensorId | undefined)[];
  /** What was judged under another one, or under none, is judged anew. */
  readonly salt?: string | undefined;
}

/**
 * One result for each image; what is known is given as cached, and only the rest is fetched and judged. `Unavailable` passes through after what
 * was had before it is remembered: asked again, that is not asked for twice, and is billed the first time it is given.
 */
export async function judgeRemembered(
  by: Verifier,
  { ids, references, salt = "" }: Judged,
  fetch: (id: TensorId) => Promise<Image>,
  condition: Condition | undefined,
  signal: AbortSignal,
): Promise<ScoreResult[]> {
  const known = rememberedOf(by);
  const suffix = `${condition === undefined ? "" : `/${JSON.stringify(condition)}`}${salt}`;
  const keys = ids.map((id, i) => (references[i] === undefined ? id : `${id}~${references[i]}`) + suffix);
  const open = [...new Map(keys.map((key, i) => [key, i])).values()].filter((i) => !known.has(keys[i]!));
  const failed = new Map<string, ScoreResult>();
  const keep = (results: readonly (ScoreResult | undefined)[]): void => {
    results.forEach((result, k) => {
      const key = keys[open[k]!]!;
      if (result?.outcome === "scored") known.set(key, { score: result.score, given: false });
      else if (result) failed.set(key, result);
    });
  };
  try {
    keep(
      await judged(
        by,
        { ids: open.map((i) => ids[i]!), references: open.map((i) => references[i]) },
        fetch,
        condition,
        signal,
      ),
    );
  } catch (error) {
    if (error instanceof Unavailable) keep(error.results);
    throw error;
  }
  const answers = keys.map((key): ScoreResult => {
    const one = known.get(key);
    if (!one) return failed.get(key) ?? { outcome: "aborted" };
    const { score, given: cached } = one;
    one.given = true;
    return { outcome: "scored", score, cached };
  });
  for (const key of known.keys()) {
    if (known.size <= MOST) break;
    known.delete(key);
  }
  return answers;
}

async function judged(
  by: Verifier,
  { ids, references }: Judged,
  fetch: (id: TensorId) => Promise<Image>,
  condition: Condition | undefined,
  signal: AbortSignal,
): Promise<readonly ScoreResult[]> {
  if (by.judge && ids.length === 0) return [];
  if (by.judge) {
    const previews = references.filter((id) => id !== undefined);
    const images = await Promise.all(ids.map(fetch));
    if (previews.length === 0) return by.judge(images, condition, signal);
    return by.judge(images, condition, signal, await Promise.all(previews.map(fetch)));
  }
  // A function takes one at a time.
  if (by.scoredBy === undefined && ids.length > 0)
    return judgeImages(by, await Promise.all(ids.map(fetch)), condition);
  const results: ScoreResult[] = [];
  for (const id of ids) {
    if (signal.aborted) results.push({ outcome: "aborted" });
    else results.push(await judgeImage(by, await fetch(id), condition));
  }
  return results;
}
