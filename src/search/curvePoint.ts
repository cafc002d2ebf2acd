import type { ReportRow } from "./reportRecord.js";

/** Of the score: one image alone and in a batch are rounded otherwise, which is no luck of selection. */
export const ROUNDING_SHARE = 1e-4;

/** A point of a scaling curve, in units of the row's verifier. */
export interface CurvePoint {
  /** What the curve goes through: the mean of the winners by the second evaluation where there is one, else as they were selected. */
  readonly value: number;
  /** Lower end of its interval. */
  readonly low: number | undefined;
  /** Upper end of it. */
  readonly high: number | undefined;
  /** The mean as the winners were selected, where a second evaluation says another. */
  readonly selected: number | undefined;
}

/**
 * What a curve draws of a row. The largest of several noisy scores is too high on average, so the score that winners were selected by is no
 * measure of them. Undefined without a score. A row of an older report may have a second evaluation without an interval: then there is none.
 */
export function curvePoint(row: ReportRow): CurvePoint | undefined {
  const { mean, low, high, fresh, freshLow, freshHigh } = row;
  if (fresh !== undefined && (mean === undefined || Math.abs(fresh - mean) > ROUNDING_SHARE * Math.abs(mean)))
    return { value: fresh, low: freshLow, high: freshHigh, selected: mean };
  return mean === undefined ? undefined : { value: mean, low, high, selected: undefined };
}
