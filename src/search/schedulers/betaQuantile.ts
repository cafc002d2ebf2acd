/**
 * Quantile of the beta distribution: x with I_x(a, b) = p, to about 1e-14. `scipy.stats.beta.ppf`, which the beta noise schedule
 * (Lee et al. 2024, arXiv 2407.12173) is made with.
 */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  // Near 1 the distance to 1 is what has digits.
  if (p > 0.5) return 1 - lowerQuantile(1 - p, b, a);
  return lowerQuantile(p, a, b);
}

function lowerQuantile(p: number, a: number, b: number): number {
  const scale = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b));
  let [low, high] = [0, 1];
  // I_x is about scale x^a / a near 0.
  let x = Math.min(((p * a) / scale) ** (1 / a), 0.9);
  for (let i = 0; i < 200; i++) {
    const excess = regularized(x, a, b, scale) - p;
    if (excess > 0) high = x;
    else low = x;
    const slope = scale * x ** (a - 1) * (1 - x) ** (b - 1);
    let next = x - excess / slope;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - x) <= 1e-16 * x) return next;
    x = next;
  }
  return x;
}

/** I_x(a, b) by its continued fraction (DLMF 8.17.22), evaluated by Lentz's method. */
function regularized(x: number, a: number, b: number, scale: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - regularized(1 - x, b, a, scale);
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const term of [even, odd]) {
      d = 1 / notZero(1 + term * d);
      c = notZero(1 + term / c);
      fraction *= d * c;
    }
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return (scale * x ** a * (1 - x) ** b * fraction) / a;
}

function notZero(x: number): number {
  return Math.abs(x) < 1e-300 ? 1e-300 : x;
}

/** Lanczos' approximation with g = 7 and nine terms: 15 digits for x > 0. */
function logGamma(x: number): number {
  const terms = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const series = terms.reduce((sum, term, i) => (i === 0 ? term : sum + term / (x - 1 + i)), 0);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series);
}
