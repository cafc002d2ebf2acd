import { setTimeout as sleep } from "node:timers/promises";
import { shown } from "../../check.js";
import type { Condition } from "../../condition.js";
import { address } from "../../engine/tensorId.js";
import type { ScoreResult } from "../../engine/engine.js";
import type { Image } from "../../image.js";
import { imagesOf, type Images } from "../../images.js";
import { InputError } from "../../inputError.js";
import { Unavailable } from "../unavailable.js";
import { needsConditionMessage } from "../needsConditionMessage.js";
import type { Verifier } from "../verifier.js";
import { scoresOf } from "../scoresBy.js";
import {
  MOST_SECONDS,
  parseEndpoint,
  type EndpointOptions,
  type EndpointSettings,
} from "./endpointOptions.js";
import { Gate } from "./gate.js";
import { BadAnswer, request } from "./request.js";

/** Gives the key of a name, or undefined. */
export type KeyRing = (name: string) => string | undefined;

/**
 * A judge behind an HTTP address, local or remote. One request is a POST of JSON
 *
 *     { "version": 1, "verifier": "name", "condition": "a red apple" | { "label": … , "prompt": … } | null, "images": ["<PNG in base64>", …] }
 *
 * and its answer `{ "scores": [0.7, …] }`: one finite number for each image, in order. A request that cannot be made, takes longer than
 * `timeout`, answers 408, 425, 429 or 5xx, or answers anything else than that, is made again `retries` times, after `backoff` seconds, twice as
 * long each time. When that is no use either, a search marks its candidates failed and pauses with the reason (`unanswered: "pause"`); run again,
 * it asks again for those that have no score. What it has answered is remembered until the process ends, by its address, its name and that of its
 * key. The key is read by its name when a request is made; it is in no record, message or log.
 */
export function endpoint(
  url: unknown,
  options: EndpointOptions = {},
  keys: KeyRing = fromEnvironment,
): Verifier {
  const settings = parseEndpoint(url, options);
  const { name, direction, needsCondition, url: where } = settings;
  const gate = new Gate(settings.parallel);
  const judge = async (
    images: readonly Image[],
    condition: Condition | undefined,
    signal: AbortSignal,
  ): Promise<readonly ScoreResult[]> => new Asking(settings, gate, keys, condition, signal).all(images);
  return {
    name,
    direction,
    needsCondition,
    endpoint: where.href,
    requestSize: settings.batch,
    // All that an answer may depend on: what it is asked, as whom, and by which name.
    fingerprint: address(["endpoint", where.href, name, direction, ...(settings.key ? [settings.key] : [])]),
    judge,
    async score(images: Images, condition?: Condition) {
      if (needsCondition && condition === undefined) throw new InputError(needsConditionMessage(name));
      return scoresOf(name, await judge(await imagesOf(images), condition, new AbortController().signal));
    },
  };
}

const fromEnvironment: KeyRing = (name) => process.env[name];

/** The requests for one set of images. */
class Asking {
  readonly #settings: EndpointSettings;
  readonly #gate: Gate;
  readonly #key: string | undefined;
  readonly #condition: Condition | undefined;
  readonly #signal: AbortSignal;

  constructor(
    settings: EndpointSettings,
    gate: Gate,
    keys: KeyRing,
    condition: Condition | undefined,
    signal: AbortSignal,
  ) {
    this.#settings = settings;
    this.#gate = gate;
    this.#condition = condition;
    this.#signal = signal;
    const { key, name } = settings;
    this.#key = key === undefined ? undefined : keys(key);
    if (key !== undefined && !this.#key) {
      throw new InputError(
        `Endpoint ${name} has no key ${key}. Store it with the command "Diffusion Notebook: Store Key of a Judge…" and start the kernel anew, or set the environment variable ${key}.`,
      );
    }
  }

  async all(images: readonly Image[]): Promise<readonly ScoreResult[]> {
    const { batch, parallel, unanswered, url } = this.#settings;
    const results: (ScoreResult | undefined)[] = images.map(() => undefined);
    const starts = Array.from({ length: Math.ceil(images.length / batch) }, (_, i) => i * batch);
    let why: string | undefined;
    const work = async (): Promise<void> => {
      // Once one batch is given up the others would only wait for the same.
      for (let start = starts.shift(); start !== undefined && why === undefined; start = starts.shift()) {
        const part = images.slice(start, start + batch);
        const from = start;
        try {
          (await this.#batch(part)).forEach((score, i) => {
            results[from + i] = { outcome: "scored", score, cached: false };
          });
        } catch (error) {
          if (this.#signal.aborted) return;
          if (!(error instanceof BadAnswer)) throw error;
          why ??= error.message;
        }
      }
    };
    await Promise.all(Array.from({ length: parallel }, work));
    if (this.#signal.aborted) return results.map((result) => result ?? { outcome: "aborted" });
    if (why === undefined) return results as ScoreResult[];
    const failure = `${url.origin}${url.pathname}: ${why}.`;
    if (unanswered === "pause") throw new Unavailable(failure, results);
    return results.map((result) => result ?? { outcome: "failed", failure, cached: false });
  }

  /** The scores of one request, with its repetitions. */
  async #batch(images: readonly Image[]): Promise<readonly number[]> {
    const { retries, backoff, timeout, name } = this.#settings;
    const body = JSON.stringify({
      version: 1,
      verifier: name,
      condition: this.#condition ?? null,
      images: images.map((image) => Buffer.from(image.toPNG()).toString("base64")),
    });
    for (let attempt = 0; ; attempt++) {
      try {
        const ask = (): Promise<unknown> => request(this.#settings, body, this.#key, this.#signal);
        return parseScores(await this.#gate.through(ask, this.#signal), images.length);
      } catch (error) {
        if (!(error instanceof BadAnswer)) throw error;
        if (!error.again) throw error;
        if (attempt === retries) {
          throw new BadAnswer(
            retries === 0 ? error.message : `${error.message}; asked ${retries + 1} times`,
            false,
          );
        }
        const pause = Math.min(
          MOST_SECONDS,
          Math.max(backoff * 2 ** attempt, Math.min(error.after, timeout)),
        );
        await sleep(pause * 1000, undefined, { signal: this.#signal });
      }
    }
  }
}

/** The scores in an answer; never anything that is no finite number. */
function parseScores(answer: unknown, count: number): readonly number[] {
  const scores: unknown =
    typeof answer === "object" && answer !== null ? (answer as { scores?: unknown }).scores : undefined;
  if (!Array.isArray(scores)) throw new BadAnswer('its answer has no array "scores"', true);
  if (scores.length !== count) {
    throw new BadAnswer(`it gave ${scores.length} scores for ${count} image${count === 1 ? "" : "s"}`, true);
  }
  const odd = scores.findIndex((score) => typeof score !== "number" || !Number.isFinite(score));
  if (odd >= 0)
    throw new BadAnswer(`its score ${odd} is ${shown(scores[odd])} instead of a finite number`, true);
  return scores as number[];
}
