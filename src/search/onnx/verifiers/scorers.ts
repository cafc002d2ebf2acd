import type { EngineCondition, ImageData8 } from "../../engine/engine.js";
import { InputError } from "../../inputError.js";
import type { PipelineGraph } from "../diffusers/pipelineGraph.js";
import { probability } from "../scorers/probability.js";
import type { TextTokenizer } from "../text/textTokenizer.js";
import { dot } from "../scorers/dot.js";
import { ClipTowers, unit } from "./clipTowers.js";
import { preparedImages, sideOf } from "./preparedImages.js";
import type { VerifierCard } from "./verifierCard.js";

/** What the kinds of verifier folders do with a batch of images. One finite number each, or an error; same order. */
export interface Scoring {
  readonly needsCondition: boolean;
  score(
    images: readonly ImageData8[],
    conditions: readonly (EngineCondition | undefined)[],
    references: readonly (ImageData8 | undefined)[],
  ): Promise<readonly number[]>;
  /** Layer of `features`. */
  readonly featureLayer?: string;
  features?(images: readonly ImageData8[]): Promise<readonly Float32Array[]>;
  release(): Promise<void>;
}

/** Cosine of image and prompt in CLIP, times `scale`: "cosine", "hpsv2" (scale 1), "pickscore" (exp(logit_scale)), "clipscore" (2.5, never below 0). */
export function alignment(card: VerifierCard, towers: ClipTowers): Scoring {
  return {
    needsCondition: true,
    ...clipFeatures(towers),
    async score(images, conditions) {
      const seen = await towers.images(images);
      const texts = await towers.texts(conditions.map((one) => card.prefix + promptOf(one, card)));
      return seen.map((image, i) => {
        const cosine = dot(image, texts[i]!);
        return card.scale * (card.kind === "clipscore" ? Math.max(cosine, 0) : cosine);
      });
    },
    release: () => towers.release(),
  };
}

/** A classifier out of prompts (CLIP, section 3.1.2): each label's templates are embedded, averaged and normalised again. */
export async function zeroShot(card: VerifierCard, towers: ClipTowers): Promise<Scoring> {
  const heads: Float32Array[] = [];
  for (const label of card.labels!) {
    const rows = await towers.texts(card.templates.map((template) => template.replaceAll("{}", label)));
    heads.push(unit(rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]! / rows.length, 0))));
  }
  return {
    needsCondition: true,
    ...clipFeatures(towers),
    async score(images, conditions) {
      const seen = await towers.images(images);
      return seen.map((image, i) => {
        const logits = Float32Array.from(heads, (head) => card.scale * dot(image, head));
        return ofClass(logits, conditions[i], card);
      });
    },
    release: () => towers.release(),
  };
}

/** LAION's aesthetic predictors: a head on the normalised CLIP embedding of the image; no prompt. */
export function aesthetic(
  towers: ClipTowers,
  head: (embeddings: readonly Float32Array[]) => Promise<readonly number[]>,
  release: () => Promise<void>,
): Scoring {
  return {
    needsCondition: false,
    ...clipFeatures(towers),
    score: async (images) => head(await towers.images(images)),
    release: async () => {
      await towers.release();
      await release();
    },
  };
}

/** ImageReward (arXiv 2304.05977) as two graphs: image to patch embeddings; these and the prompt to a number, normalised by the training set's. */
export function imageReward(
  card: VerifierCard,
  vision: PipelineGraph,
  reward: PipelineGraph,
  tokenizer: TextTokenizer,
): Scoring {
  checkVision(card, vision);
  reward.check({
    image_embeds: { type: "float", ranks: [3] },
    input_ids: { type: "integer", ranks: [2] },
    attention_mask: { type: "integer", ranks: [2] },
  });
  const [seen, given] = [onlyOutput(vision), onlyOutput(reward)];
  return {
    needsCondition: true,
    async score(images, conditions) {
      const pixel_values = preparedImages(images, card.image, card.name);
      const image_embeds = (await vision.run({ pixel_values })).get(seen)!;
      const tokens = conditions.map((one) => tokenizer.encode(promptOf(one, card), card.text.length));
      const dims = [images.length, card.text.length];
      const outputs = await reward.run({
        image_embeds,
        input_ids: { data: Float32Array.from(tokens.flatMap(({ ids }) => ids)), dims },
        attention_mask: { data: Float32Array.from(tokens.flatMap(({ mask }) => mask)), dims },
      });
      return [...outputs.get(given)!.data].map((value) => (value - card.mean) / card.std);
    },
    release: async () => {
      await vision.release();
      await reward.release();
    },
  };
}

