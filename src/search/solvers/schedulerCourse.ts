import { bridge } from "../schedules/bridge.js";
import { edmPath, flowPath, preservingPath, type NoisePath } from "../schedules/noisePath.js";
import { CLEAN, type PathPoint } from "../schedules/pathPoint.js";
import { Arena, copied, mapped } from "../schedulers/arena.js";
import { isEdm } from "../schedulers/edm.js";
import type { DiffusersSchedulerConfig } from "../schedulers/scheduler.js";
import { edmOptions, schedulerFromConfig, trainedSignal } from "../schedulers/schedulerFromConfig.js";
import type { Tensor } from "../tensor.js";
import { affineLeg } from "./affineLeg.js";
import { joined, type AffineWay } from "./affineWay.js";
import type { Course, Network } from "./course.js";
import { rehearsed } from "./rehearsed.js";
import { schedulerGrid } from "./schedulerGrid.js";
import { predictionOf } from "./schedulerPrediction.js";
import type { SchedulerSpec } from "./solverSpec.js";

/** Part of a trip, by numbers of stands: the scheduler's own steps, within which its history lives. */
interface Leg {
  readonly from: number;
  readonly to: number;
}

/** One deterministic step of Euler's method on the noise path. */
interface Hop {
  readonly level: number;
  readonly next: number;
}

/** What the parts of a trip share. */
interface Trip {
  readonly network: Network;
  readonly noise: () => Float32Array;
  readonly arena: Arena;
}

/** A course with the levels of its full trajectory. */
export interface SchedulerCourse extends Course {
  readonly levels: readonly number[];
}

/**
 * A diffusers scheduler as a course. A full trajectory is exactly its loop. A trip that begins at a level of the schedule takes the rest of
 * it: what is multistep begins anew there, with the orders of a beginning. From and to levels that are not of the schedule a trip goes by
 * single deterministic steps of Euler's method on the noise path (DDIM), one evaluation each. Throws for what the scheduler refuses.
 */
