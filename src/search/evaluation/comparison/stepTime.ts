/** One trajectory that was timed. */
export interface TimedSample {
  readonly nfe: number;
  readonly milliseconds: number;
}

/** A line through timed samples: `fixed` + `perNfe` x NFE, in milliseconds. */
export interface TimeLine {
  readonly perNfe: number;
  /** What a sample costs beside its steps: decoding, scoring, calls. */
  readonly fixed: number;
}

/**
 * What a step of a single trajectory takes on this machine, from all samples that were timed: the median of the slopes of all pairs (Theil 1950, Sen
 * 1968), which stands until 29 % of the samples were disturbed by something else that ran.
 */
export class StepTime {
  readonly #samples: TimedSample[] = [];

  add(sample: TimedSample): void {
    this.#samples.push(sample);
  }

  /** Throws before the first sample. */
  get line(): TimeLine {
    const samples = this.#samples;
    const slopes = samples.flatMap((one, i) =>
      samples
        .slice(i + 1)
        .filter(({ nfe }) => nfe !== one.nfe)
        .map((other) => (other.milliseconds - one.milliseconds) / (other.nfe - one.nfe)),
    );
    const slope = slopes.length > 0 ? median(slopes) : 0;
    // Where the clock saw nothing, a sample's own rate.
    if (!(slope > 0))
      return { perNfe: median(samples.map(({ nfe, milliseconds }) => milliseconds / nfe)), fixed: 0 };
    const fixed = median(samples.map(({ nfe, milliseconds }) => milliseconds - slope * nfe));
    return { perNfe: slope, fixed: Math.max(0, fixed) };
  }
}

function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("There is no median of nothing.");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
