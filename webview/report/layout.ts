import { scaleLinear, scaleLog } from "d3-scale";
import { area, line } from "d3-shape";
import { curvePoint, type CurvePoint } from "../../src/search/curvePoint.js";
import type { ReportRow } from "../../src/search/reportRecord.js";
import { pushApart } from "../trace/labels.js";
import type { Curve, Panel } from "./model.js";

/** Where everything of one panel stands, in CSS pixels from its upper left corner. */
export interface PanelLayout {
  readonly width: number;
  readonly height: number;
  readonly plot: {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  };
  readonly xTicks: readonly { readonly x: number; readonly budget: number; readonly shown: boolean }[];
  readonly yTicks: readonly { readonly y: number; readonly value: number }[];
  readonly curves: readonly CurveLayout[];
}

export interface CurveLayout {
  readonly curve: Curve;
  readonly line: string;
  /** Of the intervals; absent where there are none. */
  readonly band: string | undefined;
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly row: ReportRow;
    readonly point: CurvePoint;
  }[];
  /** Through the means as the winners were selected; absent where a second evaluation says the same, or there is none. */
  readonly selected: string | undefined;
  /** Middle of its label. */
  readonly labelY: number;
}

export interface PanelSize {
  readonly width: number;
  readonly height: number;
  /** Room on the left for the numbers, on the right for the labels at the lines' ends. */
  readonly left: number;
  readonly right: number;
}

const HEIGHT = 264;
const TOP = 12;
const BOTTOM = 26;
const LABEL_HEIGHT = 16;
const TICK_ROOM = 42;

/** Of all panels of a report: each label of a curve has its line. */
export function panelHeight(panels: readonly Panel[]): number {
  return Math.max(HEIGHT, ...panels.map(({ curves }) => curves.length * LABEL_HEIGHT + BOTTOM));
}

export function layoutPanel({ curves }: Panel, size: PanelSize): PanelLayout {
  const plot = {
    left: size.left,
    right: Math.max(size.left + 20, size.width - size.right),
    top: TOP,
    bottom: size.height - BOTTOM,
  };
  const found = curves.map((curve) => ({
    curve,
    found: curve.rows.map((row) => ({ row, point: curvePoint(row)! })),
  }));
  const all = found.flatMap(({ found }) => found);
  const budgets = [...new Set(all.map(({ row }) => row.budget))].sort((a, b) => a - b);
  const x = scaleLog()
    .base(2)
    .domain(span(budgets, (low, high) => [low / Math.SQRT2, high * Math.SQRT2]))
    .range([plot.left, plot.right]);
  const values = all.flatMap(({ point: { value, low, high, selected } }) => [
    ...[value, low ?? value, high ?? value, selected ?? value],
  ]);
  const y = scaleLinear()
    .domain(
      span(values, (low, high) => [low - 0.5 * (Math.abs(low) || 1), high + 0.5 * (Math.abs(high) || 1)]),
    )
    .nice(5)
    .range([plot.bottom, plot.top]);
  const through = line<{ x: number; y: number }>(
    (place) => place.x,
    (place) => place.y,
  );
  const drawn = found.map(({ curve, found }) => {
    const points = found.map((one) => ({ ...one, x: x(one.row.budget), y: y(one.point.value) }));
    const banded = points.filter(({ point: { low, high } }) => low !== undefined && high !== undefined);
    const band =
      banded.length > 1
        ? area<(typeof banded)[number]>(
            (one) => one.x,
            (one) => y(one.point.low!),
            (one) => y(one.point.high!),
          )(banded)
        : null;
    const isRepeated = points.some(({ point }) => point.selected !== undefined);
    return {
      ...{ curve, points, line: through(points)!, band: band ?? undefined },
      selected: isRepeated
        ? through(points.map(({ x, point }) => ({ x, y: y(point.selected ?? point.value) })))!
        : undefined,
    };
  });
  const labels = pushApart(
    drawn.map(({ points }) => points.at(-1)!.y),
    LABEL_HEIGHT,
    0,
    // The name of the axis stands below.
    plot.bottom + LABEL_HEIGHT / 2,
  );
  return {
    width: size.width,
    height: size.height,
    plot,
    xTicks: spaced(budgets.map((budget) => ({ x: x(budget), budget }))),
    yTicks: y.ticks(5).map((value) => ({ y: y(value), value })),
    curves: drawn.map((one, i) => ({ ...one, labelY: labels[i]! })),
  };
}

/** The ends of some numbers; of none, or of one alone, what `widen` makes of it. */
function span(
  numbers: readonly number[],
  widen: (low: number, high: number) => [number, number],
): [number, number] {
  if (numbers.length === 0) return [1, 2];
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return low < high ? [low, high] : widen(low, high);
}

/** Every budget has a tick; a label only where there is room, the last one always. */
function spaced(ticks: readonly { readonly x: number; readonly budget: number }[]): PanelLayout["xTicks"] {
  let next = Infinity;
  return [...ticks]
    .reverse()
    .map((tick) => {
      const shown = tick.x <= next - TICK_ROOM;
      if (shown) next = tick.x;
      return { ...tick, shown };
    })
    .reverse();
}

/** Where the interval of a gain stands on a bar of `width`, and where no gain is; all of a column share the scale. */
export function intervalScale(
  rows: readonly (ReportRow | undefined)[],
  width: number,
): (value: number) => number {
  const values = rows
    .flatMap((row) => [row?.gain, row?.gainLow, row?.gainHigh])
    .filter((one) => one !== undefined);
  const scale = scaleLinear()
    .domain([Math.min(0, ...values), Math.max(0, ...values, Number.MIN_VALUE)])
    .range([5, width - 5]);
  return (value) => scale(value);
}
