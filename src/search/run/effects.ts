import type { Reservation } from "../engine/budget.js";
import type { PaidOp } from "../engine/op.js";
import type { Context } from "./context.js";
import { travel, travellers, trips, type Trip } from "./denoising.js";
import type { Work } from "./engineCall.js";
import { cheapestFinish } from "./finishing.js";
import type { Node } from "./node.js";
import { checkShown, decoding, scoring } from "./scoring.js";

/** Candidates that an operation left alive, how many it was for, and why it was not for all. */
export interface Outcome {
  readonly alive: readonly Node[];
  readonly asked: number;
  readonly refusal?: string;
}

/** Why not even the first candidate of this operation is affordable; undefined if it is. Reserves nothing. */
export function refusalOf(context: Context, op: PaidOp): string | undefined {
  const { guard, tree } = context;
  const first = { ...op, candidates: op.candidates.slice(0, 1) };
  const nodes = first.candidates.map((id) => tree.find(id));
  const { granted, refusal } =
    first.kind === "denoise" || first.kind === "preview"
      ? reserveTrips(context, trips(context, first, nodes.filter(costs(context, first))))
      : reserveShown(context, first, nodes);
  guard.settle();
  return granted === 0 && op.candidates.every((id) => costs(context, op)(tree.find(id)))
    ? refusal
    : undefined;
}

/** Reserves, executes and settles: the longest prefix of what costs something that overruns no limit, and all that is free. */
export function* performed(context: Context, op: PaidOp, rounds: number): Work<Outcome> {
  try {
    return yield* op.kind === "denoise" || op.kind === "preview"
      ? moved(context, op, rounds)
      : shown(context, op, rounds);
  } finally {
    context.guard.settle();
  }
}

function* moved(
  context: Context,
  op: Extract<PaidOp, { kind: "denoise" | "preview" }>,
  rounds: number,
): Work<Outcome> {
  const nodes = travellers(context, op, rounds);
  const isOpen = costs(context, op);
  const planned = trips(context, op, nodes.filter(isOpen));
  const { granted, refusal } = reserveTrips(context, planned);
  const free = new Set(nodes.filter((node) => !isOpen(node)));
  const arrived = new Set(yield* travel(context, op, planned.slice(0, granted)));
  const alive = nodes.filter((node) => arrived.has(node) || free.has(node));
  return { alive, asked: nodes.length, ...(refusal === undefined ? {} : { refusal }) };
}

function reserveTrips(context: Context, planned: readonly Trip[]): Reservation {
  const { guard } = context;
  const nfe = planned.map((trip) => trip.nfe);
  // Without a limit there is nothing to keep.
  if (guard.nfeLeft === Infinity || !context.keepsReserve()) return guard.reserveDenoise(nfe);
  const finish = planned.map((trip) => trip.finish);
  return guard.reserveDenoise(nfe, finish, cheapestFinish(context));
}

function* shown(
  context: Context,
  op: Extract<PaidOp, { kind: "decode" | "score" }>,
  rounds: number,
): Work<Outcome> {
  const nodes = op.candidates.map((id) => context.tree.find(id));
  const { granted, refusal } = reserveShown(context, op, nodes);
  const isOpen = costs(context, op);
  let left = granted;
  const paid = nodes.filter((node) => !isOpen(node) || left-- > 0);
  const alive = yield* op.kind === "score" ? scoring(context, paid, rounds) : decoding(context, paid);
  return { alive, asked: nodes.length, ...(refusal === undefined ? {} : { refusal }) };
}

function reserveShown(
  context: Context,
  op: Extract<PaidOp, { kind: "decode" | "score" }>,
  nodes: readonly Node[],
): Reservation {
  checkShown(context, nodes, op.kind);
  const open = nodes.filter(costs(context, op)).length;
  if (op.kind === "decode") return { granted: open };
  const spare = context.keepsReserve() && nodes.every(({ level }) => level > 0) ? 1 : 0;
  return context.guard.reserveScore(open, spare);
}

/** Whether the operation has anything to do for a candidate. */
function costs(context: Context, op: PaidOp): (node: Node) => boolean {
  switch (op.kind) {
    case "denoise":
      return () => true;
    case "preview":
      return ({ level, preview }) =>
        level > 0 && !(preview?.level === level && preview.lookahead === op.lookahead);
    case "decode":
      return ({ image }) => image === undefined;
    case "score":
      return (node) => !node.isScored(context.problem.searched.name);
  }
}
