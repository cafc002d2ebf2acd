import { oneOf, plainObject, shown } from "../../check.js";
import type { Condition } from "../../condition.js";
import type { ScoreResult } from "../../engine/engine.js";
import { scoreEach } from "../../engine/scoreEach.js";
import { address } from "../../engine/tensorId.js";
import type { Image } from "../../image.js";
import { imagesOf, type Images } from "../../images.js";
import { InputError } from "../../inputError.js";
import { scoresOf } from "../scoresBy.js";
import type { Verifier, VerifierRef } from "../verifier.js";
import { imagesIn, Population } from "./population.js";
import { frechetWith, inceptionWith } from "./populationScores.js";

export interface OracleOptions {
  /** Fréchet distance from `reference`, or inception score. */
  readonly score: "frechet" | "inception";
  /** In tables and records; default "oracle-frechet" or "oracle-inception". */
  readonly name?: string;
  /** What the population should be like, of "frechet": samples or images, more than the network has features. */
  readonly reference?: readonly Image[] | { readonly images: readonly Image[] };
  /** The verifier whose network gives the features: by default the session's first that has one. */
  readonly features?: VerifierRef;
}

interface OracleParts {
  readonly name: string;
  readonly kind: "frechet" | "inception";
  readonly reference: Population;
  readonly population: Population;
  readonly features: VerifierRef | undefined;
}

/**
 * The metric of a population as a verifier, used greedily (Ma et al. 2025, arXiv 2501.09732, section 3): the score of a candidate is the Fréchet
 * distance (lower is better) or the inception score (higher) of the images that were kept so far and the candidate. `population.add(run)` keeps
 * the best of a search; a search judges by the population as it was when the search was made, and the hash in its record names it. An oracle: it
 * optimises the very number that a report would hold out, so it shows what is possible and proves nothing.
 */
export function oracle(options: OracleOptions): OracleVerifier {
  const given = plainObject(options, "Options of oracle", ["score", "name", "reference", "features"]);
  const kind = oneOf(given["score"], "oracle: score", ["frechet", "inception"]);
  const { name = `oracle-${kind}`, reference } = given;
  if (typeof name !== "string" || name === "")
    throw new InputError(`oracle: name is ${shown(name)}, but must be a text that is not empty.`);
  if ((kind === "frechet") !== (reference !== undefined)) {
    throw new InputError(
      kind === "frechet"
        ? "oracle: a Fréchet distance is from something. Give a reference: samples or images."
        : "oracle: an inception score has no reference. Leave it out.",
    );
  }
  return new OracleVerifier({
    name,
    kind,
    reference: new Population(reference === undefined ? [] : imagesIn(reference, "oracle: reference")),
    population: new Population(),
    features: given["features"] as VerifierRef | undefined,
  });
}

export class OracleVerifier implements Verifier {
  readonly name: string;
  readonly direction: "higher" | "lower";
  readonly needsCondition = false;
  /** Images kept so far. */
  readonly population: Population;
  readonly network: VerifierRef | undefined;
  readonly #parts: OracleParts;

  constructor(parts: OracleParts) {
    this.name = parts.name;
    this.direction = parts.kind === "frechet" ? "lower" : "higher";
    this.population = parts.population;
    this.network = parts.features;
    this.#parts = parts;
  }

  /** Of all that a score depends on beside the image. */
  get sha256(): string {
    const { kind, reference, population, features } = this.#parts;
    const network = typeof features === "object" ? (features.sha256 ?? features.name) : (features ?? null);
    return address(["oracle", kind, network, reference.ids, population.ids]);
  }

  /** With the network that it means in a session, and the population as it is now. */
  resolved(features: Verifier): OracleVerifier {
    if (this.#parts.kind === "inception" && features.featureLayer !== "logits") {
      throw new InputError(
        `${this.name} needs the logits of a classifier, but ${features.name} gives its ${features.featureLayer}.`,
      );
    }
    return new OracleVerifier({ ...this.#parts, features, population: this.population.snapshot() });
  }

  async judge(
    images: readonly Image[],
    _condition?: Condition,
    signal?: AbortSignal,
  ): Promise<readonly ScoreResult[]> {
    const { kind, reference, population, features } = this.#parts;
    if (typeof features !== "object" || !features.features) {
      throw new InputError(
        `${this.name} needs a session whose network gives features: use it in session.search(…) or session.score(…).`,
      );
    }
    const network = features;
    const kept = await population.vectors(network);
    const scoreOf =
      kind === "frechet" ? frechetWith(kept, await reference.vectors(network)) : inceptionWith(kept);
    if (signal?.aborted) return images.map(() => ({ outcome: "aborted" }));
    return scoreEach(images.length, async (indices) => {
      // The bill of the search has these: a call of the oracle is one of its network.
      const vectors = await network.features!(
        indices.map((i) => images[i]!),
        false,
      );
      return vectors.map((vector) => scoreOf(vector));
    });
  }

  async score(images: Images): Promise<number[]> {
    return scoresOf(this.name, await this.judge(await imagesOf(images)));
  }
}
