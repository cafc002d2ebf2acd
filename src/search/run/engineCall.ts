import type {
  DecodeJob,
  DenoiseJob,
  Engine,
  JobResult,
  NoiseJob,
  ScoreJob,
  ScoreResult,
  TensorId,
} from "../engine/engine.js";
import type { Condition } from "../condition.js";
import type { Clock } from "../environment.js";
import { Image } from "../image.js";
import type { CandidateId, PickRecord, QuestionRecord } from "../record.js";
import { judgeLatent } from "../verifiers/judge.js";
import { judgeRemembered } from "../verifiers/remembered.js";
import type { Verifier } from "../verifiers/verifier.js";
import type { PickDesk } from "./pickDesk.js";

/**
 * What an operation wants from outside, as data: so that it can be answered by the engine, or again from the journal of a run that was
 * answered before. `judge` is a verifier that lives here and not in the engine.
 */
export type EngineCall =
  | { readonly kind: "noise"; readonly jobs: readonly NoiseJob[] }
  | { readonly kind: "denoise"; readonly jobs: readonly DenoiseJob[] }
  | { readonly kind: "decode"; readonly jobs: readonly DecodeJob[] }
  | { readonly kind: "score"; readonly jobs: readonly ScoreJob[] }
  | {
      readonly kind: "judge";
      /** Whose images these are, in the order of the jobs. */
      readonly candidates: readonly CandidateId[];
      readonly verifier: Verifier;
      readonly condition: Condition | undefined;
      readonly jobs: readonly ScoreJob[];
    }
  /** A person judges. */
  | { readonly kind: "ask"; readonly question: QuestionRecord };

/** One result for each job; none for noises and questions. */
export interface EngineAnswer {
  readonly results: readonly (JobResult | ScoreResult)[];
  readonly milliseconds: number;
  readonly pick?: PickRecord;
  /** The pick was made before. */
  readonly cached?: boolean;
  /** The question was taken back: the same call is to be made again. */
  readonly withdrawn?: boolean;
}

/** Who answers calls. */
export interface Answerers {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly desk: PickDesk;
}

/** An operation under way: it yields calls, is given their answers, and ends with what it returns. */
export type Work<T> = Generator<EngineCall, T, EngineAnswer>;

export async function askEngine(
  { engine, clock, desk }: Answerers,
  call: EngineCall,
  signal: AbortSignal,
): Promise<EngineAnswer> {
  if (call.kind === "ask") return desk.ask(call.question, signal);
  const started = clock.now();
  const results = await answer(engine, call, signal);
  return { results, milliseconds: clock.now() - started };
}

async function answer(
  engine: Engine,
  call: Exclude<EngineCall, { kind: "ask" }>,
  signal: AbortSignal,
): Promise<EngineAnswer["results"]> {
  switch (call.kind) {
    case "noise":
      await engine.noise(call.jobs);
      return [];
    case "denoise":
      return engine.denoise(call.jobs, signal);
    case "decode":
      return engine.decode(call.jobs, signal);
    case "score":
      return engine.score(call.jobs, signal);
    case "judge": {
      const { verifier, condition, jobs } = call;
      if (verifier.scoreLatents) {
        const states = await Promise.all(jobs.map(({ image }) => engine.read(image)));
        return judgeLatent(verifier, states, condition);
      }
      const ids = jobs.map(({ image }) => image);
      const fetch = async (id: TensorId): Promise<Image> => new Image(await engine.image(id));
      const references = jobs.map(({ reference }) => reference);
      return judgeRemembered(verifier, { ids, references, salt: engine.salt }, fetch, condition, signal);
    }
  }
}
