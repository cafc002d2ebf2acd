import { uniforms } from "../random/uniforms.js";
import type { QuestionRecord } from "../record.js";
import type { HumanVerifier } from "../verifiers/human.js";
import { ladderScores, type Anchor } from "../verifiers/ladder.js";
import type { Context } from "./context.js";
import type { Work } from "./engineCall.js";
import type { Node } from "./node.js";
import { settleScore, type Part } from "./scoring.js";

/** Scores by a person. Who is dropped by hand is out of the search, if the person drives it. */
export function* asked(
  context: Context,
  verifier: HumanVerifier,
  nodes: readonly Node[],
  part: Part,
): Work<void> {
  const anchor = anchorOf(context, verifier.name, nodes);
  const { pick, cached = false } = yield {
    kind: "ask",
    question: questionOf(context, verifier, nodes, anchor),
  };
  if (!pick) return;
  context.picks.push(pick);
  const scores = ladderScores(pick, anchor);
  for (const node of nodes) {
    const score = scores.get(node.id);
    if (score !== undefined) {
      settleScore(context, verifier.name, node, { outcome: "scored", score, cached }, 0, part);
      continue;
    }
    context.bill(node, { verifier: verifier.name, cached });
    if (part !== "held-out") context.tree.mark(node, "dropped");
    context.tree.touch(node);
  }
}

/** The best of those that the person has judged at the level of these: what new ones are measured by. */
function anchorOf({ tree }: Context, verifier: string, nodes: readonly Node[]): Anchor | undefined {
  const level = nodes[0]?.level;
  if (nodes.some((node) => node.level !== level)) return undefined;
  let anchor: Anchor | undefined;
  for (const node of tree.entered) {
    const score = node.scoreBy(verifier);
    // Its picture must be that of the score: one that has gone on is another by now.
    if (score === undefined || node.scoredAt !== level || node.level !== level || nodes.includes(node))
      continue;
    if (!anchor || score > anchor.score) anchor = { id: node.id, score };
  }
  return anchor;
}

/** In an order that says nothing, the same each time: Fisher and Yates, from the run's seed. */
function questionOf(
  { making, picks }: Context,
  { name, question }: HumanVerifier,
  nodes: readonly Node[],
  anchor: Anchor | undefined,
): QuestionRecord {
  const candidates = [...nodes.map(({ id }) => id), ...(anchor ? [anchor.id] : [])];
  const number = picks.length + 1;
  const chances = uniforms(making.key(`${name}/${number}`), candidates.length);
  for (let i = candidates.length - 1; i > 0; i--) {
    const j = Math.floor(chances[i]! * (i + 1));
    [candidates[i], candidates[j]] = [candidates[j]!, candidates[i]!];
  }
  const round = Math.max(...nodes.map((node) => node.round));
  return { number, verifier: name, ...(question === undefined ? {} : { text: question }), round, candidates };
}
