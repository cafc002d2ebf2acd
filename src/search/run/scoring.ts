import { InputError } from "../inputError.js";
import type { DecodeJob, JobResult, ScoreJob, ScoreResult, TensorId } from "../engine/engine.js";
import { decodeId } from "../engine/tensorId.js";
import { HumanVerifier } from "../verifiers/human.js";
import { EnsembleVerifier, leavesOf } from "../verifiers/ensemble.js";
import { seesLatent } from "../verifiers/residentVerifier.js";
import type { Verifier } from "../verifiers/verifier.js";
import { drawn, fail, portions, settleJob, type Context } from "./context.js";
import type { EngineCall, Work } from "./engineCall.js";
import { asked } from "./asking.js";
import { keptPreview, scheduled } from "./keptPreviews.js";
import type { Node } from "./node.js";

/** What stands for a candidate before a verifier: its state if it is clean, its preview otherwise. */
function shownState(node: Node, what: "score" | "decode"): string {
  if (node.level === 0) return node.state;
  if (node.preview?.level === node.level) return node.preview.state;
  throw new InputError(
    `${what}: ${node.id} is at level ${node.level}. Denoise it to 0 first, or preview it where it stands.`,
  );
}

/** Throws for those that have nothing to show, or nothing that the searched verifier could compare. */
export function checkShown({ problem }: Context, nodes: readonly Node[], what: "score" | "decode"): void {
  const compares = leavesOf(problem.searched).find(({ previewLevel }) => previewLevel !== undefined);
  for (const node of nodes) {
    shownState(node, what);
    if (what === "decode" || !compares || node.level === 0) continue;
    throw new InputError(
      `Verifier ${compares.name} compares a clean image with its preview, but this algorithm scores candidates at level ${Number(node.level.toPrecision(4))}. Take one that scores clean images, like randomSearch or zeroOrderSearch, or hold the verifier out.`,
    );
  }
}

/** Pixels of the clean state, or of the preview; those that have theirs already are not decoded again. */
export function* decoding(context: Context, nodes: readonly Node[]): Work<Node[]> {
  const open = nodes.filter(({ image }) => image === undefined);
  const decoded = yield* decodingStates(
    context,
    open.map((node) => ({ node, from: shownState(node, "decode") })),
    (node, why) => fail(context, node, "the decoder", why),
  );
  for (const [node, id] of decoded) node.image = id;
  return nodes.filter(({ image }) => image !== undefined);
}

/** Decodes a state of each candidate; `failed` is told of those that the decoder fails on. Gives the images of the others. */
function* decodingStates(
  context: Context,
  shown: readonly { readonly node: Node; readonly from: TensorId }[],
  failed: (node: Node, why: string) => void,
): Work<ReadonlyMap<Node, TensorId>> {
  const decoded = new Map<Node, TensorId>();
  const model = context.engine.model.sha256;
  for (const portion of portions(context, shown)) {
    const portionNodes = portion.map(({ node }) => node);
    for (const node of portionNodes) context.tree.enter(node);
    yield* drawn(portionNodes);
    const jobs = portion.map(({ from }) => ({ id: decodeId(model, from), from }));
    const { results, milliseconds } = yield { kind: "decode", jobs };
    portion.forEach(({ node }, i) => {
      const result = results[i] as JobResult;
      const { id } = jobs[i]!;
      settleDecoded(context, node, id, result, milliseconds / portion.length);
      if (result.outcome === "failed") failed(node, result.failure ?? "no reason given");
      if (result.outcome === "done") decoded.set(node, id);
    });
  }
  return decoded;
}

export function settleDecoded(
  context: Context,
  node: Node,
  id: TensorId,
  result: JobResult,
  milliseconds: number,
): void {
  settleJob(context, node, result, { decodes: context.made.has(id) ? 0 : 1 }, milliseconds);
  context.made.add(id);
}

/** What decodes candidates as a verifier sees them. */
export function decodeJobs({ engine }: Context, nodes: readonly Node[]): readonly DecodeJob[] {
  return nodes.map((node) => {
    const from = shownState(node, "decode");
    return { id: decodeId(engine.model.sha256, from), from };
  });
}

/** Scores by every verifier of the problem; gives those that have the searched score where they stand. `rounds`: those that are over. */
export function* scoring(context: Context, nodes: readonly Node[], rounds: number): Work<Node[]> {
  const { searched, heldOut } = context.problem;
  const fresh = nodes.filter((node) => !node.isScored(searched.name));
  const { deciders, witnesses } = verifiersOf(context);
  // A person sees the candidates of a round side by side.
  const isWhole = [...deciders, ...witnesses].some((verifier) => verifier instanceof HumanVerifier);
  const needsPixels = [...deciders, ...witnesses].some((verifier) => !seesLatent(verifier));
  for (const portion of isWhole && fresh.length > 0 ? [fresh] : portions(context, fresh)) {
    for (const node of portion) context.tree.enter(node);
    let left: readonly Node[] = needsPixels ? yield* decoding(context, portion) : portion;
    for (const verifier of deciders) {
      yield* judged(context, verifier, left, partOf(context, verifier));
      left = left.filter((node) => node.isScored(verifier.name));
    }
    for (const verifier of witnesses) yield* judged(context, verifier, left, "held-out");
  }
  for (const verifier of [searched, ...heldOut]) {
    if (verifier instanceof EnsembleVerifier) combined(context, verifier, fresh, rounds);
  }
  return nodes.filter((node) => node.isScored(searched.name));
}

