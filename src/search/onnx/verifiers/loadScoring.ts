import { createHash } from "node:crypto";
import { InputError } from "../../inputError.js";
import type { Feeds, PipelineGraph } from "../diffusers/pipelineGraph.js";
import type { FolderFiles } from "../files/folderFiles.js";
import { graphSize, readGraphFile } from "../files/graphFile.js";
import { readJson } from "../files/jsonFile.js";
import { LoadingProgress, type Loading } from "../loading.js";
import { TextTokenizer } from "../text/textTokenizer.js";
import { parseHead } from "./aestheticHead.js";
import { ClipTowers } from "./clipTowers.js";
import { blankInputs, type GraphPlaces } from "./graphPlaces.js";
import { sideOf } from "./preparedImages.js";
import {
  aesthetic,
  alignment,
  checkImageGraph,
  classifier,
  imageReward,
  selfSupervised,
  zeroShot,
  type Scoring,
} from "./scorers.js";
import type { VerifierCard, VerifierFileEntry } from "./verifierCard.js";

/** What a verifier is loaded from, and where to. */
export interface ScoringParts {
  readonly files: FolderFiles;
  readonly card: VerifierCard;
  /** Who names the files, for messages. */
  readonly namedBy: string;
  readonly places: GraphPlaces;
  readonly loading: Loading;
}

interface Parts extends ScoringParts {
  /** Of the parameters and of every file that is read. */
  readonly hash: ReturnType<typeof createHash>;
  readonly graphs: PipelineGraph[];
  /** Bytes of each graph by its file. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly progress: LoadingProgress;
}

export interface LoadedScoring {
  readonly scoring: Scoring;
  /** Of the card, but for its name, and of all files. */
  readonly sha256: string;
  /** Of the graphs. */
  readonly bytes: number;
}

/**
 * Loads the graphs of a verifier. Sizes, hashes, inputs and outputs are checked before anything runs; what was loaded goes when a part fails or the
 * loading is cancelled.
 */
export async function loadScoring(from: ScoringParts): Promise<LoadedScoring> {
  const hash = createHash("sha256").update(JSON.stringify({ ...from.card, name: "" }));
  const sizes = await sizesOf(from);
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const progress = new LoadingProgress(from.loading, bytes);
  const parts: Parts = { ...from, hash, graphs: [], sizes, progress };
  try {
    await progress.start();
    const scoring = await scoringOf(parts);
    return { scoring, sha256: hash.digest("hex"), bytes };
  } catch (error) {
    for (const graph of parts.graphs) await graph.release();
    throw error;
  }
}

/** Of the graphs that are there, with the data beside them; what is wrong with them is said when they are read. */
async function sizesOf({ files, card, namedBy }: ScoringParts): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const { file } of Object.values(card.files)) {
    if (!file.endsWith(".onnx")) continue;
    sizes.set(file, await graphSize(files, file, namedBy).catch(() => 0));
  }
  return sizes;
}

async function scoringOf(parts: Parts): Promise<Scoring> {
  const { card, files } = parts;
  const { kind } = card;
  if (kind === "zero-shot" && !card.labels) {
    throw new InputError(
      'A zero-shot classifier needs its labels: openVerifier(folder, { kind: "zero-shot", labels: ["cat", "dog"] }).',
    );
  }
  const image = await graph(parts, card.files.image, (graph) => checkImageGraph(card, graph));
  switch (kind) {
    case "classifier":
      return classifier(card, image);
    case "self-supervised":
      return selfSupervised(card, image);
    case "image-reward": {
      const reward = await graph(parts, card.files.reward!);
      return imageReward(card, image, reward, await tokenizer(parts));
    }
    case "aesthetic": {
      const towers = new ClipTowers(card, image);
      const head = await headOf(parts, card.files.head!);
      return aesthetic(towers, head.score, head.release);
    }
    default: {
      const text = card.files.text && (await graph(parts, card.files.text));
      if (!text && !image.inputs.has("input_ids")) {
        throw new InputError(
          `${files.path} has no text network, which "${kind}" needs: text_model.onnx, or model.onnx with both.`,
        );
      }
      const towers = new ClipTowers(card, image, text, await tokenizer(parts));
      return kind === "zero-shot" ? zeroShot(card, towers) : alignment(card, towers);
    }
  }
}

/** `check`: refuses a graph that is none of its kind, before it is tried. */
async function graph(
  parts: Parts,
  entry: VerifierFileEntry,
  check: (graph: PipelineGraph) => void = () => undefined,
): Promise<PipelineGraph> {
  const { card, files, hash, namedBy, places, graphs, sizes, progress } = parts;
  await checked(files, entry, namedBy);
  const file = await readGraphFile(files, entry.file, namedBy);
  hash.update(file.sha256);
  const blank = (graph: PipelineGraph): Feeds => {
    check(graph);
    return blankInputs(graph, sideOf(card.image), card.text.length);
  };
  const loaded = await places.load(file, blank);
  graphs.push(loaded);
  await progress.add(sizes.get(entry.file) ?? 0);
  return loaded;
}

async function tokenizer({ files, card, hash, namedBy }: Parts): Promise<TextTokenizer> {
  for (const entry of card.tokenizer) hash.update(await checked(files, entry, namedBy));
  return TextTokenizer.load(files, ".");
}

interface Head {
  readonly score: (embeddings: readonly Float32Array[]) => Promise<readonly number[]>;
  readonly release: () => Promise<void>;
}

async function headOf(parts: Parts, entry: VerifierFileEntry): Promise<Head> {
  const { files, hash, namedBy } = parts;
  if (entry.file.endsWith(".onnx")) {
    const network = await graph(parts, entry);
    const [input] = network.inputs.keys();
    const [output] = network.outputs.keys();
    network.check({ [input!]: { type: "float", ranks: [2] } });
    return {
      score: async (embeddings) => {
        const dims = [embeddings.length, embeddings[0]!.length];
        const data = Float32Array.from(embeddings.flatMap((one) => [...one]));
        return [...(await network.run({ [input!]: { data, dims } })).get(output!)!.data];
      },
      release: () => network.release(),
    };
  }
  hash.update(await checked(files, entry, namedBy));
  const { weight, bias } = parseHead(await readJson(files, entry.file), entry.file);
  return {
    score: (embeddings) =>
      Promise.resolve(
        embeddings.map((one) => {
          if (one.length === weight.length)
            return one.reduce((sum, value, k) => sum + value * weight[k]!, bias);
          throw new InputError(
            `${entry.file} is for embeddings of ${weight.length} numbers, but the image network gives ${one.length}: it belongs to another CLIP.`,
          );
        }),
      ),
    release: () => Promise.resolve(),
  };
}

/** The sha256 of a file, which must be the one that the card says, as must be its size. */
async function checked(
  files: FolderFiles,
  { file, bytes, sha256 }: VerifierFileEntry,
  namedBy: string,
): Promise<string> {
  const read = (await files.read(file, namedBy)).bytes;
  if (bytes !== undefined && read.length !== bytes) {
    throw new InputError(
      `${file} has ${read.length} bytes, but ${namedBy} says ${bytes}: the file is truncated or of another version. Fetch the verifier again.`,
    );
  }
  const found = createHash("sha256").update(read).digest("hex");
  if (sha256 !== undefined && found !== sha256) {
    throw new InputError(
      `${file} has the sha256 ${found}, but ${namedBy} says ${sha256}: the file is damaged or not the one that was published. Fetch the verifier again.`,
    );
  }
  return found;
}
