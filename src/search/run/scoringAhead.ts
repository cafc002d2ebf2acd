import type { JobResult, ScoreResult } from "../engine/engine.js";
import type { DenoiseOp } from "../engine/op.js";
import { HumanVerifier } from "../verifiers/human.js";
import { seesLatent } from "../verifiers/residentVerifier.js";
import type { Verifier } from "../verifiers/verifier.js";
import type { Context } from "./context.js";
import { askEngine, type Answerers, type EngineAnswer, type EngineCall } from "./engineCall.js";
import type { Node } from "./node.js";
import { decodeJobs, partOf, scoreCall, settleDecoded, settleScore, verifiersOf } from "./scoring.js";

type Result = EngineAnswer["results"][number];
type JobCall = Extract<EngineCall, { kind: "decode" | "score" | "judge" }>;

/**
 * Whether scores can be had while the model samples: a verifier looks on from outside of the model's thread (a function, an address), and all that are
 * asked before and after it go by the clean image alone. A person sees a round as a whole.
 */
export function overlaps(context: Context): boolean {
  const { deciders, witnesses } = verifiersOf(context);
  const all = [...deciders, ...witnesses];
  if (all.some((verifier) => verifier instanceof HumanVerifier || verifier.previewLevel !== undefined))
    return false;
  return all.some((verifier) => verifier.within?.(context.engine) === undefined);
}

/**
 * Has the first candidates of an operation decoded and scored while its others are still sampled. It decides nothing: what comes of it is held
 * until the run asks for it, in its own order, and is settled and billed then. So a run is the same, bit for bit, with it and without.
 * Verifiers are asked as the run would ask them: one after the other, and none for a candidate that one before it failed on.
 */
export class ScoringAhead {
  readonly #answerers: Answerers;
  #op: DenoiseOp | undefined;
  /** Arrived, and not yet enough to begin with. */
  #waiting: Node[] = [];
  #begun: Node[] = [];
  /** In the order of asking, where the same is asked twice. */
  readonly #held = new Map<string, Result[]>();
  #failure: { readonly of: string; readonly error: unknown } | undefined;
  #work: Promise<void> | undefined;

  constructor(answerers: Answerers) {
    this.#answerers = answerers;
  }

  /** These are going to be scored, and others of `op` are still on their way. */
  begin(context: Context, op: DenoiseOp, nodes: readonly Node[], signal: AbortSignal): void {
    if (op !== this.#op) {
      this.#op = op;
      this.#failure = undefined;
      this.#waiting = [];
      this.#begun = [];
    }
    this.#waiting.push(...nodes);
    this.#work ??= this.#go(context, signal).finally(() => (this.#work = undefined));
  }

