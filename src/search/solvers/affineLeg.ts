import type { Schedule, Scheduler, State } from "../schedulers/scheduler.js";
import type { AffineMove, AffineWay } from "./affineWay.js";
import type { SolverOptions } from "./solverSpec.js";

/** What a leg is made of; `lift` and `land` are between states on the path and the scheduler's own, at its two ends. */
export interface LegParts {
  readonly scheduler: Scheduler;
  readonly way: Schedule;
  /** Evaluations. */
  readonly calls: number;
  readonly options: SolverOptions;
  readonly timeOf: (timestep: number) => number;
  readonly lift: number;
  readonly land: number;
}

/** Relative, of float32 arithmetic over the steps of a schedule. */
const TOLERANCE = 1e-4;

/**
 * The steps of a scheduler as affine moves, found by giving it unit values: of the state, of the output and of the noise at each step, and what
 * of them is still seen a step later beside the state itself, which is its history. Undefined where the scheduler is not like that: it clips,
 * thresholds, or remembers further back. That is tried out on other values before it is believed.
 */
export function affineLeg(parts: LegParts): AffineWay | undefined {
  const { scheduler, way, calls, options, timeOf, lift, land } = parts;
  const step = (state: State, output: Float32Array, noise: Float32Array): State =>
    scheduler.step(way, state, output, { ...options, noise });
  const zero = (): Float32Array => new Float32Array(3);
  // The states of a trip in which everything is zero, with the history that they have.
  const empty = [scheduler.begin(zero())];
  while (empty.length <= calls) empty.push(step(empty.at(-1)!, zero(), zero()));
  if (empty.some(({ sample }) => sample.some((value) => value !== 0))) return undefined;
  const units = empty.slice(0, calls).map((state) => ({ ...state, sample: Float32Array.of(1, 0, 0) }));
  const inputs = units.map((state) => scheduler.scaleModelInput(way, state)[0]!);
  const nexts = units.map((state) => step(state, Float32Array.of(0, 1, 0), Float32Array.of(0, 0, 1)));
  const factors = [...inputs, land];
  const moves: AffineMove[] = [];
  let drawn = 0;
  for (const [i, { sample }] of nexts.entries()) {
    const [keep, slope, add] = [...sample] as [number, number, number];
    const isNoisy = scheduler.isStochastic(way, empty[i]!, options);
    const memory =
      i + 1 < calls ? remembered(step(nexts[i]!, zero(), zero()), sample, nexts[i + 1]!) : undefined;
    if (memory && Math.abs(memory[2]) > TOLERANCE) return undefined;
    const [here, next] = [factors[i]!, factors[i + 1]!];
    moves.push({
      time: timeOf(way.timesteps[i]!),
      ...{ keep: (keep * next) / here, slope: slope * next, add: isNoisy ? add * next : 0 },
      ...(isNoisy ? { chance: drawn++ } : {}),
      past: moves.at(-1)?.remember ? next : 0,
      ...(memory ? { remember: { keep: memory[0] / here, slope: memory[1] } } : {}),
    });
  }
  const found = { start: lift * factors[0]!, moves };
  return isRight(found, factors, parts) ? found : undefined;
}

/** What of state, output and noise is in the state after the next one other than through the next one; undefined: nothing. */
function remembered(
  { sample: later }: State,
  next: Float32Array,
  { sample: unit }: State,
): [number, number, number] | undefined {
  const left = [0, 1, 2].map((i) => later[i]! - unit[0]! * next[i]!) as [number, number, number];
  return left.some((value) => Math.abs(value) > 1e-6) ? left : undefined;
}

/** Whether the moves take some states with some outputs where the scheduler takes them, at each step: the last one often forgets the others. */
function isRight(
  { start, moves }: AffineWay,
  factors: readonly number[],
  { scheduler, way, options, lift }: LegParts,
): boolean {
  const values = (seed: number): Float32Array =>
    Float32Array.from({ length: 6 }, (_, i) => 2 * Math.sin(1 + 12.9898 * seed + 78.233 * i));
  let state = scheduler.begin(values(0).map((value) => value * lift));
  let x = Float64Array.from(values(0), (value) => value * start);
  let m = new Float64Array(x.length);
  for (const [i, { keep, slope, add, past, remember }] of moves.entries()) {
    const [out, z] = [values(2 * i + 1), values(2 * i + 2)];
    state = scheduler.step(way, state, out.slice(), { ...options, noise: z });
    const now = x;
    x = now.map((value, j) => keep * value + slope * out[j]! + add * z[j]! + past * m[j]!);
    m = now.map((value, j) => (remember ? remember.keep * value + remember.slope * out[j]! : 0));
    const size = Math.max(1, ...x.map(Math.abs));
    const factor = factors[i + 1]!;
    if (x.some((value, j) => !(Math.abs(value - factor * state.sample[j]!) <= TOLERANCE * size)))
      return false;
  }
  return true;
}
