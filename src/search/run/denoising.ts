import { InputError } from "../inputError.js";
import type { DenoiseJob, JobResult, NoiseKey } from "../engine/engine.js";
import { forwardsOf } from "../engine/guidedNetwork.js";
import type { DenoiseOp, PreviewOp } from "../engine/op.js";
import { denoiseId, evaluationId } from "../engine/tensorId.js";
import { equalLevels, levelsBetween } from "../schedules/flow.js";
import { evaluationsOf } from "../engine/trajectories.js";
import { courseOf } from "../solvers/courses.js";
import { drawn, fail, portions, settleJob, type Context } from "./context.js";
import type { Work } from "./engineCall.js";
import { finishCost } from "./finishing.js";
import { keptOnTrip, previewLevels, type WantedPreview } from "./keptPreviews.js";
import type { Making } from "./making.js";
import type { Node } from "./node.js";
import { overlaps } from "./scoringAhead.js";

/** A candidate on its way, with the NFE that it costs with an empty cache. */
export interface Trip {
  readonly node: Node;
  readonly job: DenoiseJob;
  readonly nfe: number;
  /** NFE from where it lands to level 0, by the method of the problem. */
  readonly finish: number;
  /** x0-predictions on its way that verifiers are going to ask for. */
  readonly kept: readonly WantedPreview[];
  /** What the engine keeps of it. */
  readonly makes: readonly string[];
}

/** Checks the levels of an operation, and makes the children that it wants. Candidates that have nothing to pay are given as they are. */
export function travellers(context: Context, op: DenoiseOp | PreviewOp, rounds: number): Node[] {
  const nodes = op.candidates.map((id) => context.tree.find(id));
  if (op.kind === "preview") return nodes;
  for (const { id, level } of nodes) {
    if (level <= op.to)
      throw new InputError(`denoise: ${id} is at level ${level}, which is not above ${op.to}.`);
  }
  const { children, noises } = op;
  if (!noises && children === undefined) return nodes;
  const chances =
    noises?.map((id) => context.tree.find(id)) ?? Array.from({ length: children! }, () => undefined);
  return nodes.flatMap((parent) => chances.map((noise) => context.making.child(parent, rounds, noise)));
}

/** The jobs that take them there, and what each costs; a later one profits from what an earlier one makes. */
export function trips(context: Context, op: DenoiseOp | PreviewOp, nodes: readonly Node[]): Trip[] {
  const levelsOf = levelsFor(context, op);
  const noises = op.kind === "denoise" ? (op.noises?.map((id) => context.tree.find(id).draw.id) ?? []) : [];
  const jobs = nodes.map((node, i) =>
    jobOf(context, op, node, levelsOf(node.level), noises[i % noises.length]),
  );
  const starts = jobs.map((job) => startOf(context, job));
  const sharing = new Map<string, number>();
  for (const start of starts) sharing.set(start, (sharing.get(start) ?? 0) + 1);
  const branches = op.kind === "preview" || op.children !== undefined || op.noises !== undefined;
  const wanted = op.kind === "preview" ? [] : previewLevels(context.problem);
  const made = new Set<string>();
  const has = (id: string): boolean => made.has(id) || context.made.has(id);
  return nodes.map((node, i) => {
    const keepsEvaluation = branches || sharing.get(starts[i]!)! > 1;
    const kept = keptOnTrip(wanted, jobs[i]!);
    const keeps = kept.map(({ id, level }) => ({ id, level }));
    const job = {
      ...jobs[i]!,
      ...(keepsEvaluation ? { keepsEvaluation } : {}),
      ...(keeps.length > 0 ? { keeps } : {}),
    };
    const results = [job.id, ...keeps.map(({ id }) => id)];
    const nfe = results.every(has) ? 0 : evaluations(job) - (has(starts[i]!) ? 1 : 0);
    const makes = keepsEvaluation ? [...results, starts[i]!] : results;
    for (const id of makes) made.add(id);
    const isPreview = op.kind === "preview";
    // A preview leaves its evaluation to the step after it.
    const finish = finishCost(context, isPreview ? node.level : op.to, isPreview);
    return { node, job, nfe, finish, kept, makes };
  });
}