export function schedulerCourse(spec: SchedulerSpec): SchedulerCourse {
  const { config, steps, options = {}, plain = false } = spec;
  const scheduler = schedulerFromConfig(config);
  const prediction = predictionOf(config);
  const path = pathOf(config);
  const schedule = scheduler.schedule(steps, spec.schedule);
  const noisy = rehearsed(scheduler, schedule, options);
  const { levels, stands, indexOf } = schedulerGrid(scheduler, schedule, path);
  const end = stands.length - 1;
  const trained = typeof config["num_train_timesteps"] === "number" ? config["num_train_timesteps"] : 1000;
  const timeOf = (timestep: number): number => (prediction === "flow" ? timestep / trained : timestep);
  const known = new WeakMap<readonly number[], number>();
  const ways = new WeakMap<readonly number[], { readonly way: AffineWay | undefined }>();

  function point(level: number): PathPoint {
    if (level === 0) return CLEAN;
    const at = indexOf(level);
    return at === undefined ? path.point(level) : stands[at]!;
  }

  /** What a state is multiplied with for the scheduler: where a trajectory starts it is a bare noise. */
  const lift = (at: number): number => (at === 0 ? schedule.initNoiseSigma : stands[at]!.scale);

  /** What the scheduler would show the network at a stand; off the grid the state itself. */
  function shown(x: Tensor, level: number): ReturnType<Course["shown"]> {
    const at = indexOf(level);
    if (at === undefined || at === end) return { input: x, time: path.time(level) };
    const { index } = stands[at]!;
    const data = scheduler.scaleModelInput(schedule, scheduler.begin(scaled(x, lift(at)).data, index));
    return { input: { data, shape: x.shape }, time: timeOf(schedule.timesteps[index]!) };
  }

  function onPath(x: Tensor, level: number): Tensor {
    return indexOf(level) === 0 ? scaled(x, lift(0) / stands[0]!.scale) : x;
  }

  function partsOf(way: readonly number[]): (Leg | Hop)[] {
    const parts: (Leg | Hop)[] = [];
    for (let i = 1; i < way.length; i++) {
      const [level, next] = [way[i - 1]!, way[i]!];
      const [from, to] = [indexOf(level), indexOf(next)];
      const last = parts.at(-1);
      if (plain || from === undefined || to !== from + 1) parts.push({ level, next });
      else if (last && "to" in last && last.to === from) parts[parts.length - 1] = { from: last.from, to };
      else parts.push({ from, to });
    }
    return parts;
  }

  /** The schedule of a leg, and where in it the leg ends. */
  function planned({ from, to }: Leg) {
    const way = scheduler.tail(schedule, stands[from]!.index);
    const stops = scheduler.stands(way).map(({ index }) => index);
    return { way, stops, calls: stops[to - from]! };
  }

  async function hop({ network, arena }: Trip, x: Tensor, { level, next }: Hop): Promise<Tensor> {
    const { input, time } = arena.during(() => shown(x, level));
    const { data: out } = await network(input, time, level);
    const { clean, state } = bridge(point(level), point(next), 0);
    const predict = path.clean(point(level));
    const data = arena.during(() =>
      mapped(onPath(x, level).data, (here, i) => clean * predict(here, out[i]!) + state * here),
    );
    arena.keepOnly(data);
    return { data, shape: x.shape };
  }

  async function take({ network, noise, arena }: Trip, x: Tensor, leg: Leg): Promise<Tensor> {
    const { way, stops, calls } = planned(leg);
    let step = 0;
    const batch = x.shape[0]!;
    let state = scheduler.begin(arena.during(() => scaled(x, lift(leg.from))).data);
    while (state.index < calls) {
      const from = state;
      const input = { data: arena.during(() => scheduler.scaleModelInput(way, from)), shape: x.shape };
      const time = timeOf(way.timesteps[state.index]!);
      if (stops[step + 1] === state.index) step++;
      const { data } = await network(input, time, levels[leg.from + step]!);
      const isNoisy = scheduler.isStochastic(way, state, options);
      const asked = { ...options, batch, ...(isNoisy ? { noise: noise() } : {}) };
      // A copy, because the history keeps it and the network may write its next output to the same place.
      state = arena.during(() => scheduler.step(way, from, copied(data), asked));
      arena.keepOnly(state);
    }
    const { sample } = state;
    return arena.during(() => scaled({ data: sample, shape: x.shape }, 1 / stands[leg.to]!.scale));
  }

  function affine(leg: Leg): AffineWay | undefined {
    const { way, calls } = planned(leg);
    return affineLeg({
      ...{ scheduler, way, calls, options, timeOf },
      ...{ lift: lift(leg.from), land: 1 / stands[leg.to]!.scale },
    });
  }

  /** A hop; on the path a state is what the network is shown. */
  function straight({ level, next }: Hop): AffineWay {
    const one = { data: Float32Array.of(1), shape: [1] };
    const { clean, state } = bridge(point(level), point(next), 0);
    const predict = path.clean(point(level));
    const move = { keep: clean * predict(1, 0) + state, slope: clean * predict(0, 1), add: 0, past: 0 };
    return {
      start: onPath(one, level).data[0]!,
      moves: [{ time: shown(one, level).time, ...move }],
    };
  }

  return {
    levels,
    point,
    onPath,
    shown,
    outputName(level) {
      const at = indexOf(level);
      if (at === undefined || at === end) return `${level}@${path.time(level)}`;
      const time = timeOf(schedule.timesteps[stands[at]!.index]!);
      return `${level}@${time}*${lift(at) / stands[at]!.scale}`;
    },
    clean: (level) => path.clean(point(level)),
    atState: "first",
    isStochastic: noisy && !plain,
    evaluations(way) {
      let count = known.get(way);
      if (count === undefined) {
        const each = partsOf(way).map((part) => ("to" in part ? planned(part).calls : 1));
        count = each.reduce((sum, calls) => sum + calls, 0);
        known.set(way, count);
      }
      return count;
    },
    affine(way) {
      let found = ways.get(way);
      if (!found) {
        found = { way: joined(partsOf(way).map((part) => ("to" in part ? affine(part) : straight(part)))) };
        ways.set(way, found);
      }
      return found.way;
    },
    async travel(network, start, way, noise) {
      let x = start;
      let drawn = 0;
      const trip = { network, noise: () => noise(drawn++), arena: new Arena() };
      for (const part of partsOf(way))
        x = "to" in part ? await take(trip, x, part) : await hop(trip, x, part);
      return x;
    },
  };
}

function pathOf(config: DiffusersSchedulerConfig): NoisePath {
  const prediction = predictionOf(config);
  if (prediction === "flow") return flowPath;
  return isEdm(config) ? edmPath(edmOptions(config)) : preservingPath(trainedSignal(config), prediction);
}

function scaled(x: Tensor, factor: number): Tensor {
  if (factor === 1) return x;
  return { data: mapped(x.data, (value) => value * factor), shape: x.shape };
}