/** Those that the searched score is made of, and those that look on; in the order of asking. */
export function verifiersOf({ problem: { searched, heldOut } }: Context): {
  readonly deciders: readonly Verifier[];
  readonly witnesses: readonly Verifier[];
} {
  const leaves = new Map(heldOut.flatMap(leavesOf).map((leaf) => [leaf.name, leaf]));
  return { deciders: leavesOf(searched), witnesses: [...leaves.values()] };
}

/** Of one that decides. */
export function partOf({ problem }: Context, verifier: Verifier): Part {
  return verifier === problem.searched ? "searched" : "member";
}

/** What follows from the scores of an ensemble's members. */
function combined(
  { tree, ensembles, scored, reconsider, problem }: Context,
  ensemble: EnsembleVerifier,
  fresh: readonly Node[],
  rounds: number,
): void {
  const alive = fresh.filter((node) => node.status !== "failed");
  ensembles.combine(ensemble, alive, rounds);
  if (ensemble !== problem.searched) return;
  for (const node of alive) if (node.isScored(ensemble.name)) scored(node);
  // The ranks of others have changed with theirs.
  reconsider();
  for (const node of alive) tree.touch(node);
}

/** A member of the searched ensemble decides no less than a searched verifier, but only together with the others. */
export type Part = "searched" | "member" | "held-out";

function* judged(context: Context, verifier: Verifier, given: readonly Node[], part: Part): Work<void> {
  const previews = yield* previewsFor(context, verifier, given, part);
  const nodes = previews ? given.filter((node) => previews.has(node)) : given;
  if (nodes.length === 0) return;
  if (verifier instanceof HumanVerifier) return yield* asked(context, verifier, nodes, part);
  const { results, milliseconds } = yield scoreCall(
    context,
    verifier,
    nodes,
    ({ image }) => image!,
    previews,
  );
  nodes.forEach((node, i) => {
    settleScore(context, verifier.name, node, results[i] as ScoreResult, milliseconds / nodes.length, part);
  });
}

/** Asks a verifier for the scores of candidates where they stand; `imageOf`: their pixels. */
export function scoreCall(
  { engine, problem }: Context,
  verifier: Verifier,
  nodes: readonly Node[],
  imageOf: (node: Node) => TensorId,
  previews?: ReadonlyMap<Node, TensorId>,
): Extract<EngineCall, { kind: "score" | "judge" }> {
  const { condition } = problem.sampling;
  const latent = seesLatent(verifier);
  const resident = verifier.within?.(engine);
  const meant = verifier.encode ? verifier.encode(condition?.name) : condition?.condition;
  const jobs = nodes.map((node): ScoreJob => ({
    verifier: resident ?? verifier.name,
    image: latent ? shownState(node, "score") : imageOf(node),
    ...(previews ? { reference: previews.get(node)! } : {}),
    ...(meant ? { condition: meant } : {}),
  }));
  if (resident !== undefined) return { kind: "score", jobs };
  const candidates = nodes.map(({ id }) => id);
  return { kind: "judge", candidates, verifier, condition: condition?.name, jobs };
}

/** Of a verifier that compares: the decoded preview of each clean candidate; undefined: it does not compare. */
function* previewsFor(
  context: Context,
  verifier: Verifier,
  nodes: readonly Node[],
  part: Part,
): Work<ReadonlyMap<Node, TensorId> | undefined> {
  const level = scheduled(verifier.previewLevel, context.problem.sampling);
  if (level === undefined) return undefined;
  const missing = (node: Node, why: string): void => unscored(context, verifier.name, node, part, why);
  const known: { node: Node; from: TensorId }[] = [];
  for (const node of nodes.filter((one) => one.level === 0)) {
    const from = keptPreview(node, level);
    if (from === undefined) missing(node, "its way was made without the preview that is compared");
    else known.push({ node, from });
  }
  return yield* decodingStates(context, known, (node, why) =>
    missing(node, `its preview could not be decoded: ${why}`),
  );
}

export function settleScore(
  context: Context,
  verifier: string,
  node: Node,
  result: ScoreResult,
  milliseconds: number,
  part: Part,
): void {
  if (result.outcome === "aborted") return;
  const who = `verifier ${verifier}`;
  context.bill(node, { verifier, cached: result.cached, milliseconds });
  context.notices.tried(who);
  if (result.outcome === "scored") {
    node.score(verifier, result.score, node.level);
    context.tree.touch(node);
    if (part === "searched") context.scored(node);
  } else unscored(context, verifier, node, part, result.failure);
}

/** A held-out verifier never decides: the candidate lives on without its score. */
function unscored(context: Context, verifier: string, node: Node, part: Part, why: string): void {
  const who = `verifier ${verifier}`;
  if (part !== "held-out") return fail(context, node, who, why);
  node.failure = `${who}: ${why}`;
  context.notices.failed(who, why);
  context.tree.touch(node);
}