/** A supervised classifier: one image input of any name, one output [B, classes]. */
export function classifier(card: VerifierCard, graph: PipelineGraph): Scoring {
  const features = network(card, graph);
  return {
    needsCondition: true,
    featureLayer: "logits",
    features,
    async score(images, conditions) {
      const logits = await features(images);
      if (logits[0] && logits[0].length !== card.labels!.length) {
        throw new InputError(
          `Verifier ${card.name} has ${card.labels!.length} labels, but its network gives ${logits[0].length} numbers.`,
        );
      }
      return logits.map((row, i) => ofClass(row, conditions[i], card));
    },
    release: () => graph.release(),
  };
}

/** Cosine of the features of the clean image and of its preview at `level`, a verifier without labels (Ma et al. 2025, section 3). */
export function selfSupervised(card: VerifierCard, graph: PipelineGraph): Scoring {
  const features = network(card, graph);
  return {
    needsCondition: false,
    featureLayer: "features",
    features,
    async score(images, _, references) {
      const previews = references.map((one) => {
        if (one) return one;
        throw new InputError(`Verifier ${card.name} compares an image with its preview, and none was given.`);
      });
      const vectors = await features([...images, ...previews]);
      return images.map((__, i) => dot(unit(vectors[i]!), unit(vectors[images.length + i]!)));
    },
    release: () => graph.release(),
  };
}

/** Refuses a graph that cannot see the images of this kind of verifier. */
export function checkImageGraph(card: VerifierCard, graph: PipelineGraph): void {
  switch (card.kind) {
    case "classifier":
    case "self-supervised":
      network(card, graph);
      return;
    case "image-reward":
      checkVision(card, graph);
      return;
    default:
      void new ClipTowers(card, graph);
  }
}

function checkVision({ image }: VerifierCard, vision: PipelineGraph): void {
  const side = sideOf(image);
  vision.check({ pixel_values: { type: "float", ranks: [4], sides: [undefined, 3, side, side] } });
}

function network(card: VerifierCard, graph: PipelineGraph) {
  const [input] = graph.inputs.keys();
  const side = sideOf(card.image);
  if (input === undefined) throw new InputError(`${graph.file} has no input.`);
  graph.check({ [input]: { type: "float", ranks: [4], sides: [undefined, 3, side, side] } });
  const output = onlyOutput(graph);
  return async (images: readonly ImageData8[]): Promise<readonly Float32Array[]> => {
    const values = (await graph.run({ [input]: preparedImages(images, card.image, card.name) })).get(output)!;
    const size = values.data.length / images.length;
    return images.map((_, i) => values.data.slice(i * size, (i + 1) * size));
  };
}

function clipFeatures(towers: ClipTowers): Pick<Scoring, "featureLayer" | "features"> {
  return { featureLayer: "image embedding", features: (images) => towers.images(images) };
}

function onlyOutput({ file, outputs }: PipelineGraph): string {
  const names = [...outputs.keys()];
  if (names.length === 1) return names[0]!;
  throw new InputError(`${file} must have one output, but has: ${names.join(", ")}.`);
}

function promptOf(condition: EngineCondition | undefined, { name }: VerifierCard): string {
  if (condition?.prompt !== undefined) return condition.prompt;
  throw new InputError(
    `Verifier ${name} scores against a prompt, but there is none. Give a condition, e.g. condition: "…".`,
  );
}

function ofClass(
  logits: Float32Array,
  condition: EngineCondition | undefined,
  { name, output }: VerifierCard,
): number {
  const label = condition?.label;
  if (label === undefined) throw new InputError(`Verifier ${name} needs a class to score against.`);
  return output === "logit" ? logits[label]! : probability(logits, label);
}
