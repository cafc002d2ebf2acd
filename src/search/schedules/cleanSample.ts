import type { PathPoint } from "./pathPoint.js";

/** What a network gives: the velocity z - x0 of the flow path, or one of the three of a variance-preserving one (v = signal z - noise x0). */
export type Prediction = "flow" | "epsilon" | "v" | "sample";

/** The x0-prediction, value by value: from the state x = signal x0 + noise z and what the network gives there. */
export type CleanSample = (x: number, output: number) => number;

export function cleanSample(prediction: Prediction, { signal, noise }: PathPoint): CleanSample {
  switch (prediction) {
    case "flow":
      return (x, velocity) => x - noise * velocity;
    case "epsilon":
      return (x, epsilon) => (x - noise * epsilon) / signal;
    case "v":
      return (x, v) => signal * x - noise * v;
    case "sample":
      return (_x, sample) => sample;
  }
}
