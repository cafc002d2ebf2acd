import type {
  EngineCondition,
  ImageData8,
  NamedImage,
  ScoreJob,
  ScoreResult,
  TensorId,
} from "../../search/index.js";

/**
 * Scores as they cross the port: columns instead of an object for each image, because copying hundreds of small objects takes as long as a
 * small network takes to score them.
 */
export interface ScoreRequest {
  readonly jobs: JobColumns | readonly ScoreJob[];
  /** Pixels that are brought in first. */
  readonly images: ImageColumns;
}

export type ScoreReply = ScoreColumns | readonly ScoreResult[];

/** Jobs that differ in nothing but their image. */
interface JobColumns {
  readonly verifier: string;
  readonly condition: EngineCondition | undefined;
  readonly ids: readonly TensorId[];
}

interface ImageColumns {
  readonly ids: readonly TensorId[];
  /** Width, height and channels of each. */
  readonly sides: Uint32Array;
  /** One after the other, in memory of their own. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** All of them scored. */
interface ScoreColumns {
  readonly scores: Float64Array;
  /** One where it is the same of all. */
  readonly cached: boolean | readonly boolean[];
}

export function packRequest(jobs: readonly ScoreJob[], images: readonly NamedImage[] = []): ScoreRequest {
  return { jobs: packJobs(jobs), images: packImages(images) };
}

export function unpackRequest({ jobs, images }: ScoreRequest): [readonly ScoreJob[], readonly NamedImage[]] {
  return [unpackJobs(jobs), unpackImages(images)];
}

export function packReply(results: readonly ScoreResult[]): ScoreReply {
  const scores = new Float64Array(results.length);
  let cached = 0;
  for (const [i, result] of results.entries()) {
    if (result.outcome !== "scored") return results;
    scores[i] = result.score;
    if (result.cached) cached++;
  }
  if (cached === 0 || cached === results.length) return { scores, cached: cached > 0 };
  return { scores, cached: results.map((result) => result.outcome === "scored" && result.cached) };
}

export function unpackReply(reply: ScoreReply): ScoreResult[] {
  if (!("scores" in reply)) return [...reply];
  const { cached } = reply;
  return Array.from(reply.scores, (score, i) => ({
    outcome: "scored",
    score,
    cached: typeof cached === "boolean" ? cached : cached[i]!,
  }));
}

function packJobs(jobs: readonly ScoreJob[]): ScoreRequest["jobs"] {
  const [first] = jobs;
  if (!first) return jobs;
  const { verifier, condition } = first;
  const isAlike = (job: ScoreJob): boolean =>
    job.verifier === verifier && job.condition === condition && job.reference === undefined;
  return jobs.every(isAlike) ? { verifier, condition, ids: jobs.map(({ image }) => image) } : jobs;
}

function unpackJobs(jobs: ScoreRequest["jobs"]): readonly ScoreJob[] {
  if (!("ids" in jobs)) return jobs;
  const { verifier, condition } = jobs;
  return jobs.ids.map((image) => ({ verifier, image, ...(condition ? { condition } : {}) }));
}

function packImages(images: readonly NamedImage[]): ImageColumns {
  const data = new Uint8Array(images.reduce((sum, { image }) => sum + image.data.length, 0));
  const sides = new Uint32Array(3 * images.length);
  let at = 0;
  images.forEach(({ image }, i) => {
    sides.set([image.width, image.height, image.channels], 3 * i);
    data.set(image.data, at);
    at += image.data.length;
  });
  return { ids: images.map(({ id }) => id), sides, data };
}

/** Views of one memory, because they are for one call. */
function unpackImages({ ids, sides, data }: ImageColumns): readonly NamedImage[] {
  let at = 0;
  return ids.map((id, i) => {
    const [width, height, planes] = [sides[3 * i]!, sides[3 * i + 1]!, sides[3 * i + 2]!];
    const channels: ImageData8["channels"] = planes === 3 ? 3 : 1;
    const end = at + width * height * channels;
    const image = { width, height, channels, data: data.subarray(at, end) };
    at = end;
    return { id, image };
  });
}