/** Runs them; gives those that arrived. */
export function* travel(context: Context, op: DenoiseOp | PreviewOp, planned: readonly Trip[]): Work<Node[]> {
  const alive: Node[] = [];
  const scoredNext = op.kind === "denoise" && op.score === true && op.to === 0;
  let left = planned.length;
  // In the smallest steps that fill a batch, so that scoring can begin early.
  const batches = scoredNext && overlaps(context) ? 1 : undefined;
  for (const portion of portions(context, planned, batches)) {
    const nodes = portion.map(({ node }) => node);
    for (const { node, makes } of portion) {
      context.tree.enter(node);
      for (const id of makes) context.made.add(id);
    }
    const noises = op.kind === "denoise" ? (op.noises ?? []) : [];
    yield* drawn([...nodes, ...noises.map((id) => context.tree.find(id))]);
    const { results, milliseconds } = yield { kind: "denoise", jobs: portion.map(({ job }) => job) };
    const arrived = portion.filter((trip, i) =>
      arrive(context, op, trip, results[i] as JobResult, milliseconds / portion.length),
    );
    alive.push(...arrived.map(({ node }) => node));
    left -= portion.length;
    if (scoredNext && left > 0)
      context.arrived(
        op,
        arrived.map(({ node }) => node),
      );
  }
  return alive;
}

function arrive(
  context: Context,
  op: DenoiseOp | PreviewOp,
  { node, job, nfe, kept }: Trip,
  result: JobResult,
  milliseconds: number,
): boolean {
  const forwards = forwardsOf(nfe, job.condition, job.guidance);
  settleJob(context, node, result, { nfe, forwards }, milliseconds);
  context.notices.tried("the model");
  if (result.outcome === "aborted") context.tree.mark(node, "dropped");
  if (result.outcome === "failed") fail(context, node, "the model", result.failure ?? "no reason given");
  if (result.outcome !== "done") return false;
  node.image = undefined;
  if (op.kind === "preview") {
    node.preview = { level: node.level, lookahead: op.lookahead, state: job.id };
  } else {
    node.ways = [...node.ways, job];
    node.level = op.to;
    node.state = job.id;
    node.preview = undefined;
    if (kept.length > 0)
      node.kept = new Map([...node.kept, ...kept.map(({ wanted, id }) => [wanted, id] as const)]);
  }
  return true;
}

function jobOf(
  { engine, problem, making }: Context,
  op: DenoiseOp | PreviewOp,
  node: Node,
  levels: readonly number[],
  noise: string | undefined,
): DenoiseJob {
  const { guided, condition, methodAt, plain } = problem.sampling;
  // An x0-prediction is one step of Euler's method to level 0.
  const { solver, bridge, isStochastic } =
    op.kind === "preview" ? { solver: plain, bridge: undefined, isStochastic: false } : methodAt(op.eta);
  const stochastic = {
    ...(bridge === undefined ? {} : { eta: bridge }),
    key: chanceOf(making, op, node, levels, bridge),
    ...(noise === undefined ? {} : { noise }),
  };
  const parameters = {
    ...{ solver, levels, ...guided },
    ...(condition ? { condition: condition.condition } : {}),
    ...(isStochastic ? { stochastic } : {}),
  };
  return { id: denoiseId(engine.model.sha256, node.state, parameters), from: node.state, ...parameters };
}

/** A solver that adds noise goes on with the generator of its starting noise, as in diffusers; children would all have the same. */
function chanceOf(
  making: Making,
  op: DenoiseOp | PreviewOp,
  { id, level, state, draw }: Node,
  levels: readonly number[],
  bridge: number | undefined,
): NoiseKey {
  const isAlone = op.kind === "denoise" && op.children === undefined && op.noises === undefined;
  const atItsNoise = level === 1 && state === draw.id;
  if (draw.how === "prior" && draw.key.torch && atItsNoise && isAlone && bridge === undefined)
    return draw.key;
  return making.key(`step/${id}/${levels.at(-1)}`);
}

function startOf({ engine }: Context, job: DenoiseJob): string {
  const { from, solver, levels, condition } = job;
  return evaluationId(engine.model.sha256, from, courseOf(solver).outputName(levels[0]!), condition, job);
}

function evaluations(job: DenoiseJob): number {
  return evaluationsOf(courseOf(job.solver), job);
}

/** Levels from where a candidate stands; the same array for the same level. */
function levelsFor({ problem }: Context, op: DenoiseOp | PreviewOp): (from: number) => readonly number[] {
  const known = new Map<number, readonly number[]>();
  const { levels } = problem.sampling;
  return (from) => {
    let path = known.get(from);
    if (!path) {
      if (op.kind === "preview") path = equalLevels(from, 0, op.lookahead);
      else
        path =
          op.steps === undefined ? levelsBetween(levels, from, op.to) : equalLevels(from, op.to, op.steps);
      known.set(from, path);
    }
    return path;
  };
}
