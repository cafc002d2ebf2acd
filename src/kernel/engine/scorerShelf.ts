import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import {
  InputError,
  scoreEach,
  type EngineCondition,
  type ImageData8,
  type Scorer,
  type ScoreResult,
  type SharedScorers,
  type SharedVerifierCard,
} from "../../search/index.js";
import { openScorer, type FolderScorer } from "../../search/onnx/verifiers/openScorer.js";

/** Images in one call of a verifier's network. */
const BATCH = 16;

/** The verifiers of folders, loaded once for all notebooks; they stay as long as the engine thread. */
export class ScorerShelf implements SharedScorers {
  readonly #loaded = new Map<string, Promise<FolderScorer>>();
  readonly #scorers = new Map<string, FolderScorer>();

  async open(folder: unknown, options: unknown, directory: string): Promise<SharedVerifierCard> {
    if (typeof folder !== "string" || folder === "") {
      throw new InputError(`openVerifier needs the path of a folder, but got ${typeof folder}.`);
    }
    const path = resolve(directory, folder);
    const key = JSON.stringify([existsSync(path) ? realpathSync(path) : path, options ?? {}]);
    const known = this.#loaded.get(key) ?? openScorer(path, options ?? {});
    this.#loaded.set(key, known);
    let scorer: FolderScorer;
    try {
      scorer = await known;
    } catch (error) {
      this.#loaded.delete(key);
      throw error;
    }
    const id = `folder/${key}`;
    this.#scorers.set(id, scorer);
    const { name, direction, needsCondition, sha256, labels, featureLayer, previewLevel } = scorer;
    return {
      ...{ id, name, direction, needsCondition, sha256 },
      ...(labels ? { labels } : {}),
      ...(featureLayer === undefined ? {} : { featureLayer }),
      ...(previewLevel === undefined ? {} : { previewLevel }),
    };
  }

  scorer(id: string): Scorer | undefined {
    return this.#scorers.get(id);
  }

  async score(
    id: string,
    images: readonly ImageData8[],
    conditions: readonly (EngineCondition | undefined)[],
    references: readonly ImageData8[],
    signal: AbortSignal,
  ): Promise<ScoreResult[]> {
    const scorer = this.#scorers.get(id);
    if (!scorer) throw new InputError("The verifier is gone: open it again with openVerifier.");
    const results: ScoreResult[] = [];
    for (let start = 0; start < images.length; start += BATCH) {
      const part = images.slice(start, start + BATCH);
      if (signal.aborted) results.push(...part.map((): ScoreResult => ({ outcome: "aborted" })));
      else {
        results.push(
          ...(await scoreEach(part.length, (indices) =>
            scorer.score(
              indices.map((i) => part[i]!),
              indices.map((i) => conditions[start + i]),
              indices.map((i) => references[start + i]),
            ),
          )),
        );
        await new Promise((next) => setImmediate(next));
      }
    }
    return results;
  }
}
