import { wholeNumber } from "../check.js";
import { normalCdf, normalDensity } from "./distributions.js";

/**
 * Expected largest of `n` independent standard normals, e_n: what best-of-n gains, in standard deviations, by selection alone. Integral of
 * n x phi(x) Phi(x)^(n-1); the trapezoidal rule converges faster than any power for it.
 */
export function expectedMaximum(n: number): number {
  wholeNumber(n, "n", 1);
  const step = 1 / 64;
  let sum = 0;
  for (let x = -12; x <= 12; x += step) sum += n * x * normalDensity(x) * normalCdf(x) ** (n - 1);
  return sum * step;
}

/**
 * What selecting the best of `n` by a verifier does to it and to the truth, when both are normal and correlate by `correlation`, in standard
 * deviations: e_n, correlation e_n, and the gap between them, which is how far the verifier's own number exaggerates.
 */
export function expectedWinner(
  n: number,
  correlation: number,
): { readonly searched: number; readonly heldOut: number; readonly gap: number } {
  const searched = expectedMaximum(n);
  return { searched, heldOut: correlation * searched, gap: (1 - correlation) * searched };
}