  /** Answers a call with what is held for it; only the rest is asked for. Rejects as the call made ahead did. */
  async answer(call: EngineCall, signal: AbortSignal): Promise<EngineAnswer> {
    if (call.kind === "noise" || call.kind === "denoise" || call.kind === "ask")
      return askEngine(this.#answerers, call, signal);
    this.#waiting = [];
    if (!this.#work && this.#held.size === 0 && !this.#failure)
      return askEngine(this.#answerers, call, signal);
    const { clock } = this.#answerers;
    const started = clock.now();
    await this.quiet();
    const failure = this.#failure;
    if (failure?.of === verifierOf(call)) {
      this.#failure = undefined;
      throw failure.error;
    }
    const held = call.jobs.map((_, i) => this.#take(keyOf(call, i)));
    const open = held.flatMap((result, i) => (result ? [] : [i]));
    if (open.length === held.length) return askEngine(this.#answerers, call, signal);
    try {
      const rest =
        open.length === 0 ? [] : (await askEngine(this.#answerers, part(call, open), signal)).results;
      open.forEach((index, i) => (held[index] = rest[i]));
      return { results: held as Result[], milliseconds: clock.now() - started };
    } catch (error) {
      held.forEach((result, i) => result && this.#hold(call, i, result));
      throw error;
    }
  }

  /** Begins with no further candidates, and ends with those that it has begun with. Never rejects. */
  async quiet(): Promise<void> {
    this.#waiting = [];
    await this.#work;
  }

  /** The run is over: what it has paid for and will not ask for any more is billed, and stays with its candidates. */
  settle(context: Context): void {
    if (this.#held.size === 0) return;
    const { deciders, witnesses } = verifiersOf(context);
    for (const node of this.#begun) {
      const image = imageOf(context, node);
      const decoded = this.#take(`decode/${image}`) as JobResult | undefined;
      if (decoded) settleDecoded(context, node, image, decoded, 0);
      if (decoded?.outcome === "done") node.image = image;
      for (const verifier of [...deciders, ...witnesses]) {
        const call = scoreCall(context, verifier, [node], () => image);
        const result = this.#take(keyOf(call, 0)) as ScoreResult | undefined;
        const role = deciders.includes(verifier) ? partOf(context, verifier) : "held-out";
        if (result) settleScore(context, verifier.name, node, result, 0, role);
      }
    }
    this.#held.clear();
    this.#begun = [];
  }

  async #go(context: Context, signal: AbortSignal): Promise<void> {
    const { deciders, witnesses } = verifiersOf(context);
    const size = Math.max(...[...deciders, ...witnesses].map(({ requestSize = 1 }) => requestSize));
    for (;;) {
      const count = this.#waiting.length - (this.#waiting.length % size);
      if (count === 0 || signal.aborted || this.#failure) return;
      const nodes = this.#waiting.splice(0, count);
      this.#begun.push(...nodes);
      await this.#score(context, nodes, signal);
    }
  }

  async #score(context: Context, nodes: readonly Node[], signal: AbortSignal): Promise<void> {
    const { deciders, witnesses } = verifiersOf(context);
    let left = nodes;
    const images = new Map<Node, string>();
    if ([...deciders, ...witnesses].some((verifier) => !seesLatent(verifier))) {
      const jobs = decodeJobs(context, nodes);
      nodes.forEach((node, i) => images.set(node, jobs[i]!.id));
      const results = await this.#ask({ kind: "decode", jobs }, signal);
      left = nodes.filter((_, i) => results?.[i]?.outcome === "done");
    }
    const scored = async (verifier: Verifier): Promise<readonly Node[]> => {
      const asked = left;
      if (asked.length === 0 || this.#failure) return [];
      const results = await this.#ask(
        scoreCall(context, verifier, asked, (node) => images.get(node)!),
        signal,
      );
      return asked.filter((_, i) => results?.[i]?.outcome === "scored");
    };
    for (const verifier of deciders) left = await scored(verifier);
    for (const verifier of witnesses) await scored(verifier);
  }

  /** Undefined where it was rejected, which is held for the run as well. */
  async #ask(call: JobCall, signal: AbortSignal): Promise<readonly Result[] | undefined> {
    try {
      const { results } = await askEngine(this.#answerers, call, signal);
      // What was cut off is asked for again, if at all.
      results.forEach((result, i) => result.outcome !== "aborted" && this.#hold(call, i, result));
      return results;
    } catch (error) {
      this.#failure = { of: verifierOf(call), error };
      return undefined;
    }
  }

  #take(key: string): Result | undefined {
    const results = this.#held.get(key);
    const first = results?.shift();
    if (results?.length === 0) this.#held.delete(key);
    return first;
  }

  #hold(call: JobCall, index: number, result: Result): void {
    const key = keyOf(call, index);
    const others = this.#held.get(key);
    if (others) others.push(result);
    else this.#held.set(key, [result]);
  }
}

function imageOf(context: Context, node: Node): string {
  return decodeJobs(context, [node])[0]!.id;
}

function verifierOf(call: JobCall): string {
  return call.kind === "judge" ? call.verifier.name : call.kind === "score" ? call.jobs[0]!.verifier : "";
}

function keyOf(call: JobCall, index: number): string {
  if (call.kind === "decode") return `decode/${call.jobs[index]!.id}`;
  const { verifier, image } = call.jobs[index]!;
  return `${call.kind}/${verifier}/${image}`;
}

/** The same call for some of its jobs. */
function part(call: JobCall, indices: readonly number[]): JobCall {
  switch (call.kind) {
    case "decode":
      return { ...call, jobs: indices.map((i) => call.jobs[i]!) };
    case "score":
      return { ...call, jobs: indices.map((i) => call.jobs[i]!) };
    case "judge": {
      const { jobs, candidates } = call;
      return { ...call, jobs: indices.map((i) => jobs[i]!), candidates: indices.map((i) => candidates[i]!) };
    }
  }
}
