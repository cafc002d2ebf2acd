/**
 * A neighbour of `pivot` on the sphere of its norm, at cosine `similarity`, in the random direction of `direction`
 * (standard normals of the same length): u = n/|n|, w = normalise(v - (v.u)u), y = |n| (c u + sqrt(1 - c^2) w).
 * Zero-order search of Ma et al. 2025 (arXiv 2501.09732), with the neighbour sampler of its first author. If the pivot is standard normal, so is y.
 * In double throughout: norm and cosine hold to 1e-6 after storage as float32. `similarity` in [-1, 1].
 */
export function around(pivot: Float32Array, direction: Float32Array, similarity: number): Float32Array {
  const norm = Math.sqrt(dot(pivot, pivot));
  if (!(norm > 0)) throw new RangeError("A pivot of norm 0 has no neighbours.");
  const along = dot(direction, pivot) / norm;
  let acrossSquared = 0;
  for (let i = 0; i < pivot.length; i++) acrossSquared += (direction[i]! - along * (pivot[i]! / norm)) ** 2;
  // In one dimension nothing is orthogonal to the pivot: only the pivot itself and its mirror image keep the norm.
  const across = acrossSquared > 0 ? Math.sqrt(1 - similarity * similarity) / Math.sqrt(acrossSquared) : 0;
  const alike = acrossSquared > 0 ? similarity : similarity < 0 ? -1 : 1;
  const neighbour = new Float32Array(pivot.length);
  for (let i = 0; i < pivot.length; i++) {
    const unit = pivot[i]! / norm;
    neighbour[i] = norm * (alike * unit + across * (direction[i]! - along * unit));
  }
  return neighbour;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * A neighbour of `pivot` at a distance from U(0, reach), in the random direction of `direction` (standard normals of the same length);
 * `uniform` in [0, 1) draws the distance. Noise-trajectory search of Ramesh and Mardani 2025 (arXiv 2506.03164).
 */
export function within(
  pivot: Float32Array,
  direction: Float32Array,
  reach: number,
  uniform: number,
): Float32Array {
  const norm = Math.sqrt(dot(direction, direction));
  const scale = norm > 0 ? (uniform * reach) / norm : 0;
  return pivot.map((value, i) => value + scale * direction[i]!);
}
